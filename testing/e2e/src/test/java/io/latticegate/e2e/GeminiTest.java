package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.value.Allowance;
import io.latticegate.testing.RecordedRequest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Gemini's surface and provider: credentials, paths that name the model, both forms of a stream, and what is counted. */
final class GeminiTest {
    private static final String FLASH = "/v1beta/models/gemini-2.5-flash";
    private static final String HELLO = "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"one two three\"}]}]}";
    private static LocalStack stack;
    private static String token;

    @BeforeAll
    static void start() {
        stack = LocalStack.with()
                .setting("server.timeouts.first_token", "600ms")
                .setting("server.timeouts.stream_idle", "600ms")
                .yaml("models: { pro: { provider: gemini, upstream_model: gemini-2.5-pro } }")
                .start();
        token = stack.token();
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @BeforeEach
    void forget() {
        stack.openai().reset();
        stack.anthropic().reset();
        stack.gemini().reset();
    }

    @Test
    void theProviderSeesItsOwnKeyAndNothingOfTheClients() throws Exception {
        HttpResponse<String> answer = send("POST", FLASH + ":generateContent", HELLO);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        RecordedRequest seen = stack.gemini().lastRequest();
        assertThat(seen.path()).isEqualTo(FLASH + ":generateContent");
        assertThat(seen.header("x-goog-api-key")).contains(LocalStack.GEMINI_KEY);
        assertThat(seen.header("authorization")).isEmpty();
        assertThat(seen.headers().toString()).doesNotContain(token);
        assertThat(seen.bodyText()).isEqualTo(HELLO);
        AuditRecord end = stack.auditEnd(requestId(answer));
        assertThat(end.model()).isEqualTo("gemini-2.5-flash");
        assertThat(end.provider()).isEqualTo("gemini");
        assertThat(end.tokensIn()).isEqualTo(3);
        assertThat(end.tokensOut()).isEqualTo(4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"key=", "alt=sse&key=", "access_token="})
    void aCredentialInTheQueryIsRefusedAndGoesNowhere(String query) throws Exception {
        HttpResponse<String> answer = send("POST", FLASH + ":generateContent?" + query + token, HELLO);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body())
                .contains("\"code\":\"credential_in_query\"", "x-goog-api-key", "INVALID_ARGUMENT")
                .doesNotContain(token);
        assertThat(stack.gemini().count()).isZero();
        assertThat(stack.auditEnd(requestId(answer)).toString()).doesNotContain(token);
    }

    @Test
    void twoCredentialsThatDifferAreRefused() throws Exception {
        HttpResponse<String> answer =
                send("POST", FLASH + ":generateContent", HELLO, "x-goog-api-key", token, "x-api-key", "sk-other");

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("ambiguous_credentials");
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /v1beta/models/gemini-2.5-flash:deleteIt, 404, NOT_FOUND",
        "POST, /v1beta/tunedModels/x:generateContent, 404, NOT_FOUND",
        "GET, /v1beta/models/gemini-2.5-flash:generateContent, 405, INVALID_ARGUMENT",
        "POST, /v1beta/models/gemini-2.5-flash:generateContent?alt=proto, 400, INVALID_ARGUMENT",
        "POST, /v1beta/models/gpt-4o-mini:countTokens, 400, INVALID_ARGUMENT",
        "GET, /v1beta/models/gpt-4o-mini, 400, INVALID_ARGUMENT",
        "POST, /v1beta/models/a%2Fb:generateContent, 400, INVALID_ARGUMENT"
    })
    void whatIsNotOfferedIsRefusedInTheProtocolsOwnForm(String method, String path, int status, String name)
            throws Exception {
        HttpResponse<String> answer = send(method, path, method.equals("POST") ? HELLO : "");

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.body()).startsWith("{\"error\":{\"code\":" + status).contains("\"status\":\"" + name + "\"");
        assertThat(stack.gemini().count() + stack.openai().count()).isZero();
    }

    @Test
    void aBodyThatNamesAnotherModelThanThePathIsRefused() throws Exception {
        HttpResponse<String> answer = send(
                "POST",
                FLASH + ":generateContent",
                HELLO.replace("{\"contents\"", "{\"model\":\"models/x\",\"contents\""));

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("\"field\":\"model\"");
    }

    @Test
    void anAliasIsRenamedInPathAndBody() throws Exception {
        HttpResponse<String> answer = send(
                "POST",
                "/v1/models/pro:batchEmbedContents",
                "{\"requests\":[{\"model\":\"models/pro\",\"content\":{\"parts\":[{\"text\":\"cat\"}]}}]}");

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        RecordedRequest seen = stack.gemini().lastRequest();
        assertThat(seen.path()).isEqualTo("/v1/models/gemini-2.5-pro:batchEmbedContents");
        assertThat(seen.bodyText()).contains("\"model\":\"models/gemini-2.5-pro\"");
        assertThat(stack.auditEnd(requestId(answer)).tokensOut()).isZero();
    }

    @Test
    void countingTokensUsesNone() throws Exception {
        HttpResponse<String> answer = send("POST", FLASH + ":countTokens", HELLO);

        assertThat(answer.body()).contains("\"totalTokens\":3");
        AuditRecord end = stack.auditEnd(requestId(answer));
        assertThat(end.tokensIn() + end.tokensOut()).isZero();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "gemini-2.5-flash+cut=3, provider_stream_cut",
        "gemini-2.5-flash+truncate=3, provider_stream_cut",
        "gemini-2.5-flash+stall=3, provider_stalled",
        "gpt-4o-mini+cut=3, provider_stream_cut",
        "claude-sonnet-4-5+stall=3, provider_stalled"
    })
    void bothFormsOfAStreamThatBreaksOffEndWithAnError(String model, String reason) throws Exception {
        String path = "/v1beta/models/" + model + ":streamGenerateContent";
        HttpResponse<String> events = send("POST", path + "?alt=sse", HELLO);
        HttpResponse<String> array = send("POST", path, HELLO);

        assertThat(events.statusCode()).as(events.body()).isEqualTo(200);
        assertThat(events.body()).contains("one").doesNotContain("finishReason").containsOnlyOnce("\"error\":{");
        assertThat(events.body().substring(events.body().lastIndexOf("data: "))).contains("\"error\":{");
        assertThat(array.statusCode()).isEqualTo(200);
        assertThat(array.headers().firstValue("content-type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/json"));
        assertThat(array.body()).startsWith("[{").doesNotContain("finishReason").containsOnlyOnce("\"error\":{");
        assertThat(array.body().trim()).endsWith("]");
        for (HttpResponse<String> answer : java.util.List.of(events, array)) {
            AuditRecord end = stack.auditEnd(requestId(answer));
            assertThat(end.outcome()).isEqualTo(AuditOutcome.ERROR);
            assertThat(end.reason()).isEqualTo(reason);
            assertThat(end.tokensOut()).isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gemini-2.5-flash", "gpt-4o-mini", "claude-sonnet-4-5"})
    void anArrayIsOneJsonDocumentWhoeverAnswers(String model) throws Exception {
        HttpResponse<String> answer = send("POST", "/v1beta/models/" + model + ":streamGenerateContent", HELLO);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        var responses = new io.vertx.core.json.JsonArray(answer.body());
        assertThat(responses
                        .getJsonObject(responses.size() - 1)
                        .getJsonObject("usageMetadata")
                        .getInteger("totalTokenCount"))
                .isEqualTo(7);
        AuditRecord end = stack.auditEnd(requestId(answer));
        assertThat(end.tokensIn() + end.tokensOut()).isEqualTo(7);
        assertThat(end.outcome()).isEqualTo(AuditOutcome.SUCCESS);
    }

    @Test
    void aKeyThatTheProviderDoesNotTakeIsNotTheClientsFault() throws Exception {
        String project = stack.project("a key that was withdrawn");
        stack.storeKey(project, "gemini", "AIza-withdrawn");
        String own = stack.token(project, Allowance.WITHOUT_LIMIT);

        HttpResponse<String> answer = send("POST", FLASH + ":generateContent", HELLO, "x-goog-api-key", own);

        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(answer.body()).contains("the gateway's credential").contains("UNAVAILABLE");
    }

    @Test
    void modelsAreListedInTheProtocolsForm() throws Exception {
        HttpResponse<String> answer = send("GET", "/v1beta/models?pageSize=50", "");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("\"name\":\"models/gemini-2.5-flash\"");
        AuditRecord end = stack.auditEnd(requestId(answer));
        assertThat(end.tokensIn() + end.tokensOut()).isZero();
    }

    @Test
    void theEchoModelSpeaksItToo() throws Exception {
        HttpResponse<String> answer = send("POST", "/v1beta/models/echo:generateContent", HELLO);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("one two three", "\"finishReason\":\"STOP\"", "\"role\":\"model\"");
    }

    @Test
    void whatCannotBeCarriedIsNamed() throws Exception {
        HttpResponse<String> answer = send(
                "POST",
                "/v1beta/models/gpt-4o-mini:generateContent",
                HELLO.replace("{\"contents\"", "{\"safetySettings\":[],\"contents\""));

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.headers().firstValue("X-Latticegate-Dropped")).contains("safetySettings");
    }

    private static HttpResponse<String> send(String method, String path, String body) throws Exception {
        return send(method, path, body, "x-goog-api-key", token);
    }

    private static HttpResponse<String> send(String method, String path, String body, String... headers)
            throws Exception {
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(stack.url() + path))
                    .headers(headers)
                    .header("Content-Type", "application/json")
                    .timeout(Duration.ofSeconds(10))
                    .method(
                            method,
                            body.isEmpty()
                                    ? HttpRequest.BodyPublishers.noBody()
                                    : HttpRequest.BodyPublishers.ofString(body))
                    .build();
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        }
    }

    private static String requestId(HttpResponse<?> answer) {
        return answer.headers().firstValue("X-Request-ID").orElseThrow();
    }
}
