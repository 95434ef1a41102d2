package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.value.Allowance;
import io.latticegate.testing.RecordedRequest;
import io.latticegate.testing.Script;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A project with three keys of one provider (S1-039), as the provider and the ledger see them. */
final class KeysTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final AtomicInteger PROJECTS = new AtomicInteger();
    private static LocalStack stack;

    private String first = "";
    private String second = "";
    private String third = "";
    private String project = "";
    private String token = "";

    @BeforeAll
    static void start() {
        stack = LocalStack.with()
                .yaml("routing: { health_check_interval: 0s, circuit_breaker: { failures: 3, cooldown: 1h } }")
                .start();
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    /** What is known of a key outlasts a project, so each test has keys of its own. */
    @BeforeEach
    void projectWithoutKeys() {
        int number = PROJECTS.incrementAndGet();
        first = "sk-three-keys-first-" + number;
        second = "sk-three-keys-second-" + number;
        third = "sk-three-keys-third-" + number;
        stack.openai().reset();
        stack.openai().acceptOnly(first, second, third, LocalStack.OPENAI_KEY);
        project = stack.project("keys");
        token = stack.token(project, Allowance.WITHOUT_LIMIT);
    }

    @Test
    void theProviderSeesEveryKeyInProportionToItsWeight() throws Exception {
        threeKeys(first, second, third);

        for (int i = 0; i < 300; i++) {
            assertThat(chat("weights", token).statusCode()).isEqualTo(200);
        }

        // Five standard deviations of a binomial distribution around 50, 100 and 150.
        assertThat(seen(first)).isBetween(17L, 83L);
        assertThat(seen(second)).isBetween(59L, 141L);
        assertThat(seen(third)).isBetween(106L, 194L);
        assertThat(seen(first) + seen(second) + seen(third)).isEqualTo(300);
    }

    @Test
    void aKeyThatIsNotAcceptedRestsAndTheOthersTakeOver() throws Exception {
        threeKeys("sk-three-keys-revoked", second, third);

        Set<String> fingerprints = new HashSet<>();
        List<HttpResponse<String>> twice = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            HttpResponse<String> answer = chat("refused", token);
            assertThat(answer.statusCode()).isEqualTo(200);
            if (header(answer, "X-Gateway-Attempts").equals("2")) {
                twice.add(answer);
            }
            fingerprints.add(end(answer).keyFingerprint());
        }

        assertThat(seen("sk-three-keys-revoked")).isEqualTo(1);
        assertThat(fingerprints).hasSize(2);
        assertThat(twice).hasSize(1);
        List<AuditRecord> attempts = attempts(twice.getFirst());
        assertThat(attempts).extracting(AuditRecord::status).containsExactly(401, 200);
        assertThat(attempts).extracting(AuditRecord::outcome).containsExactly(AuditOutcome.ERROR, AuditOutcome.SUCCESS);
        assertThat(attempts).extracting(AuditRecord::keyFingerprint).doesNotHaveDuplicates();
        assertThat(attempts).extracting(AuditRecord::credentialSource).containsOnly("project");
    }

    @Test
    void aLimitedKeyRestsForAsLongAsItsProviderSays() throws Exception {
        threeKeys(first, second, third);
        stack.openai().script(request -> isWith(request, third), Script.of("status=429+retry-after=600"));

        for (int i = 0; i < 40; i++) {
            assertThat(chat("limited", token).statusCode()).isEqualTo(200);
        }

        assertThat(seen(third)).isEqualTo(1);
        assertThat(seen(first) + seen(second)).isEqualTo(40);
    }

    @Test
    void theGatewaysKeyNeverStandsInForAProjects() throws Exception {
        stack.storeKey(project, "openai", "a", 1, "sk-three-keys-bad-a");
        stack.storeKey(project, "openai", "b", 1, "sk-three-keys-bad-b");

        assertThat(chat("source", token).statusCode()).isEqualTo(502);
        assertThat(chat("source", token).statusCode()).isEqualTo(503);

        assertThat(seen(LocalStack.OPENAI_KEY)).isZero();
        assertThat(stack.openai().count(CHAT)).isEqualTo(2);
    }

    @Test
    void whatFailsAtTheProviderIsNotTriedWithEveryKey() throws Exception {
        threeKeys(first, second, third);
        stack.openai().script(request -> true, Script.of("status=400"));

        assertThat(chat("at-fault", token).statusCode()).isEqualTo(400);

        assertThat(stack.openai().count(CHAT)).isEqualTo(1);
    }

    @Test
    void whatBelongsToAnAccountStaysWithTheFirstKey() throws Exception {
        threeKeys(first, second, third);

        for (int i = 0; i < 12; i++) {
            assertThat(send("/v1/responses", "{\"model\":\"gpt-own\",\"input\":\"hello\"}", token)
                            .statusCode())
                    .isEqualTo(200);
            assertThat(get("/v1/files").statusCode()).isEqualTo(200);
            assertThat(send(CHAT, """
                                    {"model":"gpt-own","messages":[{"role":"user","content":[
                                      {"type":"text","text":"read"},{"type":"file","file":{"file_id":"file-1"}}]}]}""", token).statusCode()).isEqualTo(200);
        }

        assertThat(seen(first)).isEqualTo(36);
        assertThat(seen(second) + seen(third)).isZero();
    }

    @Test
    void keysAreAddedWeighedListedAndRemovedThroughTheManagementApi() throws Exception {
        String keys = "/manage/projects/" + project + "/keys";
        assertThat(manage("POST", keys, key("a", first, 1)).statusCode()).isEqualTo(201);
        HttpResponse<String> added = manage("POST", keys, key("b", second, 999));
        assertThat(added.statusCode()).isEqualTo(201);
        for (int i = 0; i < 20; i++) {
            chat("managed", token);
        }
        assertThat(seen(second)).isGreaterThan(15);

        JsonArray listed = new JsonArray(manage("GET", keys, "").body());
        assertThat(listed.stream().map(one -> ((JsonObject) one).getString("name")))
                .containsExactly("a", "b");
        assertThat(listed.encode()).doesNotContain(first, second);
        assertThat(listed.getJsonObject(1).getInteger("weight")).isEqualTo(999);
        String fingerprint = listed.getJsonObject(1).getString("fingerprint");
        assertThat(end(chat("managed", token)).keyFingerprint())
                .isIn(fingerprint, listed.getJsonObject(0).getString("fingerprint"));

        assertThat(manage("DELETE", keys + "/openai/b", "").statusCode()).isEqualTo(204);
        assertThat(manage("DELETE", keys + "/openai/b", "").statusCode()).isEqualTo(404);
        stack.openai().reset();
        for (int i = 0; i < 20; i++) {
            assertThat(chat("managed", token).statusCode()).isEqualTo(200);
        }
        assertThat(seen(first)).isEqualTo(20);
        assertThat(seen(second)).isZero();
    }

    @Test
    void theGatewayMayHaveSeveralKeysToo(@TempDir Path folder) throws Exception {
        String yaml = "providers: { openai: { api_keys: [ { name: %s, key: %s } ] } }";

        Set<String> before = gatewayKeysSeen(folder, yaml.formatted("more", second));
        Set<String> after = gatewayKeysSeen(folder, yaml.formatted("other", third));

        assertThat(before).containsExactlyInAnyOrder("Bearer " + LocalStack.OPENAI_KEY, "Bearer " + second);
        assertThat(after).containsExactlyInAnyOrder("Bearer " + LocalStack.OPENAI_KEY, "Bearer " + third);
    }

    private Set<String> gatewayKeysSeen(Path folder, String yaml) throws IOException, InterruptedException {
        try (LocalStack own = LocalStack.with().folder(folder).yaml(yaml).start()) {
            own.openai().acceptOnly(LocalStack.OPENAI_KEY, second, third);
            String token = own.token();
            for (int i = 0; i < 40; i++) {
                HttpResponse<String> answer = exchange(HttpRequest.newBuilder(own.uri(CHAT))
                        .header("Authorization", "Bearer " + token)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(
                                "{\"model\":\"gpt-own\",\"messages\":[{\"role\":\"user\",\"content\":\"one\"}]}")));
                assertThat(answer.statusCode()).isEqualTo(200);
            }
            return own.openai().requests(CHAT).stream()
                    .map(request -> request.header("Authorization").orElseThrow())
                    .collect(Collectors.toSet());
        }
    }

    @Test
    void metricsTellOfAttemptsAndParkedKeys() throws Exception {
        stack.storeKey(project, "openai", "a", 1000, "sk-three-keys-parked");
        stack.storeKey(project, "openai", "b", 1, second);
        for (int i = 0; i < 5; i++) {
            chat("metrics", token);
        }

        String metrics = exchange(HttpRequest.newBuilder(URI.create(stack.managementUrl() + "/metrics"))
                        .header("Authorization", "Bearer " + LocalStack.MANAGEMENT_TOKEN))
                .body();

        assertThat(value(metrics, "gateway_keys_parked{", "provider=\"openai\""))
                .isPositive();
        assertThat(value(metrics, "gateway_provider_attempts_total{", "outcome=\"auth\"", "provider=\"openai\""))
                .isPositive();
        assertThat(value(metrics, "gateway_provider_attempts_total{", "outcome=\"success\"", "provider=\"openai\""))
                .isGreaterThanOrEqualTo(5);
        assertThat(value(metrics, "gateway_breaker_targets{", "provider=\"openai\"", "state=\"closed\""))
                .isPositive();
        assertThat(metrics).contains("gateway_retries_denied_total").contains("gateway_continuations_total");
        assertThat(metrics).doesNotContain("sk-three-keys");
    }

    private static double value(String metrics, String name, String... labels) {
        return metrics.lines()
                .filter(line ->
                        line.startsWith(name) && List.of(labels).stream().allMatch(line::contains))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @Test
    void noKeyIsInAnAnswer() throws Exception {
        threeKeys(first, second, third);
        HttpResponse<String> answer = chat("secret", token);
        String refusal = chat("secret+status=401", token).body();
        assertThat(answer.body() + answer.headers().map() + refusal).doesNotContain(first, second, third);
    }

    private void threeKeys(String a, String b, String c) {
        stack.storeKey(project, "openai", "a", 1, a);
        stack.storeKey(project, "openai", "b", 2, b);
        stack.storeKey(project, "openai", "c", 3, c);
    }

    private static long seen(String key) {
        return stack.openai().requests().stream()
                .filter(request -> isWith(request, key))
                .count();
    }

    private static boolean isWith(RecordedRequest request, String key) {
        return request.header("Authorization").orElse("").equals("Bearer " + key);
    }

    private static AuditRecord end(HttpResponse<?> answer) {
        return stack.auditEnd(header(answer, "X-Request-ID"));
    }

    private static List<AuditRecord> attempts(HttpResponse<?> answer) {
        return stack.audit(header(answer, "X-Request-ID")).stream()
                .filter(entry ->
                        entry.phase() == AuditPhase.EVENT && entry.action().equals("provider_attempt"))
                .toList();
    }

    private static String key(String name, String key, int weight) {
        return new JsonObject()
                .put("name", name)
                .put("api_key", key)
                .put("weight", weight)
                .encode();
    }

    private static HttpResponse<String> chat(String model, String token) throws IOException, InterruptedException {
        return send(
                CHAT,
                "{\"model\":\"gpt-" + model + "\",\"messages\":[{\"role\":\"user\",\"content\":\"one two\"}]}",
                token);
    }

    private static HttpResponse<String> send(String path, String body, String token)
            throws IOException, InterruptedException {
        return exchange(HttpRequest.newBuilder(stack.uri(path))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body)));
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return exchange(HttpRequest.newBuilder(stack.uri(path)).header("Authorization", "Bearer " + token));
    }

    private static HttpResponse<String> manage(String method, String path, String body)
            throws IOException, InterruptedException {
        return exchange(HttpRequest.newBuilder(URI.create(stack.managementUrl() + path))
                .header("Authorization", "Bearer " + LocalStack.MANAGEMENT_TOKEN)
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(body)));
    }

    private static HttpResponse<String> exchange(HttpRequest.Builder request) throws IOException, InterruptedException {
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    private static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElseThrow();
    }
}
