package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.value.Allowance;
import io.latticegate.testing.Await;
import io.latticegate.testing.FakeProvider;
import io.latticegate.testing.RecordedRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The Responses API: to a provider that speaks it the bytes pass, to another one they are translated, and every ending is
 * the client's, the audit's and the token's alike.
 */
final class ResponsesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration CANCEL_LIMIT = Duration.ofMillis(100);
    private static final String KEPT = "/v1/responses/resp_" + "0".repeat(24);
    private static LocalStack stack;
    private static String token;
    private static String ownAccount;

    @BeforeAll
    static void start() {
        stack = LocalStack.with()
                .setting("server.timeouts.first_token", "600ms")
                .setting("server.timeouts.stream_idle", "600ms")
                .setting("providers.openai.timeout", "600ms")
                .setting("providers.anthropic.timeout", "600ms")
                .start();
        token = stack.token();
        String project = stack.project("own account");
        stack.storeKey(project, "openai", LocalStack.OPENAI_KEY);
        ownAccount = stack.token(project, Allowance.WITHOUT_LIMIT);
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @BeforeEach
    void forget() {
        stack.openai().reset();
        stack.anthropic().reset();
    }

    @Test
    void aProviderOfTheProtocolGetsTheClientsBytes() throws Exception {
        String body = "{ \"input\" : \"x\\u0041\",\n \"model\":\"gpt-4o-mini\", \"previous_response_id\":\"resp_1\","
                + "\"tools\":[{\"type\":\"web_search\"}], \"store\":true, \"x_unknown\": 1.50 }";

        HttpResponse<String> answer = send("POST", "/v1/responses?include=a", body, token);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.headers().firstValue("X-Latticegate-Dropped")).isEmpty();
        RecordedRequest seen = stack.openai().lastRequest();
        assertThat(seen.bodyText()).isEqualTo(body);
        assertThat(seen.path()).isEqualTo("/v1/responses");
        assertThat(seen.query()).isEqualTo("include=a");
    }

    @Test
    void aForeignProviderGetsAChatAndTheClientLearnsWhatWasLeftOut() throws Exception {
        HttpResponse<String> answer = send(
                "POST",
                "/v1/responses",
                "{\"model\":\"claude-sonnet-4-5\",\"input\":\"hi\",\"instructions\":\"be brief\",\"service_tier\":\"flex\"}",
                token);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.headers().firstValue("X-Latticegate-Dropped")).contains("service_tier");
        RecordedRequest seen = stack.anthropic().lastRequest();
        assertThat(seen.path()).isEqualTo("/v1/messages");
        JsonObject sent = new JsonObject(seen.bodyText());
        assertThat(sent.getString("system")).isEqualTo("be brief");
        assertThat(sent.getJsonArray("messages"))
                .isEqualTo(JsonArray.of(JsonObject.of("role", "user", "content", "hi")));
        JsonObject response = new JsonObject(answer.body());
        assertThat(response.getString("status")).isEqualTo("completed");
        assertThat(response.getString("model")).isEqualTo("claude-sonnet-4-5");
    }

    @Test
    void theEchoModelSpeaksTheProtocolToo() throws Exception {
        HttpResponse<String> answer = send("POST", "/v1/responses", body("echo", true, "hello there"), token);

        List<JsonObject> events = events(answer.body());
        assertThat(events.getFirst().getString("type")).isEqualTo("response.created");
        assertThat(events.getLast().getString("type")).isEqualTo("response.completed");
        assertThat(events.getLast().getJsonObject("response").encode()).contains("hello there");
    }

    @ParameterizedTest
    @CsvSource({
        "gpt-4o-mini+cut=3, provider_stream_cut",
        "gpt-4o-mini+close=3, provider_stream_cut",
        "gpt-4o-mini+truncate=3, provider_stream_cut",
        "gpt-4o-mini+badchunk=3, provider_stream_cut",
        "gpt-4o-mini+stall=3, provider_stalled",
        "gpt-4o-mini+error=3, server_error",
        "claude-sonnet-4-5+cut=3, provider_stream_cut",
        "claude-sonnet-4-5+close=3, provider_stream_cut",
        "claude-sonnet-4-5+truncate=3, ''",
        "claude-sonnet-4-5+badchunk=3, provider_stream_cut",
        "claude-sonnet-4-5+stall=3, provider_stalled",
        "claude-sonnet-4-5+error=3, ''"
    })
    void aStreamThatBreaksOffEndsWithAnErrorEventAndNeverAsCompleted(String model, String reason) throws Exception {
        HttpResponse<String> answer =
                send("POST", "/v1/responses", body(model, true, "one two three four five six"), token);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body())
                .contains("one")
                .doesNotContain("response.completed")
                .doesNotContain("response.incomplete")
                .containsOnlyOnce("event: error");
        List<JsonObject> events = events(answer.body());
        assertThat(events.getLast().getString("type")).isEqualTo("error");
        if (!model.contains("error=3") || !model.startsWith("gpt")) {
            assertThat(events)
                    .extracting(event -> event.getInteger("sequence_number"))
                    .containsExactlyElementsOf(
                            IntStream.range(0, events.size()).boxed().toList());
        }
        if (model.startsWith("claude")) {
            JsonObject failed = events.get(events.size() - 2);
            assertThat(failed.getString("type")).isEqualTo("response.failed");
            assertThat(failed.getJsonObject("response").getString("status")).isEqualTo("failed");
        }
        AuditRecord end = stack.auditEnd(requestId(answer));
        assertThat(end.outcome()).isEqualTo(AuditOutcome.ERROR);
        assertThat(end.tokensOut()).isPositive();
        if (!reason.isEmpty()) {
            assertThat(end.reason()).isEqualTo(reason);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "gpt-4o-mini+cut=0, 502",
        "gpt-4o-mini+latency=30s, 504",
        "gpt-4o-mini+first=30s, 504",
        "claude-sonnet-4-5+cut=0, 502",
        "claude-sonnet-4-5+latency=30s, 504",
        "claude-sonnet-4-5+first=30s, 504"
    })
    void beforeTheFirstByteAFailureIsAnOrdinaryError(String model, int status) throws Exception {
        HttpResponse<String> answer = send("POST", "/v1/responses", body(model, true, "hello"), token);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(new JsonObject(answer.body()).getJsonObject("error").fieldNames())
                .containsExactly("message", "type", "param", "code");
        assertThat(stack.auditEnd(requestId(answer)).status()).isEqualTo(status);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt-4o-mini+cut=1", "claude-sonnet-4-5+truncate=1", "claude-sonnet-4-5+badjson"})
    void aCompleteAnswerThatBreaksOffNeverLooksComplete(String model) throws Exception {
        HttpResponse<String> answer;
        try {
            answer = send("POST", "/v1/responses", body(model, false, "hello"), token);
        } catch (IOException brokenOff) {
            return;
        }
        assertThat(answer.statusCode()).as(answer.body()).isBetween(500, 599);
    }

    @ParameterizedTest
    @CsvSource({
        "gpt-4o-mini+chunks=500+gap=20ms, true",
        "claude-sonnet-4-5+chunks=500+gap=20ms, true",
        "gpt-4o-mini+latency=30s, false",
        "claude-sonnet-4-5+latency=30s, false"
    })
    void theProviderStopsWithinATenthOfASecondAfterTheClientLeft(String model, boolean stream) throws Exception {
        FakeProvider provider = model.startsWith("gpt") ? stack.openai() : stack.anthropic();
        try (Socket client = open(body(model, stream, "leaving"))) {
            RecordedRequest seen = provider.lastRequest();
            if (stream) {
                readEvents(client.getInputStream(), 8);
            }
            long left = System.nanoTime();
            RawHttp.hangUp(client);
            Await.until(PATIENCE, "the provider to see the client leave", seen::clientLeft);
            assertThat(Duration.ofNanos(seen.ending().atNanos() - left)).isLessThan(CANCEL_LIMIT);
        }
    }

    @ParameterizedTest
    @CsvSource({"gpt-4o-mini, false", "gpt-4o-mini, true", "claude-sonnet-4-5, false", "claude-sonnet-4-5, true"})
    void theProvidersOwnUsageIsAuditedAndSettled(String model, boolean stream) throws Exception {
        String project = stack.project("responses " + model + stream);
        String own = stack.token(project, Allowance.WITHOUT_LIMIT);

        HttpResponse<String> answer = send("POST", "/v1/responses", body(model, stream, "one two three"), own);

        AuditRecord end = stack.auditEnd(requestId(answer));
        assertThat(end.outcome()).isEqualTo(AuditOutcome.SUCCESS);
        assertThat(end.tokensIn()).isEqualTo(3);
        assertThat(end.tokensOut()).isEqualTo(4);
        assertThat(end.usageEstimated()).isFalse();
        AuthApi.Token settled = Await.value(PATIENCE, "the settlement", () -> {
            AuthApi.Token now = stack.tokenOf(project);
            return now.tokenCount() > 0 ? Optional.of(now) : Optional.empty();
        });
        assertThat(settled.tokenCount()).isEqualTo(7);
        assertThat(settled.requestCount()).isEqualTo(1);
    }

    @Test
    void whatGoesOnInTheBackgroundCountsWithItsWholeLimit() throws Exception {
        HttpResponse<String> answer = send(
                "POST",
                "/v1/responses",
                "{\"model\":\"gpt-4o-mini+nousage\",\"input\":\"hi\",\"background\":true,\"max_output_tokens\":5000}",
                token);

        AuditRecord end = stack.auditEnd(requestId(answer));
        assertThat(end.tokensOut()).isEqualTo(5000);
        assertThat(end.usageEstimated()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"model\":\"claude-sonnet-4-5\",\"input\":\"x\",\"previous_response_id\":\"resp_1\"} | previous_response_id",
                "{\"model\":\"claude-sonnet-4-5\",\"input\":\"x\",\"tools\":[{\"type\":\"web_search\"}]} | tools[0].type",
                "{\"model\":\"claude-sonnet-4-5\",\"input\":[{\"type\":\"item_reference\",\"id\":\"i\"}]} | input[0].type",
                "{\"input\":\"x\"} | model",
                "{\"model\":\"claude-sonnet-4-5\"} | input",
                "{\"model\":\"claude-sonnet-4-5\",\"input\":\"x\",\"text\":{\"format\":{\"type\":\"json_object\"}}} | text.format"
            })
    void aRefusalNamesItsFieldAndReachesNoProvider(String body, String parameter) throws Exception {
        HttpResponse<String> answer = send("POST", "/v1/responses", body, token);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(new JsonObject(answer.body()).getJsonObject("error").getString("param"))
                .isEqualTo(parameter);
        assertThat(stack.openai().count() + stack.anthropic().count()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "GET, '', completed",
        "GET, '?stream=true', response.completed",
        "DELETE, '', '\"deleted\":true'",
        "POST, /cancel, cancelled",
        "GET, '/input_items?limit=3', input_text"
    })
    void callsOnAKeptResponseReachTheProviderAndUseNoTokens(String method, String more, String said) throws Exception {
        HttpResponse<String> answer = send(method, KEPT + more, "", ownAccount);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains(said);
        RecordedRequest seen = stack.openai().lastRequest();
        assertThat(seen.method()).isEqualTo(method);
        assertThat(KEPT + more).isEqualTo(seen.path() + (seen.query().isEmpty() ? "" : "?" + seen.query()));
        AuditRecord end = stack.auditEnd(requestId(answer));
        assertThat(end.outcome()).isEqualTo(AuditOutcome.SUCCESS);
        assertThat(end.tokensIn() + end.tokensOut()).isZero();
        assertThat(end.usageEstimated()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /v1/responses/resp_unknown, 404",
        "GET, /v1/responses/, 404",
        "GET, /v1/responses/a.b, 404",
        "GET, /v1/responses/a/b/c, 404",
        "GET, /v1/responses/a/cancel, 405",
        "GET, /v1/responses/a/secrets, 404",
        "PUT, /v1/responses/a, 405",
        "GET, /v1/responses/%2e%2e%2fmodels, 400",
        "GET, /v1/responses, 405"
    })
    void otherPathsBesideItAreRefusedInTheDialect(String method, String path, int status) throws Exception {
        HttpResponse<String> answer = send(method, path, "", ownAccount);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(new JsonObject(answer.body()).getJsonObject("error").fieldNames())
                .containsExactly("message", "type", "param", "code");
    }

    @Test
    void aKeptResponseNeedsATokenAndTakesNoBody() throws Exception {
        assertThat(send("GET", KEPT, "", "sk-wrong").statusCode()).isEqualTo(401);
        assertThat(send("POST", KEPT + "/cancel", "{}", token).statusCode()).isEqualTo(400);
        assertThat(stack.openai().count()).isZero();
    }

    /** Under the gateway's key the account, and so what it keeps, is every project's. */
    @Test
    void aKeptResponseNeedsTheProjectsOwnKey() throws Exception {
        HttpResponse<String> answer = send("GET", KEPT, "", token);

        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).contains("no_provider_key");
        assertThat(stack.openai().count()).isZero();
    }

    @Test
    void whereNoProviderKeepsResponsesTheyAreNotFound() throws Exception {
        try (LocalStack alone =
                LocalStack.with().setting("providers.openai.enabled", false).start()) {
            HttpResponse<String> answer = send(alone, "GET", KEPT, "", alone.token());

            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(404);
            assertThat(new JsonObject(answer.body()).getJsonObject("error").getString("code"))
                    .isEqualTo("model_not_found");
        }
    }

    private static String body(String model, boolean stream, String input) {
        return "{\"model\":\"" + model + "\",\"max_output_tokens\":5000,\"stream\":" + stream + ",\"input\":\"" + input
                + "\"}";
    }

    private static List<JsonObject> events(String body) {
        return body.lines()
                .filter(line -> line.startsWith("data: "))
                .map(line -> new JsonObject(line.substring(6)))
                .toList();
    }

    private static HttpResponse<String> send(String method, String path, String body, String credential)
            throws Exception {
        return send(stack, method, path, body, credential);
    }

    private static HttpResponse<String> send(LocalStack at, String method, String path, String body, String credential)
            throws Exception {
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            HttpRequest.BodyPublisher content =
                    body.isEmpty() ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body);
            HttpRequest request = HttpRequest.newBuilder(at.uri(path))
                    .header("Authorization", "Bearer " + credential)
                    .header("Content-Type", "application/json")
                    .timeout(Duration.ofSeconds(10))
                    .method(method, content)
                    .build();
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        }
    }

    private static String requestId(HttpResponse<?> answer) {
        return answer.headers().firstValue("X-Request-ID").orElseThrow();
    }

    private static Socket open(String body) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), stack.port());
        socket.setSoTimeout(10_000);
        socket.getOutputStream()
                .write(("POST /v1/responses HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token
                                + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n"
                                + body)
                        .getBytes(StandardCharsets.ISO_8859_1));
        return socket;
    }

    private static void readEvents(InputStream in, int count) throws IOException {
        StringBuilder seen = new StringBuilder();
        while (seen.toString().split("\n\n", -1).length <= count) {
            int octet = in.read();
            assertThat(octet).as(seen.toString()).isNotNegative();
            seen.append((char) octet);
        }
    }
}
