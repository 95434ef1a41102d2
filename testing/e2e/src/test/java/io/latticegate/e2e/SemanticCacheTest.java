package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.value.Allowance;
import io.latticegate.testing.Await;
import io.latticegate.testing.RedisServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A request is given the answer to one that means the same, and under no cache anybody else's. */
final class SemanticCacheTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String CHAT = "/v1/chat/completions";
    private static final String KEPT = "public, max-age=600";
    private static final String ONLY_KEPT = KEPT + ", only-if-cached";
    private static final String QUESTION = "How do I reset my password?";
    private static final String SAME_QUESTION = "How can I reset my password?";
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @TempDir
    static Path folder;

    private static final Map<Cache, LocalStack> STACKS = new EnumMap<>(Cache.class);
    private static RedisServer redis;

    /** The caches whose walls are tried. */
    enum Cache {
        MEMORY,
        REDIS,
        SEMANTIC,
        SEMANTIC_REDIS
    }

    @BeforeAll
    static void start() throws IOException {
        redis = RedisServer.start();
        Path key = folder.resolve("cache-key");
        Files.writeString(key, Base64.getEncoder().encodeToString(new byte[32]));
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        for (Cache cache : Cache.values()) {
            LocalStack.Builder stack = LocalStack.with()
                    .setting("cache.stream_responses", true)
                    .setting("cache.semantic.enabled", cache.name().startsWith("SEMANTIC"))
                    .setting("cache.semantic.timeout", "5s");
            if (cache.name().endsWith("REDIS")) {
                stack.setting("redis.url", redis.url())
                        .setting("cache.backend", "redis")
                        .setting("cache.backend_timeout", "2s")
                        .setting("cache.key", "file:" + key);
            }
            STACKS.put(cache, stack.start());
        }
    }

    @AfterAll
    static void stop() {
        STACKS.values().forEach(LocalStack::close);
        redis.close();
        CLIENT.close();
    }

    @ParameterizedTest
    @CsvSource({
        "SEMANTIC, /v1/chat/completions, gpt-4o-mini, false",
        "SEMANTIC, /v1/chat/completions, gpt-4o-mini, true",
        "SEMANTIC, /v1/messages, claude-sonnet-4-5, false",
        "SEMANTIC_REDIS, /v1/chat/completions, claude-sonnet-4-5, true",
        "SEMANTIC_REDIS, /v1/messages, gpt-4o-mini, false"
    })
    void theSameQuestionInOtherWordsIsGivenTheAnswer(Cache cache, String path, String model, boolean stream)
            throws Exception {
        LocalStack stack = stack(cache);
        String token = stack.token();
        HttpResponse<String> first = send(stack, path, body(model, stream, QUESTION), token, KEPT);
        assertThat(header(first, "X-Cache")).isEqualTo("MISS");

        HttpResponse<String> second = awaitKept(stack, path, body(model, stream, SAME_QUESTION), token);

        assertThat(header(second, "X-Cache")).isEqualTo("SEMANTIC");
        assertThat(header(second, "X-Cache-Similarity")).matches("0\\.9[5-9]\\d\\d");
        assertThat(header(second, "Cache-Status"))
                .startsWith("llm-proxy; hit; ")
                .endsWith("; detail=semantic");
        assertThat(header(second, "Content-Type")).isEqualTo(header(first, "Content-Type"));
        assertThat(second.body()).isEqualTo(first.body());
        assertThat(stack.auditEnd(header(second, "X-Request-ID")).reason()).isEqualTo("semantic_cache_hit");
        assertThat(metric(stack, "gateway_cache_semantic_hits_total")).isPositive();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Which foods are safe during pregnancy? | Which foods are not safe during pregnancy?",
                "Convert 10 miles to kilometers.        | Convert 100 miles to kilometers.",
                "Translate it from English to French.   | Translate it from French to English.",
                "What is the capital of France?         | How do I bake bread?"
            })
    void anotherQuestionIsNot(String kept, String asked) throws Exception {
        LocalStack stack = stack(Cache.SEMANTIC);
        String token = stack.token();
        send(stack, CHAT, body("gpt-4o-mini", false, kept), token, KEPT);
        awaitRemembered(stack, token);

        assertThat(send(stack, CHAT, body("gpt-4o-mini", false, asked), token, ONLY_KEPT)
                        .statusCode())
                .isEqualTo(504);
    }

    @Test
    void aPurgeAndALostKeyEndItsAnswers() throws Exception {
        LocalStack stack = stack(Cache.SEMANTIC);
        String project = stack.project("purged");
        String token = stack.token(project, Allowance.WITHOUT_LIMIT);
        String kept = body("gpt-4o-mini", false, QUESTION);
        String asked = body("gpt-4o-mini", false, SAME_QUESTION);
        send(stack, CHAT, kept, token, KEPT);
        awaitKept(stack, CHAT, asked, token);

        purge(stack, project);
        assertThat(send(stack, CHAT, asked, token, ONLY_KEPT).statusCode()).isEqualTo(504);

        send(stack, CHAT, kept, token, KEPT);
        awaitKept(stack, CHAT, asked, token);
        stack.storeKey(project, "openai", "sk-another-key-of-the-project");
        HttpResponse<String> after = send(stack, CHAT, asked, token, KEPT);
        assertThat(after.headers().firstValue("X-Cache")).isNotEqualTo(java.util.Optional.of("SEMANTIC"));
    }

    @Test
    void whoWantsANewAnswerIsNotGivenASimilarOne() throws Exception {
        LocalStack stack = stack(Cache.SEMANTIC);
        String token = stack.token();
        send(stack, CHAT, body("gpt-4o-mini", false, QUESTION), token, KEPT);
        String asked = body("gpt-4o-mini", false, SAME_QUESTION);
        awaitKept(stack, CHAT, asked, token);
        for (String cacheControl : List.of("", "no-store", KEPT + ", no-cache", "public, max-age=0")) {
            assertThat(send(stack, CHAT, asked, token, cacheControl).headers().firstValue("X-Cache"))
                    .as(cacheControl)
                    .isNotEqualTo(java.util.Optional.of("SEMANTIC"));
        }
    }

    /** Each probe differs from a kept request in what separates two answers; none of them is given the kept one. */
    @ParameterizedTest
    @EnumSource(Cache.class)
    void nothingLeaksOverAWall(Cache cache) throws Exception {
        LocalStack stack = stack(cache);
        String project = stack.project("walls");
        String token = stack.token(project, Allowance.WITHOUT_LIMIT);
        String neighbour = stack.token(stack.project("neighbour"), Allowance.WITHOUT_LIMIT);
        String poor = stack.token(project, new Allowance(1, Allowance.UNLIMITED, Allowance.UNLIMITED));
        String kept = body("gpt-4o-mini", false, QUESTION);
        send(stack, CHAT, kept, token, KEPT);
        assertThat(header(send(stack, CHAT, kept, token, KEPT), "X-Cache")).isEqualTo("HIT");
        if (cache.name().startsWith("SEMANTIC")) {
            awaitKept(stack, CHAT, body("gpt-4o-mini", false, SAME_QUESTION), token);
        }
        assertThat(send(stack, CHAT, body("gpt-4o-mini", false, "something else"), poor, "")
                        .statusCode())
                .isEqualTo(200);

        List<String> leaks = new ArrayList<>();
        int probes = 0;
        for (String question : List.of(QUESTION, SAME_QUESTION)) {
            String plain = body("gpt-4o-mini", false, question);
            Map<String, HttpResponse<String>> answers = new LinkedHashMap<>();
            answers.put("tenant", send(stack, CHAT, plain, neighbour, ONLY_KEPT));
            answers.put("spent token", send(stack, CHAT, plain, poor, ONLY_KEPT));
            answers.put("no token", send(stack, CHAT, plain, "tok_unknown", ONLY_KEPT));
            for (Map.Entry<String, String> variant : variants(plain).entrySet()) {
                answers.put(variant.getKey(), send(stack, CHAT, variant.getValue(), token, ONLY_KEPT));
            }
            answers.put("query", send(stack, CHAT + "?x=1", plain, token, ONLY_KEPT));
            answers.put("surface", send(stack, "/v1/messages", plain, token, ONLY_KEPT));
            answers.put("header", send(stack, CHAT, plain, token, ONLY_KEPT, "OpenAI-Project", "other"));
            probes += answers.size();
            answers.forEach((probe, answer) -> {
                if (answer.statusCode() < 400) {
                    leaks.add(probe + ": " + question);
                }
            });
        }
        assertThat(leaks).as("of %s probes", probes).isEmpty();
        assertThat(probes).isEqualTo(34);
    }

    private static Map<String, String> variants(String plain) {
        String open = plain.substring(0, plain.length() - 1);
        Map<String, String> variants = new LinkedHashMap<>();
        variants.put("model", plain.replace("gpt-4o-mini", "gpt-4o"));
        variants.put("system", plain.replace("[{", "[{\"role\":\"system\",\"content\":\"x\"},{"));
        variants.put(
                "earlier turns",
                plain.replace(
                        "[{", "[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":\"b\"},{"));
        variants.put("tools", open + ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]}");
        variants.put("temperature", open + ",\"temperature\":0}");
        variants.put("top_p", open + ",\"top_p\":0.5}");
        variants.put("seed", open + ",\"seed\":1}");
        variants.put("max_tokens", plain.replace("\"max_tokens\":50", "\"max_tokens\":51"));
        variants.put("format", open + ",\"response_format\":{\"type\":\"json_object\"}}");
        variants.put("stream", plain.replace("\"stream\":false", "\"stream\":true"));
        variants.put("user", open + ",\"user\":\"u2\"}");
        return variants;
    }

    /** Sends until the answer is kept: a prompt is remembered soon after its answer. */
    private static HttpResponse<String> awaitKept(LocalStack stack, String path, String body, String token) {
        return Await.value(PATIENCE, "an answer to be kept", () -> {
            try {
                HttpResponse<String> answer = send(stack, path, body, token, ONLY_KEPT);
                return answer.statusCode() == 200 ? java.util.Optional.of(answer) : java.util.Optional.empty();
            } catch (IOException | InterruptedException failed) {
                throw new AssertionError(failed);
            }
        });
    }

    /** The lane works in order: once this is remembered, so is everything before. */
    private static void awaitRemembered(LocalStack stack, String token) throws Exception {
        send(stack, CHAT, body("gpt-4o", false, QUESTION), token, KEPT);
        awaitKept(stack, CHAT, body("gpt-4o", false, SAME_QUESTION), token);
    }

    private static LocalStack stack(Cache cache) {
        return Objects.requireNonNull(STACKS.get(cache));
    }

    private static void purge(LocalStack stack, String project) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(stack.managementUrl() + "/manage/cache/purge"))
                .header("Authorization", "Bearer " + LocalStack.MANAGEMENT_TOKEN)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"prefix\":\"/v1/\",\"project_id\":\"" + project + "\"}"))
                .build();
        assertThat(CLIENT.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(200);
    }

    private static double metric(LocalStack stack, String name) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(stack.managementUrl() + "/metrics"))
                .build();
        return CLIENT.send(request, HttpResponse.BodyHandlers.ofString())
                .body()
                .lines()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private static String body(String model, boolean stream, String content) {
        return "{\"model\":\"" + model + "\",\"max_tokens\":50,\"stream\":" + stream
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"" + content + "\"}]}";
    }

    private static HttpResponse<String> send(
            LocalStack stack, String path, String body, String credential, String cacheControl, String... more)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(stack.uri(path))
                .header("Authorization", "Bearer " + credential)
                .header("Content-Type", "application/json")
                .timeout(Duration.ofSeconds(20))
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (!cacheControl.isEmpty()) {
            request.header("Cache-Control", cacheControl);
        }
        if (more.length > 0) {
            request.headers(more);
        }
        return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElseThrow();
    }
}
