package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.value.Allowance;
import io.latticegate.testing.Await;
import io.latticegate.testing.FakeProvider;
import io.latticegate.testing.RedisServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers that are kept in Redis: found by whoever has the same project, readable by nobody else, and never needed. */
final class SharedCacheTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String CHAT = "/v1/chat/completions";
    private static final String KEPT = "public, max-age=600";
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @TempDir
    static Path folder;

    private static RedisServer redis;
    private static LocalStack stack;
    private static String project;
    private static String token;
    private static int serial;

    @BeforeAll
    static void start() throws IOException {
        redis = RedisServer.start();
        stack = stack(folder.resolve("stack"));
        project = stack.project("shared");
        token = stack.token(project, Allowance.WITHOUT_LIMIT);
    }

    @AfterAll
    static void stop() {
        stack.close();
        redis.close();
        CLIENT.close();
    }

    @BeforeEach
    void forget() {
        stack.openai().reset();
        serial++;
    }

    @Test
    void givesAnswersAndStreamsAgain() throws Exception {
        for (boolean stream : List.of(false, true)) {
            String body = body("again", stream);
            HttpResponse<String> first = send(body, token, KEPT);
            HttpResponse<String> second = send(body, token, KEPT);
            assertThat(header(first, "X-Cache")).isEqualTo("MISS");
            assertThat(header(second, "X-Cache")).isEqualTo("HIT");
            assertThat(second.body()).isEqualTo(first.body());
            assertThat(header(second, "Content-Type")).isEqualTo(header(first, "Content-Type"));
        }
        assertThat(stack.openai().count()).isEqualTo(2);
    }

    @Test
    void ofEqualRequestsAtTheSameTimeOneReachesTheProvider() {
        String body = body("together", false).replace("gpt-4o-mini", "gpt-4o-mini+latency=500ms");
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            answers.add(CLIENT.sendAsync(request(stack, body, token, KEPT), HttpResponse.BodyHandlers.ofString()));
        }
        assertThat(answers.stream().map(answer -> answer.join().body()).distinct())
                .hasSize(1);
        assertThat(stack.openai().count()).isEqualTo(1);
    }

    @Test
    void redisHoldsNothingThatCanBeRead() throws Exception {
        String body = body("canary question", false);
        HttpResponse<String> answer = send(body, token, KEPT);
        List<String> entries = entries();
        assertThat(entries).isNotEmpty();
        for (String entry : entries) {
            assertThat(redis.command("GET " + entry))
                    .doesNotContain("canary", "chatcmpl", "application/json", "openai", project);
        }
        assertThat(answer.body()).contains("chatcmpl");
    }

    @Test
    void withoutRedisTheProviderAnswersAndWithItAgainTheCache() throws Exception {
        String body = body("away", false);
        send(body, token, KEPT);
        assertThat(header(send(body, token, KEPT), "X-Cache")).isEqualTo("HIT");
        redis.kill();

        HttpResponse<String> away = send(body, token, KEPT);
        assertThat(away.statusCode()).isEqualTo(200);
        assertThat(header(away, "X-Cache")).isEqualTo("MISS");
        assertThat(metric("gateway_cache_backend_unavailable_total")).isPositive();

        redis.restart();
        Await.until(PATIENCE, "the cache to be used again", () -> {
            try {
                return header(send(body, token, KEPT), "X-Cache").equals("HIT");
            } catch (IOException | InterruptedException failed) {
                throw new AssertionError(failed);
            }
        });
    }

    @Test
    void anEntryThatWasSwappedIsNotGiven() throws Exception {
        String other = stack.token(stack.project("other"), Allowance.WITHOUT_LIMIT);
        redis.command("FLUSHALL");
        String body = body("swapped", false);
        send(body, token, KEPT);
        send(body, other, KEPT);
        List<String> entries = entries();
        assertThat(entries).hasSize(2);
        double rejected = metric("gateway_cache_backend_rejected_total");
        redis.command("COPY " + entries.get(0) + " " + entries.get(1) + " REPLACE");

        List<String> outcomes =
                List.of(header(send(body, token, KEPT), "X-Cache"), header(send(body, other, KEPT), "X-Cache"));

        assertThat(outcomes).containsExactlyInAnyOrder("HIT", "MISS");
        assertThat(metric("gateway_cache_backend_rejected_total")).isEqualTo(rejected + 1);
    }

    @Test
    void aPurgeEndsTheProjectsAnswersAndNoOthers() throws Exception {
        String otherProject = stack.project("neighbour");
        String other = stack.token(otherProject, Allowance.WITHOUT_LIMIT);
        String body = body("purged", false);
        send(body, token, KEPT);
        send(body, other, KEPT);

        assertThat(purge("{\"prefix\":\"/v1/\",\"project_id\":\"" + otherProject + "\"}"))
                .isEqualTo("{\"deleted\":1}");
        assertThat(header(send(body, other, KEPT), "X-Cache")).isEqualTo("MISS");
        assertThat(header(send(body, token, KEPT), "X-Cache")).isEqualTo("HIT");

        purge("{\"prefix\":\"/\"}");
        assertThat(header(send(body, token, KEPT), "X-Cache")).isEqualTo("MISS");
    }

    /** A proxy that is started later, with the same stores and rules. */
    @Test
    void anotherProxyFindsWhatThisOneHasKept() throws Exception {
        Path kept = folder.resolve("kept");
        String body = body("another", false);
        String holder;
        HttpResponse<String> first;
        try (FakeProvider provider = FakeProvider.start()) {
            try (LocalStack one = sameRules(kept, provider)) {
                holder = one.token();
                first = CLIENT.send(request(one, body, holder, KEPT), HttpResponse.BodyHandlers.ofString());
            }
            try (LocalStack two = sameRules(kept, provider)) {
                HttpResponse<String> second =
                        CLIENT.send(request(two, body, holder, KEPT), HttpResponse.BodyHandlers.ofString());
                assertThat(header(second, "X-Cache")).isEqualTo("HIT");
                assertThat(second.body()).isEqualTo(first.body());
                assertThat(provider.count("/v1/chat/completions")).isEqualTo(1);
            }
        }
    }

    private static LocalStack sameRules(Path data, FakeProvider provider) throws IOException {
        return with(data)
                .setting("auth.token_pepper", "the same pepper for both of them")
                .setting("providers.openai.base_url", provider.url() + "/v1")
                .setting("providers.anthropic.base_url", provider.url())
                .setting("providers.gemini.base_url", provider.url() + "/v1beta")
                .start();
    }

    private static LocalStack stack(Path data) throws IOException {
        return with(data).start();
    }

    private static LocalStack.Builder with(Path data) throws IOException {
        return LocalStack.with()
                .folder(data)
                .setting("redis.url", redis.url())
                .setting("cache.backend", "redis")
                .setting("cache.backend_timeout", "2s")
                .setting("cache.key", "file:" + keyFile())
                .setting("cache.stream_responses", true);
    }

    private static Path keyFile() throws IOException {
        Path file = folder.resolve("cache-key");
        if (!Files.exists(file)) {
            byte[] key = new byte[32];
            new SecureRandom().nextBytes(key);
            Files.writeString(file, Base64.getEncoder().encodeToString(key));
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        }
        return file;
    }

    private static List<String> entries() {
        return redis.command("KEYS latticegate:cache:*")
                .lines()
                .map(String::strip)
                .filter(line -> line.matches("latticegate:cache:[0-9a-f]{64}:.*"))
                .toList();
    }

    private static double metric(String name) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(stack.managementUrl() + "/metrics"))
                .build();
        return CLIENT.send(request, HttpResponse.BodyHandlers.ofString())
                .body()
                .lines()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private static String purge(String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(stack.managementUrl() + "/manage/cache/purge"))
                .header("Authorization", "Bearer " + LocalStack.MANAGEMENT_TOKEN)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return CLIENT.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    private static String body(String content, boolean stream) {
        return "{\"model\":\"gpt-4o-mini\",\"max_tokens\":50,\"stream\":" + stream
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"" + content + " " + serial + "\"}]}";
    }

    private static HttpResponse<String> send(String body, String credential, String cacheControl)
            throws IOException, InterruptedException {
        return CLIENT.send(request(stack, body, credential, cacheControl), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpRequest request(LocalStack at, String body, String credential, String cacheControl) {
        return HttpRequest.newBuilder(at.uri(CHAT))
                .header("Authorization", "Bearer " + credential)
                .header("Content-Type", "application/json")
                .header("Cache-Control", cacheControl)
                .timeout(Duration.ofSeconds(20))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElseThrow();
    }
}
