package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.testing.FakeProvider;
import io.latticegate.testing.RecordedRequest;
import io.latticegate.testing.Script;
import io.vertx.core.json.JsonObject;
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

/** Providers that configuration alone adds: Azure in both of its forms, Hugging Face's router and server, and presets. */
final class CompatibleProvidersTest {
    private static final String KEY = "key-of-the-others-0001";
    private static FakeProvider others;
    private static LocalStack stack;
    private static String token;

    @BeforeAll
    static void start() {
        others = FakeProvider.start().acceptOnly(KEY);
        String at = "allow_http: true, allow_private: true, retry_count: 0, api_key: " + KEY + ", base_url: '"
                + others.url();
        stack = LocalStack.with().yaml("""
                        providers:
                          azure: { %1$s/openai/v1/' }
                          dated: { kind: azure, version: 2024-10-21, %1$s' }
                          huggingface: { %1$s/v1' }
                          groq: { %1$s/openai/v1' }
                          server: { kind: tgi, %1$s' }
                        models:
                          new-form: { provider: azure, upstream_model: gpt-4o }
                          old-form: { provider: dated, upstream_model: gpt-4o }
                          old-*: { provider: dated }
                          routed: { provider: huggingface, upstream_model: meta-llama/Llama-3.3-70B-Instruct }
                          fast: { provider: groq, upstream_model: llama-3.3-70b-versatile }
                          bare: { provider: server }
                        """.formatted(at)).start();
        token = stack.token();
    }

    @AfterAll
    static void stop() {
        stack.close();
        others.close();
    }

    @BeforeEach
    void forget() {
        others.reset();
        stack.openai().reset();
    }

    @ParameterizedTest
    @CsvSource({
        "new-form, /openai/v1/chat/completions, ''",
        "old-form, /openai/deployments/gpt-4o/chat/completions, api-version=2024-10-21"
    })
    void azureGetsItsPathsAndItsCredential(String model, String path, String query) throws Exception {
        HttpResponse<String> passed = send("/v1/chat/completions", openAi(model, ""));
        assertThat(passed.statusCode()).as(passed.body()).isEqualTo(200);
        isAzures(path, query);

        others.reset();
        HttpResponse<String> translated = send("/v1/messages", openAi(model, ",\"max_tokens\":20"));
        assertThat(translated.statusCode()).as(translated.body()).isEqualTo(200);
        isAzures(path, query);
    }

    private static void isAzures(String path, String query) {
        RecordedRequest seen = others.lastRequest();
        assertThat(seen.path()).isEqualTo(path);
        assertThat(seen.query()).isEqualTo(query);
        assertThat(seen.header("api-key")).contains(KEY);
        assertThat(seen.header("authorization")).isEmpty();
        assertThat(seen.bodyText()).contains("\"model\":\"gpt-4o\"");
    }

    @Test
    void azureStreamsWithItsUsageCounted() throws Exception {
        HttpResponse<String> answer = send("/v1/chat/completions", openAi("old-form", ",\"stream\":true"));

        assertThat(answer.body()).endsWith("data: [DONE]\n\n");
        AuditRecord end = stack.auditEnd(requestId(answer));
        assertThat(end.tokensIn() + end.tokensOut()).isEqualTo(7);
        assertThat(end.provider()).isEqualTo("dated");
    }

    @ParameterizedTest
    @ValueSource(strings = {"old-/../../x", "old-%2e%2e", "old-a b", "old-a?api-version=1"})
    void aNameThatWouldLeaveItsPlaceInThePathIsRefused(String model) throws Exception {
        HttpResponse<String> answer = send("/v1/chat/completions", openAi(model, ""));

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        assertThat(answer.body()).contains("\"param\":\"model\"", "a deployment");
        assertThat(others.count()).isZero();
    }

    @Test
    void theRouterGetsTheLimitUnderTheNameThatItKnows() throws Exception {
        HttpResponse<String> answer = send("/v1/messages", openAi("routed", ",\"max_tokens\":20"));

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        JsonObject seen = new JsonObject(others.lastRequest().bodyText());
        assertThat(seen.getString("model")).isEqualTo("meta-llama/Llama-3.3-70B-Instruct");
        assertThat(seen.getInteger("max_tokens")).isEqualTo(20);
        assertThat(seen.containsKey("max_completion_tokens")).isFalse();
        assertThat(others.lastRequest().header("authorization")).contains("Bearer " + KEY);
    }

    @Test
    void modelsThatNobodyNamesGoToOpenAiItself() throws Exception {
        HttpResponse<String> answer = send("/v1/chat/completions", openAi("some-model", ""));

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(stack.openai().count()).isEqualTo(1);
        assertThat(others.count()).isZero();
    }

    @Test
    void aServerOfOneModelCompletesAPrompt() throws Exception {
        HttpResponse<String> answer =
                send("/v1/completions", "{\"model\":\"bare\",\"prompt\":\"one two three\",\"max_tokens\":50}");

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains("\"text\":\"echo: one two three\"", "\"object\":\"text_completion\"");
        assertThat(others.lastRequest().path()).isEqualTo("/generate");
        AuditRecord end = stack.auditEnd(requestId(answer));
        assertThat(end.tokensIn()).as("estimated, as the server does not say").isPositive();
    }

    @Test
    void aServerOfOneModelStreamsAChatOfOneMessage() throws Exception {
        HttpResponse<String> answer = send(
                "/v1/chat/completions", openAi("bare", ",\"stream\":true,\"stream_options\":{\"include_usage\":true}"));

        assertThat(others.lastRequest().path()).isEqualTo("/generate_stream");
        assertThat(answer.body())
                .contains("\"finish_reason\":\"stop\"", "\"total_tokens\":7")
                .doesNotContain("</s>")
                .endsWith("data: [DONE]\n\n");
        AuditRecord end = stack.auditEnd(requestId(answer));
        assertThat(end.tokensIn()).isEqualTo(3);
        assertThat(end.tokensOut()).isEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource({"cut=2, provider_stream_cut", "truncate=2, provider_stream_cut", "error=2, generation"})
    void aServersStreamThatBreaksOffEndsWithAnError(String script, String reason) throws Exception {
        others.script(Script.of(script));
        HttpResponse<String> answer = send("/v1/chat/completions", openAi("bare", ",\"stream\":true"));

        assertThat(answer.body()).contains("one", "\"error\":{").doesNotContain("[DONE]");
        AuditRecord end = stack.auditEnd(requestId(answer));
        assertThat(end.outcome()).isEqualTo(AuditOutcome.ERROR);
        assertThat(end.reason()).isEqualTo(reason);
    }

    @Test
    void whatABarePromptCannotSayIsRefusedBeforeTheServerSeesIt() throws Exception {
        HttpResponse<String> tools = send(
                "/v1/chat/completions",
                openAi("bare", ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]"));
        HttpResponse<String> turns = send("/v1/messages", openAi("bare", ",\"system\":\"be brief\",\"max_tokens\":9"));

        assertThat(tools.statusCode()).isEqualTo(400);
        assertThat(tools.body()).contains("\"param\":\"tools\"", "unsupported_parameter");
        assertThat(turns.statusCode()).isEqualTo(400);
        assertThat(turns.body()).contains("one message of the user");
        assertThat(others.count()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"dated, old-form", "azure, new-form", "server, bare"})
    void modelsOfAProviderWithoutAListAreThoseOfTheConfiguration(String provider, String model) throws Exception {
        HttpResponse<String> answer = send(HttpRequest.newBuilder(stack.uri("/v1/models?provider=" + provider))
                .GET());

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(new JsonObject(answer.body()).getJsonArray("data"))
                .singleElement()
                .satisfies(
                        card -> assertThat(((JsonObject) card).getString("id")).isEqualTo(model));
        assertThat(others.count()).isZero();
    }

    private static String openAi(String model, String more) {
        return "{\"model\":\"" + model + "\",\"messages\":[{\"role\":\"user\",\"content\":\"one two three\"}]" + more
                + "}";
    }

    private static HttpResponse<String> send(String path, String body) throws Exception {
        return send(HttpRequest.newBuilder(stack.uri(path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            return client.send(
                    request.header("Authorization", "Bearer " + token)
                            .timeout(Duration.ofSeconds(10))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private static String requestId(HttpResponse<?> answer) {
        return answer.headers().firstValue("X-Request-ID").orElseThrow();
    }
}
