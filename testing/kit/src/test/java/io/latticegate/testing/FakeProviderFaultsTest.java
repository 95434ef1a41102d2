package io.latticegate.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.testing.RecordedRequest.Outcome;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class FakeProviderFaultsTest {
    private static final Duration DEADLINE = Duration.ofSeconds(5);

    private FakeProvider provider;

    @BeforeEach
    void start() {
        provider = FakeProvider.start();
    }

    @AfterEach
    void stop() {
        provider.close();
    }

    private static String chat(String directives, boolean stream) {
        return "{\"model\":\"gpt-4o-mini" + directives + "\",\"stream\":" + stream
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    }

    private HttpResponse<String> post(String directives, boolean stream) throws IOException, InterruptedException {
        return Call.openAi(provider).post("/v1/chat/completions", chat(directives, stream));
    }

    /** A connection that has sent one chat request. */
    private Socket open(String directives, boolean stream) throws IOException {
        Socket socket = new Socket(Ports.loopback(), provider.port());
        socket.setSoTimeout((int) DEADLINE.toMillis());
        String body = chat(directives, stream);
        OutputStream out = socket.getOutputStream();
        out.write(("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sk-1\r\nContent-Length: "
                        + body.length() + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.UTF_8));
        return socket;
    }

    /** What came before the end, and how it ended: "reset", "closed" or "silent". */
    private static String[] readAll(Socket socket) throws IOException {
        ByteArrayOutputStream seen = new ByteArrayOutputStream();
        InputStream in = socket.getInputStream();
        byte[] buffer = new byte[8192];
        String end;
        while (true) {
            try {
                int count = in.read(buffer);
                if (count < 0) {
                    end = "closed";
                    break;
                }
                seen.write(buffer, 0, count);
            } catch (SocketTimeoutException silence) {
                end = "silent";
                break;
            } catch (SocketException reset) {
                end = "reset";
                break;
            }
        }
        return new String[] {seen.toString(StandardCharsets.UTF_8), end};
    }

    private static int contents(String body) {
        return body.split("\"content\":\"[^\"]", -1).length - 1;
    }

    @Test
    void waitsBeforeTheHead() throws Exception {
        long start = System.nanoTime();

        assertThat(post("+latency=150ms", false).statusCode()).isEqualTo(200);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofMillis(145), DEADLINE);
    }

    @Test
    void failsWithTheStatusAndRetryAfterThatTheModelNames() throws Exception {
        HttpResponse<String> limited = post("+retry-after=2", true);
        HttpResponse<String> page = post("+status=502+html", false);

        assertThat(limited.statusCode()).isEqualTo(429);
        assertThat(limited.headers().firstValue("retry-after")).contains("2");
        assertThat(Call.json(limited).getJsonObject("error").getString("code")).isEqualTo("rate_limit_exceeded");
        assertThat(page.statusCode()).isEqualTo(502);
        assertThat(page.body()).startsWith("<html>");
    }

    @Test
    void resetsTheConnectionAfterTheGivenNumberOfContentFrames() throws Exception {
        try (Socket socket = open("+cut=3", true)) {
            String[] seen = readAll(socket);

            assertThat(contents(seen[0])).isEqualTo(3);
            assertThat(seen[1]).isEqualTo("reset");
        }
        assertThat(provider.lastRequest().ending().outcome()).isEqualTo(Outcome.BROKEN_OFF);
    }

    @Test
    void resetsBeforeTheHead() throws Exception {
        try (Socket socket = open("+cut=0", false)) {
            assertThat(readAll(socket)).containsExactly("", "reset");
        }
    }

    @Test
    void closesWithoutEndingTheBody() throws Exception {
        try (Socket socket = open("+close=2", false)) {
            String[] seen = readAll(socket);

            assertThat(seen[0]).contains("content-length").doesNotContain("system_fingerprint");
            assertThat(seen[1]).isEqualTo("closed");
        }
    }

    @Test
    void endsTheHttpBodyWithoutTheLastEvents() throws Exception {
        HttpResponse<String> response = post("+truncate=2", true);

        assertThat(contents(response.body())).isEqualTo(2);
        assertThat(response.body()).doesNotContain("[DONE]").doesNotContain("\"finish_reason\":\"stop\"");
    }

    @Test
    void fallsSilentAndNoticesThatTheClientLeaves() throws Exception {
        try (Socket socket = open("+stall=2", true)) {
            socket.setSoTimeout(200);
            String[] seen = readAll(socket);

            assertThat(contents(seen[0])).isEqualTo(2);
            assertThat(seen[1]).isEqualTo("silent");
            assertThat(provider.lastRequest().ending().outcome()).isEqualTo(Outcome.OPEN);
            assertThat(provider.inFlight()).isEqualTo(1);
        }
        Await.until(
                DEADLINE,
                "the provider to see the client leave",
                () -> provider.lastRequest().clientLeft());
        assertThat(provider.inFlight()).isZero();
    }

    @Test
    void sendsItsOwnErrorEventInsideTheStream() throws Exception {
        String body = post("+error=1", true).body();

        assertThat(contents(body)).isEqualTo(1);
        assertThat(Call.data(body))
                .last()
                .satisfies(data -> assertThat(
                                new JsonObject(data).getJsonObject("error").getString("type"))
                        .isEqualTo("server_error"));
    }

    @Test
    void sendsAnInvalidChunkSize() throws Exception {
        assertThatThrownBy(() -> post("+badchunk=1", true)).isInstanceOf(IOException.class);
    }

    @Test
    void sendsACutJsonEvent() throws Exception {
        String body = post("+badjson", true).body();

        assertThat(Call.data(body))
                .filteredOn(data -> !data.endsWith("}"))
                .hasSize(2)
                .contains("[DONE]");
    }

    @Test
    void dribblesTheHead() throws Exception {
        long start = System.nanoTime();
        HttpResponse<String> response = post("+slowhead=200ms", false);

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(Call.json(response).getString("object")).isEqualTo("chat.completion");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(150));
    }

    @Test
    void sendsTheHeadBeforeALateBody() throws Exception {
        try (Socket socket = open("+first=10s", true)) {
            socket.setSoTimeout(300);

            assertThat(readAll(socket)[0]).startsWith("HTTP/1.1 200").endsWith("\r\n\r\n");
        }
    }

    @Test
    void lengthensTheAnswerToChunksAndSize() throws Exception {
        long start = System.nanoTime();
        String chunked = post("+chunks=50+gap=2ms", true).body();
        Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
        HttpResponse<String> big = post("+big=5MiB", false);

        assertThat(contents(chunked)).isEqualTo(50);
        assertThat(elapsed).isGreaterThan(Duration.ofMillis(95));
        assertThat(Call.json(big)
                        .getJsonArray("choices")
                        .getJsonObject(0)
                        .getJsonObject("message")
                        .getString("content"))
                .hasSize(5 << 20);
    }

    @Test
    void waitsForASlowReader() throws Exception {
        try (Socket socket = open("+big=64MiB", false)) {
            Await.until(DEADLINE, "the answer to begin", () -> provider.inFlight() == 1);
            assertThat(socket.getInputStream().readNBytes(1000)).hasSize(1000);
            assertThat(provider.inFlight()).isEqualTo(1);
        }
        Await.until(
                DEADLINE,
                "the provider to see the client leave",
                () -> provider.lastRequest().clientLeft());
    }

    @Test
    void prefersRulesToTheQueueAndTheQueueToTheModelsName() throws Exception {
        provider.script(request -> request.model().startsWith("other"), Script.of("status=500"));
        provider.script(Script.of("status=503"));

        assertThat(post("", false).statusCode()).isEqualTo(503);
        assertThat(post("+status=418", false).statusCode()).isEqualTo(418);
        String other = chat("", false).replace("gpt-4o-mini", "other");
        assertThat(Call.openAi(provider).post("/v1/chat/completions", other).statusCode())
                .isEqualTo(500);
        provider.reset();
        assertThat(Call.openAi(provider).post("/v1/chat/completions", other).statusCode())
                .isEqualTo(200);
    }

    @Test
    void explainsAnUnknownDirective() throws Exception {
        HttpResponse<String> response = post("+latencey=3s", false);

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("unknown directive 'latencey'; known: latency");
    }

    @Test
    void acceptsOnlyTheGivenCredentials() throws Exception {
        provider.acceptOnly("sk-right");

        HttpResponse<String> wrong = post("", false);
        HttpResponse<String> right =
                new Call(provider, "Authorization", "Bearer sk-right").post("/v1/chat/completions", chat("", false));

        assertThat(wrong.statusCode()).isEqualTo(401);
        assertThat(right.statusCode()).isEqualTo(200);
    }

    @Test
    void recordsEveryRequestInFull() throws Exception {
        post("", false);
        post("+fixed", false);
        post("+fixed", false);

        RecordedRequest request = provider.lastRequest();
        assertThat(provider.count("/v1/chat/completions")).isEqualTo(3);
        assertThat(provider.requests()).hasSize(1);
        assertThat(request.method()).isEqualTo("POST");
        assertThat(request.header("authorization")).contains("Bearer sk-openai-0123456789");
        assertThat(request.bodyText()).isEqualTo(chat("", false));
        assertThat(request.ending().outcome()).isEqualTo(Outcome.COMPLETED);
        assertThat(request.toString()).doesNotContain("sk-openai");
    }

    @Test
    void showsAndForgetsRequestsOverHttp() throws Exception {
        post("", false);
        Call raw = new Call(provider, "x-none", "1");
        JsonObject seen = Call.json(raw.get("/__requests?path=/v1/chat/completions&limit=5"));
        raw.post("/__reset", "");

        assertThat(seen.getLong("count")).isEqualTo(1);
        assertThat(seen.getJsonArray("requests").getJsonObject(0).getString("outcome"))
                .isEqualTo("COMPLETED");
        assertThat(provider.count()).isZero();
    }
}
