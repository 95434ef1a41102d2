package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.value.Allowance;
import io.latticegate.testing.Await;
import io.latticegate.testing.FakeProvider;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Providers, models and allowlists change while requests are served, whole or not at all, and every change can be undone. */
final class LiveConfigTest {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration ONE_SECOND = Duration.ofSeconds(1);
    private static final String SECOND_KEY = "sk-second-project-0001";
    private static final String WITHOUT_SECOND = "{\"providers\":{\"second\":null},\"models\":{\"second-*\":null}}";
    private static LocalStack stack;
    private static FakeProvider second;
    private static RawProvider tools;
    private static HttpClient client;
    private static ManagedConfig config;
    private static String token;
    private long before;

    @BeforeAll
    static void start() throws IOException {
        second = FakeProvider.start().acceptOnly(SECOND_KEY);
        tools = new RawProvider();
        tools.answers(RawProvider.answer(200, "{}"));
        stack = LocalStack.with()
                .setting("management.private_providers", true)
                .yaml("""
                    providers:
                      tools:
                        kind: generic
                        base_url: %s
                        allow_http: true
                        allow_private: true
                        api_key: tools-key-0001
                        allowed_endpoints: [/v1/items, /v1/run]
                    """.formatted(tools.url()))
                .start();
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        config = new ManagedConfig(stack.managementUrl(), LocalStack.MANAGEMENT_TOKEN);
        String project = stack.project("live");
        stack.storeKey(project, "second", SECOND_KEY);
        token = stack.token(project, Allowance.WITHOUT_LIMIT);
    }

    @AfterAll
    static void stop() throws IOException {
        client.close();
        stack.close();
        second.close();
        tools.close();
    }

    @BeforeEach
    void remember() {
        before = config.read().version();
        second.reset();
        stack.openai().reset();
    }

    @AfterEach
    void restore() {
        assertThat(config.rollback(before).status()).isEqualTo(200);
    }

    @Test
    void aProviderIsAddedAtRunTimeUsedAndRemoved() throws Exception {
        assertThat(chat("second-model").statusCode()).isEqualTo(200);
        assertThat(second.count())
                .as("not known yet: the first OpenAI provider judges the name")
                .isZero();

        change(secondProvider());
        assertThat(chat("second-model").headers().firstValue("X-Gateway-Provider"))
                .hasValue("second");
        assertThat(post("/p/second/v1/anything", "{}").body()).doesNotContain("endpoint_not_found");

        change(WITHOUT_SECOND);
        assertThat(post("/p/second/v1/anything", "{}").statusCode()).isEqualTo(404);
        long asked = second.count();
        chat("second-model");
        HttpResponse<String> stream = post("/api/second", "{\"model\":\"second-model\"}");
        assertThat(stream.statusCode()).isEqualTo(404);
        assertThat(second.count()).isEqualTo(asked);
    }

    @Test
    void aDisabledProviderIsRefusedInTheSurfacesDialect() {
        String message =
                "{\"model\":\"claude-sonnet-4-5\",\"max_tokens\":5,\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}";
        assertThat(post("/v1/messages", message).statusCode()).isEqualTo(200);
        change("{\"providers\":{\"anthropic\":{\"enabled\":false}}}");

        HttpResponse<String> refused = post("/v1/messages", message);
        assertThat(refused.statusCode()).isEqualTo(404);
        assertThat(new JsonObject(refused.body()).getString("type")).isEqualTo("error");
        assertThat(new JsonObject(refused.body()).getJsonObject("error").getString("type"))
                .isEqualTo("not_found_error");
    }

    @Test
    void aNarrowedAllowlistHoldsWithinASecond() {
        assertThat(post("/p/tools/v1/run", "{\"mode\":\"fast\"}").statusCode()).isEqualTo(200);

        long changed = System.nanoTime();
        config.patch("{\"providers\":{\"tools\":{\"param_allowlist\":{\"mode\":[\"slow\"]}}}}");
        Await.until(
                ONE_SECOND,
                "a value to be refused",
                () -> post("/p/tools/v1/run", "{\"mode\":\"fast\"}").statusCode() == 403);
        System.out.printf("narrowed allowlist: 403 after %d ms%n", (System.nanoTime() - changed) / 1_000_000);
        assertThat(post("/p/tools/v1/run", "{\"mode\":\"fast\"}").body()).contains("parameter_not_allowed");
        assertThat(post("/p/tools/v1/run", "{\"mode\":\"slow\"}").statusCode()).isEqualTo(200);

        config.patch("{\"providers\":{\"tools\":{\"allowed_endpoints\":[\"/v1/items\"]}}}");
        Await.until(
                ONE_SECOND,
                "a path to be refused",
                () -> post("/p/tools/v1/run", "{\"mode\":\"slow\"}").statusCode() == 404);
        config.patch("{\"providers\":{\"tools\":{\"allowed_methods\":[\"GET\"]}}}");
        Await.until(
                ONE_SECOND,
                "a method to be refused",
                () -> post("/p/tools/v1/items", "{\"mode\":\"slow\"}").statusCode() == 405);
    }

    @Test
    void originsChangeToo() {
        String origin = "https://app.example.com";
        assertThat(withOrigin(origin).headers().firstValue("Access-Control-Allow-Origin"))
                .isEmpty();
        config.patch("{\"security\":{\"cors\":{\"origins\":[\"" + origin + "\"]}}}");
        Await.until(
                ONE_SECOND,
                "the origin to be allowed",
                () -> withOrigin(origin)
                        .headers()
                        .firstValue("Access-Control-Allow-Origin")
                        .equals(Optional.of(origin)));
    }

    @Test
    void aBadChangeIsRefusedWholeWithEveryProblem() {
        ManagedConfig.Reply now = config.read();
        String bad = """
                { "providers": { "tools": { "retry_count": 99 },
                                 "anthropic": { "alowed_methods": ["GET"] },
                                 "openai": { "api_key": "sk-canary-0001" } },
                  "models": { "good": { "provider": "openai" }, "lost": { "provider": "nobody" } },
                  "routing": { "strategy": "best" },
                  "server": { "port": 1 } }
                """;
        ManagedConfig.Reply refused = config.patch(now.etag(), bad);

        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.json().getString("code")).isEqualTo("config_refused");
        assertThat(refused.problems())
                .containsExactlyInAnyOrder(
                        "providers.tools.retry_count",
                        "providers.anthropic.alowed_methods",
                        "providers.openai.api_key",
                        "models.lost",
                        "routing.strategy",
                        "server");
        assertThat(refused.text())
                .contains("did you mean providers.anthropic.allowed_methods?")
                .doesNotContain("canary");
        ManagedConfig.Reply dryRun = config.send("POST", "/validate", null, "application/merge-patch+json", bad);
        assertThat(dryRun.status()).isEqualTo(200);
        assertThat(dryRun.json().getBoolean("valid")).isFalse();
        assertThat(dryRun.json().getJsonArray("problems"))
                .isEqualTo(refused.json().getJsonArray("problems"));
        assertThat(config.read().text()).isEqualTo(now.text());
    }

    @Test
    void aDryRunChangesNothingAndShowsWhatWouldChange() {
        ManagedConfig.Reply now = config.read();
        ManagedConfig.Reply dryRun = config.send(
                "POST",
                "/validate",
                null,
                "application/merge-patch+json",
                "{\"routing\":{\"strategy\":\"weighted\"},\"providers\":{\"tools\":{\"allowed_endpoints\":[]}}}");
        assertThat(dryRun.json().getBoolean("valid")).isTrue();
        assertThat(dryRun.json().getJsonArray("changes").encode())
                .isEqualTo("[{\"path\":\"/providers/tools/allowed_endpoints\",\"before\":[\"/v1/items\",\"/v1/run\"],"
                        + "\"after\":[]},{\"path\":\"/routing\",\"after\":{\"strategy\":\"weighted\"}}]");
        assertThat(config.read().text()).isEqualTo(now.text());
    }

    @Test
    void aWholeDocumentReplacesTheFormerInJsonAndYaml() {
        JsonObject document = config.read().json().getJsonObject("config");
        document.getJsonObject("providers").getJsonObject("tools").put("timeout", "3s");
        ManagedConfig.Reply json = config.put(config.read().etag(), document.encode());
        assertThat(json.status()).isEqualTo(200);
        assertThat(json.json().getJsonObject("config")).isEqualTo(document);

        document.put("routing", new JsonObject().put("strategy", "usage"));
        // JSON is YAML too; a comment makes it only that.
        ManagedConfig.Reply yaml = config.send(
                "PUT", "", config.read().etag(), "application/yaml", "# routing by use\n" + document.encode());
        assertThat(yaml.status()).isEqualTo(200);
        assertThat(yaml.json().getJsonArray("changes").encode())
                .isEqualTo("[{\"path\":\"/routing\",\"after\":{\"strategy\":\"usage\"}}]");
    }

    @Test
    void ofConcurrentChangesToOneVersionExactlyOneWins() {
        String etag = config.read().etag();
        List<CompletableFuture<ManagedConfig.Reply>> calls = new ArrayList<>();
        for (int i = 1; i <= 12; i++) {
            String patch = "{\"routing\":{\"circuit_breaker\":{\"failures\":" + (100 + i) + "}}}";
            calls.add(CompletableFuture.supplyAsync(() -> config.patch(etag, patch)));
        }
        List<Integer> statuses = calls.stream()
                .map(CompletableFuture::join)
                .map(ManagedConfig.Reply::status)
                .toList();
        assertThat(statuses).filteredOn(status -> status == 200).hasSize(1);
        assertThat(statuses).filteredOn(status -> status == 412).hasSize(11);
        assertThat(config.read().version()).isEqualTo(before + 1);
    }

    @Test
    void aRollbackRestoresAndTheDifferenceIsEmptyAgain() {
        String original = config.read().json().getJsonObject("config").encode();
        config.patch("{\"models\":{\"a.b/c\":{\"provider\":\"openai\",\"price_in\":2.5}}}");
        JsonObject diff = config.get("/diff").json();
        assertThat(diff.getJsonArray("changes").encode())
                .isEqualTo("[{\"path\":\"/models\",\"after\":{\"a.b/c\":{\"provider\":\"openai\",\"price_in\":2.5}}}]");

        ManagedConfig.Reply restored = config.rollback(before);
        assertThat(restored.version()).isEqualTo(before + 2);
        assertThat(restored.json().getString("origin")).isEqualTo("rollback");
        assertThat(restored.json().getJsonObject("config").encode()).isEqualTo(original);
        assertThat(config.get("/diff?from=" + before).json().getJsonArray("changes"))
                .isEmpty();
        assertThat(config.get("/versions?limit=3").json().getJsonArray("versions").stream()
                        .map(version -> ((JsonObject) version).getLong("version")))
                .containsExactly(before + 2, before + 1, before);
        assertThat(config.get("/versions/" + (before + 1)).text()).contains("a.b/c");
        assertThat(config.get("/versions/999999").status()).isEqualTo(404);
    }

    @Test
    void everyChangeIsInTheAuditWithItsVersionAndPlaces() {
        ManagedConfig.Reply made = config.patch("{\"models\":{\"audited\":{\"provider\":\"openai\"}}}");
        AuditRecord end = stack.auditEnd(made.json().getString("request_id"));
        assertThat(end.action()).isEqualTo("config.update");
        assertThat(end.outcome()).isEqualTo(AuditOutcome.SUCCESS);
        assertThat(end.metadata())
                .containsEntry("from_version", Long.toString(before))
                .containsEntry("version", Long.toString(before + 1))
                .containsEntry("changes", "+ /models");
    }

    @Test
    void aRunningStreamIsNotDisturbedByTheRemovalOfItsProvider() throws Exception {
        change(secondProvider());
        HttpResponse<InputStream> stream = client.send(
                request("/v1/chat/completions", body("second-model+chunks=60+gap=20ms", true)),
                HttpResponse.BodyHandlers.ofInputStream());
        assertThat(stream.statusCode()).isEqualTo(200);
        int events = 0;
        boolean done = false;
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("data: {") && ++events == 5) {
                    change(WITHOUT_SECOND);
                }
                done |= line.equals("data: [DONE]");
            }
        }
        assertThat(done).isTrue();
        assertThat(events).isGreaterThanOrEqualTo(60);
        assertThat(post("/p/second/v1/anything", "{}").statusCode()).isEqualTo(404);
        Await.until(PATIENCE, "the stream to be over at the provider", () -> second.inFlight() == 0);
    }

    @Test
    void hostileBodiesAndHeadersAreRefused() {
        String etag = config.read().etag();
        String deep = "{\"a\":".repeat(5_000) + "1" + "}".repeat(5_000);
        String bomb = "a: &a [x,x,x]\nb: &b [*a,*a,*a]\nproviders: *b\n";
        String huge = "{\"providers\":{\"a\":\"" + "x".repeat(1 << 20) + "\"}}";

        assertThat(config.put(etag, deep).status()).isEqualTo(400);
        assertThat(config.put(etag, huge).status()).isEqualTo(413);
        assertThat(config.put(etag, "{\"routing\":{},\"routing\":{}}").status()).isEqualTo(400);
        assertThat(config.put(etag, "[]").status()).isEqualTo(400);
        assertThat(config.put(etag, "").status()).isEqualTo(400);
        assertThat(config.send("PUT", "", etag, "application/yaml", bomb).text())
                .contains("anchor");
        assertThat(config.send("PUT", "", etag, "text/plain", "{}").status()).isEqualTo(415);
        assertThat(config.send("PUT", "", etag, "application/merge-patch+json", "{}")
                        .status())
                .isEqualTo(415);
        assertThat(config.put(null, "{}").status()).isEqualTo(428);
        assertThat(config.put("*", "{}").status()).isEqualTo(400);
        assertThat(config.put("W/" + etag, "{}").status()).isEqualTo(400);
        assertThat(config.put("\"999999\"", "{}").status()).isEqualTo(412);
        assertThat(config.get("/diff?from=0").status()).isEqualTo(400);
        assertThat(config.get("/versions/..").status()).isEqualTo(404);
        assertThat(config.send("DELETE", "", etag, null, null).status()).isEqualTo(405);
        assertThat(new ManagedConfig(stack.managementUrl(), "wrong-management-token")
                        .read()
                        .status())
                .isEqualTo(401);
        assertThat(config.read().etag()).isEqualTo(etag);
    }

    @Test
    void aKeyIsNeverLedToAnotherAddress() {
        ManagedConfig.Reply refused =
                config.patch("{\"providers\":{\"openai\":{\"base_url\":\"https://elsewhere.example/v1\"}}}");
        assertThat(refused.problems()).containsExactly("providers.openai.base_url");

        config.patch(secondProvider());
        config.patch(WITHOUT_SECOND);
        ManagedConfig.Reply again = config.patch(secondProvider().replace(second.url(), "https://elsewhere.example"));
        assertThat(again.problems()).containsExactly("providers.second.base_url");
    }

    @Test
    void aFileThatHasChangedBecomesTheNextVersion(@TempDir Path folder) {
        long made;
        try (LocalStack first = LocalStack.with()
                .folder(folder)
                .setting("routing.retry_budget", "0.2")
                .start()) {
            ManagedConfig own = new ManagedConfig(first.managementUrl(), LocalStack.MANAGEMENT_TOKEN);
            assertThat(own.patch("{\"providers\":{\"z\":{\"base_url\":\"http://10.0.0.5\",\"allow_http\":true,"
                                    + "\"allow_private\":true}}}")
                            .problems())
                    .containsExactly("providers.z.allow_private", "providers.z.allow_http");
            ManagedConfig.Reply changed = own.patch("{\"routing\":{\"strategy\":\"weighted\"}}");
            assertThat(changed.json().getBoolean("same_as_file")).isFalse();
            made = changed.version();
        }
        try (LocalStack same = LocalStack.with()
                .folder(folder)
                .setting("routing.retry_budget", "0.3")
                .start()) {
            ManagedConfig own = new ManagedConfig(same.managementUrl(), LocalStack.MANAGEMENT_TOKEN);
            ManagedConfig.Reply now = own.read();
            assertThat(now.version()).isEqualTo(made + 1);
            assertThat(now.json().getString("origin")).isEqualTo("file");
            assertThat(now.json()
                            .getJsonObject("config")
                            .getJsonObject("routing")
                            .encode())
                    .isEqualTo("{\"retry_budget\":0.3}");
        }
    }

    /** Changes what is in force, which every event loop of the proxy goes by within a second. */
    private static void change(String patch) {
        ManagedConfig.Reply made = config.patch(patch);
        assertThat(made.status()).as(made.text()).isEqualTo(200);
        String line = "gateway_rules_version " + made.version() + ".0";
        HttpRequest metrics = HttpRequest.newBuilder(URI.create(stack.managementUrl() + "/metrics"))
                .build();
        Await.until(
                ONE_SECOND,
                "version " + made.version() + " to be in force",
                () -> send(metrics).body().lines().anyMatch(line::equals));
    }

    private static String secondProvider() {
        return new JsonObject()
                .put(
                        "providers",
                        new JsonObject()
                                .put(
                                        "second",
                                        new JsonObject()
                                                .put("kind", "openai")
                                                .put("base_url", second.url())
                                                .put("allow_http", true)
                                                .put("allow_private", true)
                                                .put("allowed_endpoints", List.of("/v1/anything"))))
                .put("models", new JsonObject().put("second-*", new JsonObject().put("provider", "second")))
                .encode();
    }

    private static HttpResponse<String> withOrigin(String origin) {
        return send(HttpRequest.newBuilder(stack.uri("/v1/models"))
                .header("Authorization", "Bearer " + token)
                .header("Origin", origin)
                .build());
    }

    private static HttpResponse<String> chat(String model) {
        return post("/v1/chat/completions", body(model, false));
    }

    private static String body(String model, boolean stream) {
        return "{\"model\":\"" + model + "\",\"stream\":" + stream
                + ",\"max_tokens\":1000,\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}";
    }

    private static HttpResponse<String> post(String path, String body) {
        return send(request(path, body));
    }

    private static HttpRequest request(String path, String body) {
        return HttpRequest.newBuilder(stack.uri(path))
                .timeout(Duration.ofSeconds(20))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private static HttpResponse<String> send(HttpRequest request) {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", interrupted);
        }
    }
}
