package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.value.Allowance;
import io.latticegate.testing.FakeProvider;
import io.latticegate.testing.RecordedRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
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

/** Cohere's surface and provider: the credential, what passes, what is counted, and what is refused. */
final class CohereTest {
    private static final String KEY = "co-gateway-0001";
    private static FakeProvider cohere;
    private static LocalStack stack;
    private static String token;

    @BeforeAll
    static void start() {
        cohere = FakeProvider.start().acceptOnly(KEY);
        stack = LocalStack.with()
                .setting("providers.cohere.base_url", cohere.url() + "/v2")
                .setting("providers.cohere.allow_http", true)
                .setting("providers.cohere.allow_private", true)
                .setting("providers.cohere.api_key", KEY)
                .setting("server.timeouts.first_token", "600ms")
                .setting("server.timeouts.stream_idle", "600ms")
                .yaml("models: { a: { provider: cohere, upstream_model: command-a-03-2025 } }")
                .start();
        token = stack.token();
    }

    @AfterAll
    static void stop() {
        stack.close();
        cohere.close();
    }

    @BeforeEach
    void forget() {
        cohere.reset();
        stack.openai().reset();
        stack.anthropic().reset();
    }

    @Test
    void theProviderSeesItsOwnKeyAndTheClientsBytes() throws Exception {
        String body = chat("command-a-03-2025", "one two three", ",\"safety_mode\":\"STRICT\"");
        HttpResponse<String> answer = send("/v2/chat", body);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        RecordedRequest seen = cohere.lastRequest();
        assertThat(seen.path()).isEqualTo("/v2/chat");
        assertThat(seen.header("authorization")).contains("Bearer " + KEY);
        assertThat(seen.headers().toString()).doesNotContain(token);
        assertThat(seen.bodyText()).isEqualTo(body);
    }

    @ParameterizedTest
    @CsvSource({"false", "true"})
    void whatIsBilledIsWhatCounts(boolean stream) throws Exception {
        HttpResponse<String> answer = send("/v2/chat", chat("a", "one two three", ",\"stream\":" + stream));

        assertThat(answer.body()).contains("\"input_tokens\":503");
        AuditRecord end = stack.auditEnd(requestId(answer));
        assertThat(end.provider()).isEqualTo("cohere");
        assertThat(end.tokensIn()).isEqualTo(3);
        assertThat(end.tokensOut()).isEqualTo(4);
        assertThat(cohere.lastRequest().model()).isEqualTo("command-a-03-2025");
    }

    @ParameterizedTest
    @CsvSource({
        "command-a+cut=3, provider_stream_cut, ERROR",
        "command-a+truncate=3, provider_stream_cut, ERROR",
        "command-a+stall=3, provider_stalled, TIMEOUT",
        "gpt-4o-mini+cut=3, provider_stream_cut, ERROR",
        "claude-sonnet-4-5+stall=3, provider_stalled, TIMEOUT"
    })
    void aStreamThatBreaksOffEndsWithAnErrorWhoeverAnswers(String model, String reason, String finish)
            throws Exception {
        HttpResponse<String> answer = send("/v2/chat", chat(model, "one two three", ",\"stream\":true"));

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains("one").containsOnlyOnce("\"type\":\"message-end\"");
        JsonObject last = new JsonObject(answer.body()
                .substring(answer.body().lastIndexOf("data: ") + "data: ".length())
                .strip());
        assertThat(last.getJsonObject("delta").getString("finish_reason")).isEqualTo(finish);
        assertThat(last.getJsonObject("delta").getString("code")).isEqualTo(reason);
        AuditRecord end = stack.auditEnd(requestId(answer));
        assertThat(end.outcome()).isEqualTo(AuditOutcome.ERROR);
        assertThat(end.reason()).isEqualTo(reason);
        assertThat(end.tokensOut()).isPositive();
    }

    @Test
    void aStreamThatTheProviderFailsIsAFailureInTheAuditToo() throws Exception {
        HttpResponse<String> answer = send("/v2/chat", chat("command-r+error=3", "one two three", ",\"stream\":true"));

        assertThat(answer.body()).containsOnlyOnce("\"type\":\"message-end\"").contains("\"finish_reason\":\"ERROR\"");
        assertThat(stack.auditEnd(requestId(answer)).outcome()).isEqualTo(AuditOutcome.ERROR);
    }

    @Test
    void whatCannotBeCarriedIsNamed() throws Exception {
        HttpResponse<String> answer =
                send("/v2/chat", chat("gpt-4o-mini", "hi", ",\"safety_mode\":\"STRICT\",\"k\":5,\"stream\":false"));

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.headers().firstValue("X-Latticegate-Dropped")).contains("safety_mode, k");
        assertThat(answer.body()).contains("\"finish_reason\":\"COMPLETE\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "/v2/chat | {'model':'gpt-4o-mini','messages':[{'role':'user','content':'x'}],'documents':['d']}"
                        + " | 400 | unsupported_parameter",
                "/v2/chat | {'messages':[{'role':'user','content':'x'}]} | 400 | invalid_request",
                "/v2/rerank | {'model':'gpt-4o-mini','query':'x','documents':['d']} | 400 | unsupported_operation",
                "/v2/embed | {'model':'claude-sonnet-4-5','texts':['x']} | 400 | unsupported_operation",
                "/v2/tokenize | {'model':'command-a'} | 404 | endpoint_not_found",
                "/v2/chat | {'model':'command-a',} | 400 | invalid_json"
            })
    void refusalsHaveTheProtocolsOwnForm(String path, String body, int status, String code) throws Exception {
        HttpResponse<String> answer = send(path, body.replace('\'', '"'));

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        JsonObject refusal = new JsonObject(answer.body());
        assertThat(refusal.getString("message")).isNotEmpty();
        assertThat(refusal.getString("id")).isNotEmpty();
        if (refusal.containsKey("code")) {
            assertThat(refusal.getString("code")).isEqualTo(code);
        }
        assertThat(stack.openai().count() + stack.anthropic().count()).isZero();
    }

    @Test
    void aKeyThatTheProviderDoesNotTakeIsNotTheClientsFault() throws Exception {
        String project = stack.project("a key that was withdrawn");
        stack.storeKey(project, "cohere", "co-withdrawn");
        String own = stack.token(project, Allowance.WITHOUT_LIMIT);

        HttpResponse<String> answer = send("/v2/chat", chat("command-b", "x", ""), own);

        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(answer.body()).contains("the gateway's credential").contains("\"code\":\"provider_auth_failed\"");
    }

    @Test
    void embeddingsCountTheirTokensAndRankingsOnlyARequest() throws Exception {
        HttpResponse<String> embedding = send(
                "/v2/embed", "{\"model\":\"embed-v4.0\",\"texts\":[\"a b\",\"c\"],\"input_type\":\"classification\"}");
        HttpResponse<String> ranking =
                send("/v2/rerank", "{\"model\":\"rerank-v3.5\",\"query\":\"cat\",\"documents\":[\"dog\",\"cat\"]}");

        assertThat(stack.auditEnd(requestId(embedding)).tokensIn()).isEqualTo(3);
        assertThat(ranking.statusCode()).isEqualTo(200);
        AuditRecord end = stack.auditEnd(requestId(ranking));
        assertThat(end.tokensIn() + end.tokensOut()).isZero();
        assertThat(end.outcome()).isEqualTo(AuditOutcome.SUCCESS);
    }

    @Test
    void embeddingsAreCarriedToAnOpenAiProvider() throws Exception {
        HttpResponse<String> answer = send(
                "/v2/embed",
                "{\"model\":\"gpt-embedding\",\"texts\":[\"cat\",\"dog\"],\"input_type\":\"search_query\",\"output_dimension\":8}");

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        JsonArray vectors =
                new JsonObject(answer.body()).getJsonObject("embeddings").getJsonArray("float");
        assertThat(vectors).hasSize(2);
        assertThat(vectors.getJsonArray(1)).hasSize(8);
        assertThat(answer.headers().firstValue("X-Latticegate-Dropped")).contains("input_type");
        assertThat(stack.auditEnd(requestId(answer)).tokensIn()).isEqualTo(2);
    }

    @Test
    void theEchoModelSpeaksItToo() throws Exception {
        HttpResponse<String> answer = send("/v2/chat", chat("echo", "one two three", ",\"stream\":true"));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("event: message-start", "three", "\"finish_reason\":\"COMPLETE\"");
    }

    private static String chat(String model, String text, String more) {
        return "{\"model\":\"" + model + "\",\"max_tokens\":100,\"messages\":[{\"role\":\"user\",\"content\":\"" + text
                + "\"}]" + more + "}";
    }

    private static HttpResponse<String> send(String path, String body) throws Exception {
        return send(path, body, token);
    }

    private static HttpResponse<String> send(String path, String body, String bearer) throws Exception {
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(stack.url() + path))
                    .header("Authorization", "Bearer " + bearer)
                    .header("Content-Type", "application/json")
                    .timeout(Duration.ofSeconds(10))
                    .POST(HttpRequest.BodyPublishers.ofString(body))
                    .build();
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        }
    }

    private static String requestId(HttpResponse<?> answer) {
        return answer.headers().firstValue("X-Request-ID").orElseThrow();
    }
}
