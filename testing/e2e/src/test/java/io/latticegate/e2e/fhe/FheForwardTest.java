package io.latticegate.e2e.fhe;

import static io.latticegate.e2e.fhe.FheCaller.blocks;
import static io.latticegate.e2e.fhe.FheCaller.code;
import static io.latticegate.e2e.fhe.FheCaller.json;
import static io.latticegate.e2e.fhe.FheCaller.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.e2e.LocalStack;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.wire.Compression;
import io.latticegate.testing.Await;
import io.latticegate.testing.Ports;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Encrypted compute through the data port of the gateway. */
@TestInstance(Lifecycle.PER_CLASS)
class FheForwardTest {
    private static final String ORIGIN = "https://app.example";
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int DIMENSION = 64;

    private final float[][] rows = Rows.random(1, 500, DIMENSION);
    private LocalStack stack;
    private FheCaller direct;
    private FheCaller caller;

    @BeforeAll
    void start() throws Exception {
        int port = Ports.free();
        stack = LocalStack.with()
                .setting("fhe.enabled", true)
                .setting("fhe.listen", "127.0.0.1:" + port)
                .setting("fhe.upstreams", List.of("127.0.0.1:" + Ports.free(), "127.0.0.1:" + port))
                .setting("security.cors.origins", List.of(ORIGIN))
                .start();
        String token = stack.token();
        direct = new FheCaller(stack.fheUrl(), token);
        caller = new FheCaller(stack.url(), token);
    }

    @AfterAll
    void stop() {
        caller.close();
        direct.close();
        stack.close();
    }

    @Test
    void keysAreStoredAndOperationsComputedThroughTheGateway() throws Exception {
        FheParty party = new FheParty(Preset.S13);
        String session = caller.session("S13");
        byte[] keys = party.relinearisation(Compression.NONE);
        HttpResponse<byte[]> stored = caller.put("/v1/fhe/sessions/" + session + "/keys/relin", keys);
        assertThat(stored.statusCode()).as(text(stored)).isEqualTo(201);
        JsonArray steps = new JsonArray()
                .add(new JsonObject().put("op", "square").put("a", 0))
                .add(new JsonObject().put("op", "relinearise").put("a", 1));
        JsonObject ops = new JsonObject().put("steps", steps).put("outputs", new JsonArray().add(2));
        byte[] input = party.encrypt(0.5, -0.25);
        HttpResponse<byte[]> through = caller.ops(session, ops, input);
        assertThat(through.statusCode()).as(text(through)).isEqualTo(200);
        HttpResponse<byte[]> straight = direct.ops(session, ops, input);
        assertThat(straight.statusCode()).as(text(straight)).isEqualTo(200);
        assertThat(FheCaller.frames(through.body()).get(1).payload())
                .isEqualTo(FheCaller.frames(straight.body()).get(1).payload());
    }

    @Test
    void aSearchAndItsJobAreThoseOfThePodThatIsThere() throws Exception {
        assertThat(caller.putIndex("through", rows, "S12").statusCode()).isEqualTo(201);
        FheParty.Searcher searcher = new FheParty(Preset.S12).searcher(caller.index("through"));
        JsonObject request =
                new JsonObject().put("session", caller.session("S12")).put("job", "through-the-gateway");
        HttpResponse<byte[]> answer = caller.search("through", request, searcher.query(rows[17]));
        assertThat(Rows.best(searcher.scores(blocks(answer)), 1)).containsExactly(17);
        assertThat(json(caller.get("/v1/fhe/jobs/through-the-gateway")).getString("state"))
                .isEqualTo("done");
        assertThat(code(caller.get("/v1/fhe/jobs/unknown-job"))).isEqualTo("404 not_found");
    }

    @Test
    void refusalsPassUnchanged() throws Exception {
        try (FheCaller stranger = new FheCaller(stack.url(), "sk-AAAAAAAAAAAAAAAAAAAAAA")) {
            assertThat(code(stranger.get("/v1/fhe/sessions"))).startsWith("401 ");
        }
        assertThat(code(caller.send("POST", "/v1/encrypt", "application/json", BodyPublishers.ofString("{}"))))
                .isEqualTo("410 gone");
        assertThat(code(caller.get("/v1/fhe/nothing"))).isEqualTo("404 not_found");
        assertThat(code(caller.put("/v1/fhe/indexes/bad?rows=2&dimension=4", new byte[33])))
                .isEqualTo("422 invalid_rows");
        HttpResponse<byte[]> tooMuch = caller.send(
                "PUT",
                "/v1/fhe/indexes/bad?rows=10000000&dimension=4096",
                "application/octet-stream",
                BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[8 << 20])));
        assertThat(code(tooMuch)).isEqualTo("429 quota_exceeded");
        assertThat(json(caller.get("/v1/fhe/capabilities")).getJsonArray("operations"))
                .contains("search");
    }

    @Test
    void browsersOfAllowedOriginsMayAsk() throws Exception {
        try (HttpClient browser = HttpClient.newHttpClient()) {
            HttpRequest.Builder preflight = HttpRequest.newBuilder(URI.create(stack.url() + "/v1/fhe/sessions"))
                    .method("OPTIONS", BodyPublishers.noBody())
                    .header("Access-Control-Request-Method", "POST")
                    .header("Access-Control-Request-Headers", "authorization,content-type");
            HttpResponse<String> allowed =
                    browser.send(preflight.copy().header("Origin", ORIGIN).build(), BodyHandlers.ofString());
            assertThat(allowed.statusCode()).isEqualTo(204);
            assertThat(allowed.headers().firstValue("Access-Control-Allow-Origin"))
                    .contains(ORIGIN);
            assertThat(allowed.headers().firstValue("Access-Control-Allow-Methods"))
                    .contains("GET, POST, PUT, DELETE");
            HttpRequest params = HttpRequest.newBuilder(URI.create(stack.url() + "/v1/fhe/params"))
                    .header("Origin", ORIGIN)
                    .build();
            assertThat(browser.send(params, BodyHandlers.ofString())
                            .headers()
                            .firstValue("Access-Control-Allow-Origin"))
                    .contains(ORIGIN);
            HttpResponse<String> foreign = browser.send(
                    preflight.copy().header("Origin", "https://evil.example").build(), BodyHandlers.ofString());
            assertThat(foreign.headers().firstValue("Access-Control-Allow-Origin"))
                    .isEmpty();
        }
    }

    @Test
    void withoutAPodTheRefusalSaysSo() throws Exception {
        try (LocalStack alone = LocalStack.with()
                        .setting("fhe.enabled", true)
                        .setting("fhe.upstreams", List.of("127.0.0.1:" + Ports.free()))
                        .start();
                FheCaller lonely = new FheCaller(alone.url(), alone.token())) {
            HttpResponse<byte[]> answer = lonely.get("/v1/fhe/params");
            assertThat(code(answer)).isEqualTo("503 fhe_unavailable");
            assertThat(answer.headers().firstValue("Retry-After")).contains("1");
        }
    }

    @Test
    void whatAPodCutsOffIsNeverAWholeAnswer() throws Exception {
        String begun = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n";
        try (ExecutorService threads = Executors.newSingleThreadExecutor();
                ServerSocket pod = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
                LocalStack cut = LocalStack.with()
                        .setting("fhe.enabled", true)
                        .setting("fhe.upstreams", List.of("127.0.0.1:" + pod.getLocalPort()))
                        .start()) {
            assertThat(served(threads, pod, socket -> write(socket, begun), () -> raw(cut.url())))
                    .contains("hello")
                    .doesNotContain("\r\n0\r\n");
            assertThat(served(threads, pod, socket -> {}, () -> raw(cut.url())))
                    .startsWith("HTTP/1.1 502")
                    .contains("fhe_interrupted");
        }
    }

    @Test
    void whatAClientCutsOffIsNeverAWholeBody() throws Exception {
        try (ExecutorService threads = Executors.newSingleThreadExecutor();
                ServerSocket pod = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
                LocalStack cut = LocalStack.with()
                        .setting("fhe.enabled", true)
                        .setting("fhe.upstreams", List.of("127.0.0.1:" + pod.getLocalPort()))
                        .start()) {
            ByteArrayOutputStream received = new ByteArrayOutputStream();
            Future<?> pods = threads.submit(() -> {
                try (Socket socket = pod.accept()) {
                    readTo(received, socket.getInputStream());
                }
                return null;
            });
            URI root = URI.create(cut.url());
            try (Socket client = new Socket(root.getHost(), root.getPort())) {
                client.setSoLinger(true, 0);
                write(client, """
                        PUT /v1/fhe/indexes/a HTTP/1.1\r
                        Host: x\r
                        Transfer-Encoding: chunked\r
                        \r
                        5\r
                        hello\r
                        """);
                Await.until(
                        PATIENCE,
                        "the pod to read what came",
                        () -> ascii(received).contains("hello"));
            }
            pods.get();
            assertThat(ascii(received)).doesNotContain("\r\n0\r\n");
        }
    }

    private interface Asking {
        String ask() throws IOException;
    }

    /** What a client is told while a pod takes one request, does something and closes. */
    private static String served(ExecutorService threads, ServerSocket pod, Consumer<Socket> answer, Asking client)
            throws Exception {
        Future<?> served = threads.submit(() -> {
            try (Socket socket = pod.accept()) {
                byte[] head = new byte[4_096];
                assertThat(socket.getInputStream().read(head)).isPositive();
                answer.accept(socket);
            }
            return null;
        });
        String told = client.ask();
        served.get();
        return told;
    }

    private static void write(Socket socket, String text) {
        try {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        }
    }

    /** Everything that comes until the connection ends. */
    private static String raw(String url) throws IOException {
        URI root = URI.create(url);
        try (Socket socket = new Socket(root.getHost(), root.getPort())) {
            socket.getOutputStream()
                    .write("GET /v1/fhe/params HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            readTo(text, socket.getInputStream());
            return ascii(text);
        }
    }

    private static String ascii(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.US_ASCII);
    }

    private static void readTo(ByteArrayOutputStream to, InputStream in) {
        byte[] chunk = new byte[4_096];
        try {
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                to.write(chunk, 0, read);
            }
        } catch (IOException reset) {
            to.writeBytes("<reset>".getBytes(StandardCharsets.US_ASCII));
        }
    }
}
