package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.value.Allowance;
import io.latticegate.testing.Await;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Any HTTP API of a configured provider at {@code /p/<provider>/}: byte for byte what is allowed, and nothing else. */
final class ProviderApiTest {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final String KEY = "tools-key-0001";
    private static final byte[] EVERY_OCTET = new byte[256];
    private static RawProvider provider;
    private static LocalStack stack;
    private static HttpClient client;
    private static String token;

    @BeforeAll
    static void start() throws IOException {
        for (int octet = 0; octet < EVERY_OCTET.length; octet++) {
            EVERY_OCTET[octet] = (byte) octet;
        }
        provider = new RawProvider();
        stack = LocalStack.with()
                .setting("server.timeouts.stream_idle", "600ms")
                .setting("server.max_request_size", "1MiB")
                .yaml("""
                    providers:
                      tools:
                        kind: generic
                        base_url: %1$s/base/
                        allow_http: true
                        allow_private: true
                        api_key: %2$s
                        auth: {header: X-Key, scheme: none}
                        allowed_methods: [GET, POST, PUT, PATCH, DELETE, HEAD]
                        allowed_endpoints: [/v1/items, /v1/files/*]
                      limited:
                        kind: generic
                        base_url: %1$s
                        allow_http: true
                        allow_private: true
                        api_key: %2$s
                        allowed_methods: [POST]
                        allowed_endpoints: [/v1/run]
                        param_allowlist: {model: [small, "tiny-*"]}
                        required_headers: [x-team]
                      closed:
                        kind: generic
                        base_url: %1$s
                        allow_http: true
                        allow_private: true
                        api_key: %2$s
                      openai:
                        allowed_endpoints: ["/v1/*"]
                    """.formatted(provider.url(), KEY))
                .start();
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        token = stack.token();
    }

    @AfterAll
    static void stop() throws IOException {
        client.close();
        stack.close();
        provider.close();
    }

    @BeforeEach
    void forget() {
        provider.answers(RawProvider.answer(200, "{}"));
        stack.openai().reset();
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /v1/items, false",
        "GET, /v1/items?a=1&b=%2F&a=2, false",
        "POST, /v1/items, true",
        "PUT, /v1/files/a, true",
        "PATCH, /v1/files/a/b?x, true",
        "DELETE, /v1/files/a, false",
        "DELETE, /v1/files/a, true",
        "HEAD, /v1/files/%61, false"
    })
    void theProviderSeesTheVeryRequest(String method, String target, boolean withBody) throws Exception {
        HttpResponse<byte[]> answer = send(request("/p/tools" + target)
                .header("X-Team", "core")
                .header("Accept-Encoding", "br, gzip")
                .header("Cookie", "session=1")
                .header("X-Forwarded-For", "192.0.2.1")
                .header("X-Latticegate-Anything", "1")
                .header("X-Key", "a key of the client's own")
                .header("Content-Type", "application/x-anything")
                .method(method, withBody ? body(EVERY_OCTET) : HttpRequest.BodyPublishers.noBody()));

        assertThat(answer.statusCode()).isEqualTo(200);
        RawProvider.Call call = provider.lastCall();
        assertThat(call.requestLine()).isEqualTo(method + " /base" + target + " HTTP/1.1");
        assertThat(call.body()).isEqualTo(withBody ? EVERY_OCTET : new byte[0]);
        assertThat(call.header("X-Key")).hasValue(KEY);
        assertThat(call.header("X-Team")).hasValue("core");
        assertThat(call.header("Accept-Encoding")).hasValue("br, gzip");
        assertThat(call.header("Content-Type")).hasValue("application/x-anything");
        assertThat(call.head())
                .doesNotContain(token)
                .doesNotContainIgnoringCase("authorization")
                .doesNotContainIgnoringCase("cookie")
                .doesNotContainIgnoringCase("x-forwarded")
                .doesNotContainIgnoringCase("x-latticegate")
                .doesNotContain("a key of the client's own");
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 202, 206, 304, 400, 403, 404, 409, 422, 429, 500, 503})
    void theClientSeesTheVeryAnswer(int status) throws Exception {
        byte[] body = status == 304 ? new byte[0] : EVERY_OCTET;
        provider.answers(
                status == 304
                        ? RawProvider.head(304, "ETag: \"x\"").getBytes(StandardCharsets.US_ASCII)
                        : RawProvider.answer(
                                status,
                                body,
                                "Content-Type: application/x-anything",
                                "X-Own: a",
                                "X-Own: b",
                                "ETag: \"x\"",
                                "Retry-After: 7"));

        HttpResponse<byte[]> answer = send(request("/p/tools/v1/items").GET());

        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.body()).isEqualTo(body);
        assertThat(answer.headers().firstValue("ETag")).hasValue("\"x\"");
        if (status != 304) {
            assertThat(answer.headers().allValues("X-Own")).containsExactly("a", "b");
            assertThat(answer.headers().firstValueAsLong("Content-Length")).hasValue(body.length);
            assertThat(answer.headers().firstValue("Retry-After")).hasValue("7");
        }
        AuditRecord end = stack.auditEnd(requestId(answer));
        assertThat(end.status()).isEqualTo(status);
        assertThat(end.outcome()).isEqualTo(status < 400 ? AuditOutcome.SUCCESS : AuditOutcome.ERROR);
    }

    @Test
    void anAnswerWithoutContentHasNone() throws Exception {
        provider.answers(RawProvider.head(204, "X-Own: a"));
        HttpResponse<byte[]> answer = send(request("/p/tools/v1/items").DELETE());
        assertThat(answer.statusCode()).isEqualTo(204);
        assertThat(answer.headers().firstValue("X-Own")).hasValue("a");
        assertThat(answer.headers().firstValue("Transfer-Encoding")).isEmpty();
    }

    @Test
    void aHeadSaysTheLengthThatGetWouldHave() throws Exception {
        provider.answers(RawProvider.head(200, "Content-Length: 12345"));
        HttpResponse<byte[]> answer =
                send(request("/p/tools/v1/items").method("HEAD", HttpRequest.BodyPublishers.noBody()));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValueAsLong("Content-Length")).hasValue(12_345);
    }

    @Test
    void compressedBytesStayCompressed() throws Exception {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(new byte[8 << 20]);
        }
        provider.answers(RawProvider.answer(200, compressed.toByteArray(), "Content-Encoding: gzip"));
        HttpResponse<byte[]> answer = send(request("/p/tools/v1/items").GET());
        assertThat(answer.body()).isEqualTo(compressed.toByteArray());
        assertThat(answer.headers().firstValue("Content-Encoding")).hasValue("gzip");
    }

    @Test
    void aStreamArrivesWhileTheProviderStillSends() throws Exception {
        CountDownLatch firstSeen = new CountDownLatch(1);
        provider.answers((call, out) -> {
            out.write(ascii(RawProvider.head(200, "Transfer-Encoding: chunked") + "5\r\nfirst\r\n"));
            try {
                firstSeen.await();
            } catch (InterruptedException interrupt) {
                throw new IOException(interrupt);
            }
            out.write(ascii("6\r\nsecond\r\n0\r\n\r\n"));
        });
        HttpResponse<InputStream> answer =
                client.send(request("/p/tools/v1/items").GET().build(), HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream in = answer.body()) {
            assertThat(in.readNBytes(5)).asString().isEqualTo("first");
            firstSeen.countDown();
            assertThat(in.readAllBytes()).asString().isEqualTo("second");
        }
    }

    @ParameterizedTest
    @CsvSource({"401, provider_auth_failed", "407, provider_auth_failed"})
    void aRefusalOfTheGatewaysOwnKeyIsNotTheClients(int status, String code) throws Exception {
        provider.answers(RawProvider.answer(status, "{\"error\":\"key " + KEY + " is wrong\"}"));
        refused(send(request("/p/tools/v1/items").GET()), 502, code);
    }

    @ParameterizedTest
    @ValueSource(ints = {300, 301, 302, 303, 307, 308})
    void aRedirectIsNeitherFollowedNorPassedOn(int status) throws Exception {
        provider.answers(RawProvider.answer(status, new byte[0], "Location: http://127.0.0.1:1/elsewhere"));
        HttpResponse<byte[]> answer = send(request("/p/tools/v1/items").GET());
        refused(answer, 502, "provider_redirected");
        assertThat(answer.headers().firstValue("Location")).isEmpty();
        assertThat(provider.calls()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "/p, 404",
        "/p/, 404",
        "/p/tools, 404",
        "/p/tools/, 404",
        "/p/tools/v1, 404",
        "/p/tools/v1/items/, 404",
        "/p/tools/v1/items/1, 404",
        "/p/tools/v1/itemsX, 404",
        "/p/tools/v1/Items, 404",
        "/p/tools/v1/%69tems, 404",
        "/p/tools/v1/files, 404",
        "/p/tools/v1/files/, 404",
        "/p/Tools/v1/items, 404",
        "/p/closed/v1/items, 404",
        "/p/none/v1/items, 404",
        "/p/echo/v1/items, 404",
        "/p/anthropic/v1/messages, 404",
        "/p/tools/v1/files/../items, 400",
        "/p/tools/v1/files/..%2Fitems, 400",
        "/p/tools/v1/files/%2e%2e/admin, 400",
        "/p/tools/v1/files/a%2Fb, 400",
        "/p/tools/v1/files/a%5Cb, 400",
        "/p/tools/v1/files/a%252Fb, 400",
        "/p/tools/v1/files/a%00, 400",
        "/p/tools/v1/files/a;b, 400",
        "/p/tools/v1/files//a, 400",
        "/p/tools//v1/items, 400",
        "/p//tools/v1/items, 400",
        "/p/./tools/v1/items, 400",
        "/p/tools/../tools/v1/items, 400",
        "/x/../p/tools/v1/items, 400"
    })
    void whatIsNotAllowedIsRefusedBeforeAnybodySeesIt(String target, int status) {
        RawHttp.Answer answer = RawHttp.send(
                stack.port(),
                ascii("GET " + target + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token + "\r\n\r\n"),
                PATIENCE);
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(new JsonObject(answer.body()).getString("code"))
                .isEqualTo(status == 404 ? "endpoint_not_found" : "invalid_path");
        assertThat(provider.calls()).isEmpty();
    }

    @Test
    void aMethodThatIsNotAllowedIsAnsweredWithThoseThatAre() throws Exception {
        HttpResponse<byte[]> answer = send(request("/p/limited/v1/run").GET());
        refused(answer, 405, "method_not_allowed");
        assertThat(answer.headers().firstValue("Allow")).hasValue("POST");
        refused(send(request("/p/tools/v1/items").method("OPTIONS", HttpRequest.BodyPublishers.noBody())), 405, "");
        assertThat(provider.calls()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/p/openai/v1/chat/completions",
                "/p/openai/v1/chat/Completions/",
                "/p/openai/v1/chat/%63ompletions",
                "/p/openai/v1/completions",
                "/p/openai/v1/embeddings"
            })
    void tokensCannotBeSpentPastTheirMeter(String path) throws Exception {
        refused(send(request(path).POST(body(ascii("{\"model\":\"gpt-4o-mini\"}")))), 404, "endpoint_not_found");
        assertThat(stack.openai().count()).isZero();
    }

    @Test
    void aKnownProvidersOtherEndpointsAreReachedToo() throws Exception {
        HttpResponse<byte[]> answer = send(request("/p/openai/v1/models").GET());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(stack.openai().lastRequest().header("Authorization")).hasValue("Bearer " + LocalStack.OPENAI_KEY);
    }

    @Test
    void withoutAGoodTokenNothingIsSent() throws Exception {
        HttpRequest.Builder none = HttpRequest.newBuilder(stack.uri("/p/tools/v1/items"));
        refused(send(none.GET()), 401, "missing_token");
        refused(send(none.copy().header("Authorization", "Bearer sk-wrong").GET()), 401, "invalid_token");
        refused(send(none.copy().header("X-Api-Key", KEY).GET()), 401, "invalid_token");
        assertThat(provider.calls()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"model\":\"small\"}|application/json|core|200",
                "{\"model\":\"tiny-3\"}|application/json; charset=utf-8|core|200",
                "{\"model\":\"large\"}|application/json|core|403",
                "{\"model\":\"large\"}|application/json; charset=utf-8|core|403",
                "{\"model\":\"small\",\"model\":\"large\"}|application/json|core|400",
                "{\"prompt\":\"x\"}|application/json|core|400",
                "{\"model\":\"small\"|application/json|core|400",
                "model=large|application/x-www-form-urlencoded|core|415",
                "{\"model\":\"small\"}|application/json||400"
            })
    void limitedParametersAndRequiredHeadersAreHeldTo(String json, String type, String team, int status)
            throws Exception {
        HttpRequest.Builder request =
                request("/p/limited/v1/run").header("Content-Type", type).POST(body(ascii(json)));
        HttpResponse<byte[]> answer = send(team == null ? request : request.header("X-Team", team));
        assertThat(answer.statusCode())
                .as(new String(answer.body(), StandardCharsets.UTF_8))
                .isEqualTo(status);
        if (status == 200) {
            assertThat(provider.lastCall().body()).asString().isEqualTo(json);
            assertThat(provider.lastCall().header("Authorization")).hasValue("Bearer " + KEY);
        } else {
            assertThat(provider.calls()).isEmpty();
        }
    }

    @Test
    void aBodyBeyondTheBoundIsRefusedAndNotSent() throws Exception {
        refused(send(request("/p/tools/v1/items").POST(body(new byte[(1 << 20) + 1]))), 413, "request_too_large");
        assertThat(provider.calls()).isEmpty();
    }

    @Test
    void aCallIsOneRequestAndNoTokens() throws Exception {
        String project = stack.project("passthrough");
        String own = stack.token(project, new Allowance(2, 1_000_000, 1_000_000));
        HttpRequest.Builder call = HttpRequest.newBuilder(stack.uri("/p/tools/v1/items"))
                .header("Authorization", "Bearer " + own)
                .POST(body(new byte[100_000]));

        HttpResponse<byte[]> answer = send(call);

        AuditRecord end = stack.auditEnd(requestId(answer));
        assertThat(end.surface()).isEqualTo("passthrough");
        assertThat(end.provider()).isEqualTo("tools");
        assertThat(end.path()).isEqualTo("/p/tools/v1/items");
        assertThat(end.tokensIn() + end.tokensOut()).isZero();
        assertThat(end.usageEstimated()).isFalse();
        Await.until(PATIENCE, "the settlement", () -> stack.tokenOf(project).requestCount() == 1);
        AuthApi.Token settled = stack.tokenOf(project);
        assertThat(settled.tokenCount()).isZero();
        assertThat(send(call).statusCode()).isEqualTo(200);
        refused(send(call), 429, "rate_limit_exceeded");
    }

    @Test
    void aProjectsOwnKeyComesFirst() throws Exception {
        String project = stack.project("own key");
        stack.storeKey(project, "tools", "project-key-0002");
        HttpResponse<byte[]> answer = send(HttpRequest.newBuilder(stack.uri("/p/tools/v1/items"))
                .header("Authorization", "Bearer " + stack.token(project, Allowance.WITHOUT_LIMIT))
                .GET());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(provider.lastCall().header("X-Key")).hasValue("project-key-0002");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anAnswerThatBreaksOffDoesNotLookWhole(boolean chunked) throws Exception {
        String framing = chunked ? "Transfer-Encoding: chunked" : "Content-Length: 100";
        provider.answers(RawProvider.head(200, framing) + (chunked ? "5\r\nfirst\r\n" : "first"));
        assertThatThrownBy(() -> send(request("/p/tools/v1/items").GET())).isInstanceOf(IOException.class);
        Await.until(PATIENCE, "the audited end", () -> lastEnd().reason().equals("provider_stream_cut"));
        assertThat(lastEnd().outcome()).isEqualTo(AuditOutcome.ERROR);
    }

    @Test
    void aProviderThatHangsUpWithoutAnAnswerIsABadGateway() throws Exception {
        provider.answers("");
        refused(send(request("/p/tools/v1/items").GET()), 502, "provider_connection_lost");
    }

    @Test
    void theProviderIsLeftWhenTheClientLeaves() throws Exception {
        provider.answers((call, out) -> {
            out.write(ascii(RawProvider.head(200, "Transfer-Encoding: chunked")));
            while (true) {
                out.write(ascii("5\r\nbytes\r\n"));
            }
        });
        try (Socket socket = open()) {
            assertThat(socket.getInputStream().readNBytes(1_000)).hasSize(1_000);
            RawHttp.hangUp(socket);
        }
        Await.until(
                PATIENCE, "the provider to be left", () -> provider.lastCall().hungUp());
        Await.until(PATIENCE, "the audited end", () -> lastEnd().reason().equals("client_gone"));
    }

    @Test
    void aClientThatStopsReadingStopsTheProvider() throws Exception {
        provider.answers((call, out) -> {
            out.write(ascii(RawProvider.head(200, "Content-Length: " + (1L << 40))));
            byte[] mebibyte = new byte[1 << 20];
            while (true) {
                out.write(mebibyte);
            }
        });
        try (Socket socket = open()) {
            assertThat(socket.getInputStream().readNBytes(1_000)).hasSize(1_000);
            Await.until(PATIENCE, "the idle deadline", () -> provider.lastCall().hungUp());
            assertThat(provider.lastCall().written()).isLessThan(64L << 20);
        }
    }

    private static Socket open() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), stack.port());
        socket.setSoTimeout(10_000);
        socket.getOutputStream()
                .write(ascii(
                        "GET /p/tools/v1/items HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token + "\r\n\r\n"));
        return socket;
    }

    private static AuditRecord lastEnd() {
        return Await.value(
                PATIENCE,
                "an audited end of this surface",
                () -> stack.auditEnds().stream()
                        .filter(end -> end.surface().equals("passthrough"))
                        .reduce((earlier, later) -> later));
    }

    private static void refused(HttpResponse<byte[]> answer, int status, String code) {
        String text = new String(answer.body(), StandardCharsets.UTF_8);
        assertThat(answer.statusCode()).as(text).isEqualTo(status);
        JsonObject body = new JsonObject(text);
        assertThat(body.getString("error")).isNotBlank().doesNotContain(KEY);
        assertThat(body.getString("request_id")).isEqualTo(requestId(answer));
        if (!code.isEmpty()) {
            assertThat(body.getString("code")).isEqualTo(code);
        }
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(stack.uri(path))
                .header("Authorization", "Bearer " + token)
                .timeout(Duration.ofSeconds(10));
    }

    private static HttpResponse<byte[]> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static HttpRequest.BodyPublisher body(byte[] bytes) {
        return HttpRequest.BodyPublishers.ofByteArray(bytes);
    }

    private static String requestId(HttpResponse<?> answer) {
        return answer.headers().firstValue("X-Request-ID").orElseThrow();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
