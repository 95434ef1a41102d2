package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.value.Allowance;
import io.latticegate.testing.Await;
import io.latticegate.testing.FakeProvider;
import io.latticegate.testing.RecordedRequest;
import io.latticegate.testing.Script;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a project may use (C-23, C-98) holds on every surface, in lists, and where a provider fails. */
final class ProjectRulesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final String SECOND_KEY = "sk-second-gateway-0001";
    private static final String TEXT = "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";
    private static final AtomicInteger PROJECTS = new AtomicInteger();

    private static LocalStack stack;
    private static FakeProvider second;
    private static RawProvider tools;
    private static HttpClient client;
    private static ManagedConfig config;

    private long before;
    private int number;
    private String project = "";
    private String token = "";

    @BeforeAll
    static void start() throws IOException {
        second = FakeProvider.start().acceptOnly(SECOND_KEY);
        tools = new RawProvider();
        stack = LocalStack.with()
                .yaml("""
                        auth: { mode: hybrid }
                        routing: { strategy: round_robin, health_check_interval: 0s, circuit_breaker: { failures: 1000 } }
                        providers:
                          openai: { retry_count: 1 }
                          second: { kind: openai, base_url: %s/v1, allow_http: true, allow_private: true, api_key: %s }
                          tools: { kind: generic, base_url: %s, allow_http: true, allow_private: true, api_key: t, allowed_endpoints: [/run] }
                        models:
                          shared: { targets: [ { provider: openai, upstream_model: gpt-4o }, { provider: second, upstream_model: gpt-4o } ] }
                        """.formatted(second.url(), SECOND_KEY, tools.url()))
                .start();
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        config = new ManagedConfig(stack.managementUrl(), LocalStack.MANAGEMENT_TOKEN);
    }

    @AfterAll
    static void stop() throws IOException {
        client.close();
        stack.close();
        second.close();
        tools.close();
    }

    @BeforeEach
    void projectOfItsOwn() {
        before = config.read().version();
        second.reset();
        second.acceptOnly(SECOND_KEY);
        stack.openai().reset();
        stack.anthropic().reset();
        stack.gemini().reset();
        tools.answers(RawProvider.answer(200, "{}"));
        number = PROJECTS.incrementAndGet();
        project = stack.project("rules");
        token = stack.token(project, Allowance.WITHOUT_LIMIT);
    }

    @AfterEach
    void restore() {
        if (config.read().version() != before) {
            ManagedConfig.Reply undone = config.rollback(before);
            assertThat(undone.status()).as(undone.text()).isEqualTo(200);
            awaitInForce(undone.version());
        }
    }

    @Test
    void whatServesAModelElsewhereIsRefusedInTheSurfacesOwnForm() throws Exception {
        limit("\"providers\": [\"anthropic\"]");

        HttpResponse<String> openai = post("/v1/chat/completions", "{\"model\":\"gpt-4o\"," + TEXT + "}");
        assertThat(openai.statusCode()).as(openai.body()).isEqualTo(403);
        assertThat(new JsonObject(openai.body()).getJsonObject("error").getString("code"))
                .isEqualTo("provider_not_allowed");
        HttpResponse<String> gemini = post(
                "/v1beta/models/gemini-2.5-flash:generateContent", "{\"contents\":[{\"parts\":[{\"text\":\"hi\"}]}]}");
        assertThat(gemini.statusCode()).as(gemini.body()).isEqualTo(403);
        assertThat(new JsonObject(gemini.body()).getJsonObject("error").getString("status"))
                .isEqualTo("PERMISSION_DENIED");
        HttpResponse<String> tokens = post("/api/openai", "{\"model\":\"gpt-4o\"," + TEXT + "}");
        assertThat(tokens.statusCode()).as(tokens.body()).isEqualTo(400);
        assertThat(tokens.body()).isEqualTo("{\"error\":\"Invalid model\"}");
        HttpResponse<String> moderation = post("/v1/moderations", "{\"input\":\"hi\"}");
        assertThat(moderation.statusCode()).as(moderation.body()).isEqualTo(403);
        HttpResponse<String> own = post("/p/tools/run", "{}");
        assertThat(own.statusCode()).as(own.body()).isEqualTo(403);
        assertThat(new JsonObject(own.body()).getString("code")).isEqualTo("provider_not_allowed");
        assertThat(tools.calls()).isEmpty();
        assertThat(stack.openai().count() + second.count() + stack.gemini().count())
                .isZero();
        AuditRecord end = end(own);
        assertThat(end.outcome()).isEqualTo(AuditOutcome.DENIED);
        assertThat(end.projectId()).isEqualTo(project);

        assertThat(post("/v1/messages", message("claude-sonnet-4-5")).statusCode())
                .isEqualTo(200);
        String other = stack.token(stack.project("other"), Allowance.WITHOUT_LIMIT);
        assertThat(post(other, "/v1/chat/completions", "{\"model\":\"gpt-4o\"," + TEXT + "}")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void aFailureLeadsToNoProviderThatIsNotAllowed() throws Exception {
        stack.openai().script(request -> true, Script.of("status=503"));
        assertThat(served()).isEqualTo("second");

        limit("\"providers\": [\"openai\"]");
        second.reset();
        for (int i = 0; i < 4; i++) {
            assertThat(post("/v1/chat/completions", "{\"model\":\"shared\"," + TEXT + "}")
                            .statusCode())
                    .isEqualTo(503);
        }
        assertThat(second.count()).isZero();
    }

    @Test
    void aModelThatNothingNamesGoesToTheFirstAllowedProviderOfTheProtocol() throws Exception {
        limit("\"providers\": [\"second\"]");

        HttpResponse<String> answer = post("/v1/chat/completions", "{\"model\":\"llama-4\"," + TEXT + "}");
        assertThat(answer.headers().firstValue("X-Gateway-Provider")).hasValue("second");
        assertThat(served()).isEqualTo("second");
        assertThat(stack.openai().count()).isZero();
    }

    @Test
    void listsHoldWhatMayBeUsed() throws Exception {
        assertThat(listed()).contains("shared", "gpt-4o", "claude-sonnet-4-5", "echo");

        limit("\"providers\": [\"second\", \"anthropic\"]");
        assertThat(listed())
                .contains("shared", "text-embedding-3-small", "claude-sonnet-4-5")
                .doesNotContain("gpt-4o", "echo");
        assertThat(stack.openai().count()).isOne();

        limit("\"providers\": [\"second\"], \"models\": [\"sha*\"]");
        assertThat(listed()).containsExactly("shared");
        assertThat(get("/v1/models/shared").statusCode()).isEqualTo(200);
        assertThat(get("/v1/models/gpt-4o").statusCode()).isEqualTo(404);
        assertThat(get("/v1beta/models").statusCode()).isEqualTo(403);
    }

    @Test
    void onlyModelsOfTheListMayBeNamed() throws Exception {
        limit("\"models\": [\"gpt-4o\", \"gpt-4o-*\"]");
        stack.storeKey(project, "openai", LocalStack.OPENAI_KEY);

        for (String[] refused : new String[][] {
            {"/v1/chat/completions", "\"model\":\"shared\""},
            {"/v1/chat/completions", "\"model\":\"GPT-4o\""},
            {"/v1/chat/completions", "\"user\":\"x\""},
            {"/v1/llm/chat/completions", "\"model\":\"shared\""},
            {"/v1/moderations", "\"input\":\"x\""},
            {"/v1/embeddings", "\"model\":\"text-embedding-3-small\",\"input\":\"x\""},
            {"/v1/batches", "\"input_file_id\":\"f\""}
        }) {
            HttpResponse<String> answer = post(refused[0], "{" + refused[1] + "," + TEXT + "}");
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(403);
            assertThat(new JsonObject(answer.body()).getJsonObject("error").getString("code"))
                    .as(refused[0] + " " + refused[1])
                    .isEqualTo("model_not_allowed");
        }
        HttpResponse<String> stream = post("/api/openai", "{\"model\":\"shared\"," + TEXT + "}");
        assertThat(stream.body()).isEqualTo("{\"error\":\"Invalid model\"}");
        assertThat(stack.openai().count()).isZero();

        assertThat(source("gpt-4o")).isEqualTo("project");
        assertThat(source("gpt-4o-mini")).isEqualTo("project");
    }

    @Test
    void projectsWithoutAnEntryHaveTheDefault() throws Exception {
        patch("{\"projects\":{\"default\":{\"models\":[\"shared\"]},\"" + project + "\":{}}}");

        assertThat(served()).isNotEmpty();
        assertThat(post("/v1/chat/completions", "{\"model\":\"gpt-4o\"," + TEXT + "}")
                        .statusCode())
                .isEqualTo(200);
        String other = stack.token(stack.project("other"), Allowance.WITHOUT_LIMIT);
        assertThat(post(other, "/v1/chat/completions", "{\"model\":\"gpt-4o\"," + TEXT + "}")
                        .statusCode())
                .isEqualTo(403);
    }

    @Test
    void keysComeFromTheSourcesInTheirOrder() throws Exception {
        String own = ownKey();
        assertThat(source("gpt-4o")).isEqualTo("project");

        limit("\"credential_sources\": [\"gateway\", \"project\"]");
        assertThat(source("gpt-4o")).isEqualTo("gateway");
        assertThat(seen(own)).isOne();

        limit("\"credential_sources\": [\"project\"]");
        assertThat(source("gpt-4o")).isEqualTo("project");
        HttpResponse<String> none = post("/v1/messages", message("claude-sonnet-4-5"));
        assertThat(none.statusCode()).as(none.body()).isEqualTo(403);

        HttpResponse<String> brought = client.send(
                request(token, "/v1/chat/completions", "{\"model\":\"gpt-4o\"," + TEXT + "}")
                        .header("X-Provider-Key", LocalStack.OPENAI_KEY)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(brought.statusCode()).as(brought.body()).isEqualTo(400);
        assertThat(brought.body()).contains("provider_key_not_allowed");

        limit("\"credential_sources\": [\"client\"]");
        assertThat(post("/v1/chat/completions", "{\"model\":\"gpt-4o\"," + TEXT + "}")
                        .statusCode())
                .isEqualTo(401);
    }

    @ParameterizedTest
    @CsvSource({"status=429+retry-after=600, 429", "status=429, 429"})
    void aSourceThatIsUsedUpIsFollowedByTheNextOnlyWhereItMaySpill(String script, int status) throws Exception {
        String own = ownKey();
        stack.openai().script(request -> isWith(request, own), Script.of(script));

        limit("\"providers\": [\"openai\"]");
        assertThat(post("/v1/chat/completions", "{\"model\":\"gpt-4o\"," + TEXT + "}")
                        .statusCode())
                .isEqualTo(status);
        assertThat(seen(LocalStack.OPENAI_KEY)).isZero();

        limit("\"providers\": [\"openai\"], \"spill\": true");
        HttpResponse<String> spilled = post("/v1/chat/completions", "{\"model\":\"gpt-4o\"," + TEXT + "}");
        assertThat(spilled.statusCode()).as(spilled.body()).isEqualTo(200);
        assertThat(end(spilled).credentialSource()).isEqualTo("gateway");
        assertThat(seen(LocalStack.OPENAI_KEY)).isOne();
    }

    @Test
    void aSourceThatIsRefusedOrFailsIsFollowedByNone() throws Exception {
        String own = ownKey();
        limit("\"spill\": true");
        assertThat(source("gpt-4o")).isEqualTo("project");

        stack.openai().script(request -> isWith(request, own), Script.of("status=500"));
        assertThat(post("/v1/chat/completions", "{\"model\":\"gpt-4o\"," + TEXT + "}")
                        .statusCode())
                .isEqualTo(500);
        stack.openai().reset();
        stack.openai().acceptOnly(LocalStack.OPENAI_KEY);
        assertThat(post("/v1/chat/completions", "{\"model\":\"gpt-4o\"," + TEXT + "}")
                        .statusCode())
                .isEqualTo(502);
        assertThat(seen(LocalStack.OPENAI_KEY)).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"providers\":[\"opnai\"]}|projects.p1.providers",
                "{\"models\":[\"*\"]}|projects.p1.models",
                "{\"credential_sources\":[\"wallet\"]}|projects.p1.credential_sources",
                "{\"credential_sources\":[\"project\",\"client\"]}|projects.p1.credential_sources",
                "{\"credential_sources\":[\"project\",\"project\"]}|projects.p1.credential_sources",
                "{\"credential_sources\":[\"project\"],\"spill\":true}|projects.p1.spill",
                "{\"provider\":[\"openai\"]}|projects.p1.provider"
            })
    void whatMeansNothingIsRefusedWithItsPlace(String entry, String path) {
        ManagedConfig.Reply refused = config.patch("{\"projects\":{\"p1\":" + entry + "}}");

        assertThat(refused.status()).as(refused.text()).isBetween(400, 422);
        assertThat(refused.problems()).as(refused.text()).anyMatch(one -> one.startsWith(path));
    }

    private void limit(String members) {
        patch("{\"projects\":{\"" + project + "\":null}}");
        patch("{\"projects\":{\"" + project + "\":{" + members + "}}}");
    }

    /** Waits until the node goes by it, which a request is admitted by. */
    private static void patch(String patch) {
        ManagedConfig.Reply changed = config.patch(patch);
        assertThat(changed.status()).as(changed.text()).isBetween(200, 299);
        awaitInForce(changed.version());
    }

    private static void awaitInForce(long version) {
        String line = "gateway_rules_version " + version + ".0";
        HttpRequest metrics = HttpRequest.newBuilder(URI.create(stack.managementUrl() + "/metrics"))
                .build();
        Await.until(PATIENCE, "version " + version + " to be in force", () -> {
            try {
                return client.send(metrics, HttpResponse.BodyHandlers.ofString())
                        .body()
                        .lines()
                        .anyMatch(line::equals);
            } catch (IOException gone) {
                throw new UncheckedIOException(gone);
            } catch (InterruptedException interrupt) {
                Thread.currentThread().interrupt();
                return false;
            }
        });
    }

    private String ownKey() {
        String own = "sk-rules-own-" + number;
        stack.openai().acceptOnly(own, LocalStack.OPENAI_KEY);
        stack.storeKey(project, "openai", own);
        return own;
    }

    private String served() throws Exception {
        HttpResponse<String> answer = post("/v1/chat/completions", "{\"model\":\"shared\"," + TEXT + "}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.headers().firstValue("X-Gateway-Provider").orElseThrow();
    }

    private String source(String model) throws Exception {
        HttpResponse<String> answer = post("/v1/chat/completions", "{\"model\":\"" + model + "\"," + TEXT + "}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return String.valueOf(end(answer).credentialSource());
    }

    private List<String> listed() throws Exception {
        HttpResponse<String> answer = get("/v1/models");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        JsonArray models = new JsonObject(answer.body()).getJsonArray("data");
        return models.stream()
                .map(model -> ((JsonObject) model).getString("id"))
                .toList();
    }

    private static AuditRecord end(HttpResponse<String> answer) {
        AuditRecord end =
                stack.auditEnd(answer.headers().firstValue("X-Request-ID").orElseThrow());
        assertThat(end.phase()).isEqualTo(AuditPhase.END);
        return end;
    }

    private static boolean isWith(RecordedRequest request, String key) {
        return request.header("authorization").orElse("").equals("Bearer " + key);
    }

    private static long seen(String key) {
        return stack.openai().requests().stream()
                .filter(request -> isWith(request, key))
                .count();
    }

    private static String message(String model) {
        return "{\"model\":\"" + model + "\",\"max_tokens\":5," + TEXT + "}";
    }

    private HttpResponse<String> post(String path, String body) throws Exception {
        return post(token, path, body);
    }

    private static HttpResponse<String> post(String credential, String path, String body) throws Exception {
        return client.send(request(credential, path, body).build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String path) throws Exception {
        return client.send(
                HttpRequest.newBuilder(stack.uri(path))
                        .header("Authorization", "Bearer " + token)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(String credential, String path, String body) {
        return HttpRequest.newBuilder(stack.uri(path))
                .header("Authorization", "Bearer " + credential)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
    }
}
