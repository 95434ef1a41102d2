package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.value.Allowance;
import io.latticegate.testing.Await;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A project is given its own whole answers again when it asks for that, and nobody is ever given another's. */
final class CacheTest {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final String CHAT = "/v1/chat/completions";
    private static final String KEPT = "public, max-age=600";
    private static LocalStack stack;
    private static HttpClient client;
    private static String project;
    private static String token;
    private static int serial;

    @BeforeAll
    static void start() {
        stack = LocalStack.with()
                .setting("cache.stream_responses", true)
                .setting("cache.max_object_bytes", "64KiB")
                .setting("providers.openai.retry_count", 0)
                .start();
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        project = stack.project("cache");
        token = stack.token(project, Allowance.WITHOUT_LIMIT);
    }

    @AfterAll
    static void stop() {
        client.close();
        stack.close();
    }

    @BeforeEach
    void forget() {
        stack.openai().reset();
        stack.anthropic().reset();
        serial++;
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/chat/completions, gpt-4o-mini, false",
        "/v1/chat/completions, gpt-4o-mini, true",
        "/v1/chat/completions, claude-sonnet-4-5, false",
        "/v1/chat/completions, claude-sonnet-4-5, true",
        "/v1/messages, claude-sonnet-4-5, false",
        "/v1/messages, claude-sonnet-4-5, true",
        "/v1/messages, gpt-4o-mini, true"
    })
    void theSecondEqualRequestIsAnsweredWithTheSameBytes(String path, String model, boolean stream) throws Exception {
        String body = body(model, stream, "same");
        HttpResponse<String> first = send(path, body, token, KEPT);
        HttpResponse<String> second = send(path, body, token, KEPT);

        assertThat(first.statusCode()).isEqualTo(200);
        assertThat(header(first, "X-Cache")).isEqualTo("MISS");
        assertThat(second.statusCode()).isEqualTo(200);
        assertThat(header(second, "X-Cache")).isEqualTo("HIT");
        assertThat(header(second, "Cache-Status")).startsWith("llm-proxy; hit; ttl=");
        assertThat(header(second, "Content-Type")).isEqualTo(header(first, "Content-Type"));
        assertThat(second.body()).isEqualTo(first.body());
        assertThat(header(second, "X-Request-ID")).isNotEqualTo(header(first, "X-Request-ID"));
        assertThat(seenByProviders()).isEqualTo(1);
        assertThat(stack.auditEnd(header(second, "X-Request-ID")).reason()).isEqualTo("cache_hit");
        assertThat(stack.auditEnd(header(second, "X-Request-ID")).tokensOut()).isZero();
    }

    @Test
    void anAnswerFromTheCacheDoesNotCountAgainstTheTokensLimit() throws Exception {
        String own = stack.project("limited");
        String limited = stack.token(own, new Allowance(2, Allowance.UNLIMITED, Allowance.UNLIMITED));
        String body = body("gpt-4o-mini", false, "limited");
        for (String cached : List.of("MISS", "HIT", "HIT", "HIT")) {
            assertThat(header(send(CHAT, body, limited, KEPT), "X-Cache")).isEqualTo(cached);
        }

        assertThat(send(CHAT, body("gpt-4o-mini", false, "second"), limited, "").statusCode())
                .isEqualTo(200);
        assertThat(send(CHAT, body("gpt-4o-mini", false, "third"), limited, "").statusCode())
                .isEqualTo(429);
        Await.until(PATIENCE, "the settlement", () -> stack.tokenOf(own).requestCount() == 2);
    }

    @Test
    void withoutTheClientsWordNothingIsKept() throws Exception {
        String body = body("gpt-4o-mini", false, "not asked for");
        for (String said : List.of("", "max-age=600", "public", "public, max-age=600, no-store", "public, max-age=x")) {
            assertThat(send(CHAT, body, token, said).headers().firstValue("X-Cache"))
                    .as(said)
                    .isNotEqualTo(java.util.Optional.of("HIT"));
        }
        assertThat(stack.openai().count()).isEqualTo(5);
    }

    /** Each probe differs from the kept request in one thing that may change the answer. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "project",
                "model",
                "system",
                "tools",
                "temperature",
                "stream",
                "header",
                "query",
                "surface",
                "user"
            })
    void aRequestThatDiffersIsNotGivenTheAnswer(String difference) throws Exception {
        String plain = body("gpt-4o-mini", false, "probe");
        send(CHAT, plain, token, KEPT);
        assertThat(header(send(CHAT, plain, token, KEPT), "X-Cache")).isEqualTo("HIT");
        String open = plain.substring(0, plain.length() - 1);

        HttpResponse<String> probe = switch (difference) {
            case "project" -> send(CHAT, plain, stack.token(), KEPT);
            case "model" -> send(CHAT, plain.replace("gpt-4o-mini", "gpt-4o"), token, KEPT);
            case "system" -> send(CHAT, plain.replace("[{", "[{\"role\":\"system\",\"content\":\"x\"},{"), token, KEPT);
            case "tools" ->
                send(CHAT, open + ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]}", token, KEPT);
            case "temperature" -> send(CHAT, open + ",\"temperature\":0}", token, KEPT);
            case "stream" -> send(CHAT, plain.replace("\"stream\":false", "\"stream\":true"), token, KEPT);
            case "header" -> send(CHAT, plain, token, KEPT, "OpenAI-Project", "other");
            case "query" -> send(CHAT + "?x=1", plain, token, KEPT);
            case "surface" -> send("/v1/messages", plain, token, KEPT);
            default -> send(CHAT, open + ",\"user\":\"u2\"}", token, KEPT);
        };

        assertThat(probe.headers().firstValue("X-Cache")).isNotEqualTo(java.util.Optional.of("HIT"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gpt-4o-mini+status=500",
                "gpt-4o-mini+status=429",
                "gpt-4o-mini+cut=2",
                "gpt-4o-mini+close=2",
                "gpt-4o-mini+truncate=2",
                "gpt-4o-mini+error=2",
                "gpt-4o-mini+big=100KiB"
            })
    void whatIsNotWholeOrTooLargeIsNotKept(String model) throws Exception {
        String body = body(model, true, "broken");
        for (int i = 0; i < 2; i++) {
            client.sendAsync(request(CHAT, body, token, KEPT), HttpResponse.BodyHandlers.ofString())
                    .handle((answer, brokenOff) -> answer)
                    .join();
        }
        assertThat(stack.openai().count()).isEqualTo(2);
    }

    @Test
    void theClientsDirectivesDecideWhatIsUsed() throws Exception {
        String body = body("gpt-4o-mini", false, "directives");
        HttpResponse<String> unknown = send(CHAT, body, token, KEPT + ", only-if-cached");
        assertThat(unknown.statusCode()).isEqualTo(504);
        assertThat(unknown.body()).contains("not_in_cache");
        assertThat(stack.openai().count()).isZero();

        send(CHAT, body, token, KEPT);
        assertThat(header(send(CHAT, body, token, KEPT + ", only-if-cached"), "X-Cache"))
                .isEqualTo("HIT");
        assertThat(header(send(CHAT, body, token, KEPT + ", no-cache"), "X-Cache"))
                .isEqualTo("MISS");
        assertThat(header(send(CHAT, body, token, "public, max-age=0"), "X-Cache"))
                .isEqualTo("MISS");
        assertThat(stack.openai().count()).isEqualTo(3);

        HttpResponse<String> hit = send(CHAT, body, token, KEPT);
        HttpResponse<String> same = send(CHAT, body, token, KEPT, "If-None-Match", header(hit, "ETag"));
        assertThat(same.statusCode()).isEqualTo(304);
        assertThat(same.body()).isEmpty();
        HttpResponse<String> other = send(CHAT, body, token, KEPT, "If-None-Match", "\"0\"");
        assertThat(other.statusCode()).isEqualTo(200);
    }

    @Test
    void ofEqualRequestsAtTheSameTimeOneReachesTheProvider() throws Exception {
        List<HttpResponse<String>> answers = together(20, body("gpt-4o-mini+latency=400ms", false, "together"));

        assertThat(answers).allSatisfy(answer -> assertThat(answer.statusCode()).isEqualTo(200));
        assertThat(answers.stream().map(HttpResponse::body).distinct()).hasSize(1);
        assertThat(stack.openai().count()).isEqualTo(1);
    }

    @Test
    void thoseWhoWaitedForAFailureAskThemselves() throws Exception {
        List<HttpResponse<String>> answers =
                together(6, body("gpt-4o-mini+latency=300ms+status=400", false, "together"));

        assertThat(answers).allSatisfy(answer -> assertThat(answer.statusCode()).isEqualTo(400));
        assertThat(stack.openai().count()).isEqualTo(6);
    }

    @Test
    void aProjectThatLostTheKeyIsNotGivenWhatItPaidFor() throws Exception {
        String own = stack.project("keys");
        String holder = stack.token(own, Allowance.WITHOUT_LIMIT);
        String body = body("gpt-4o-mini", false, "keys");
        send(CHAT, body, holder, KEPT);
        assertThat(header(send(CHAT, body, holder, KEPT), "X-Cache")).isEqualTo("HIT");

        stack.storeKey(own, "openai", "sk-another-key-of-the-project");

        HttpResponse<String> after = send(CHAT, body, holder, KEPT);
        assertThat(after.headers().firstValue("X-Cache")).isNotEqualTo(java.util.Optional.of("HIT"));
    }

    /** The models' names are longer together than what the audit keeps of a path. */
    @Test
    void twoLongModelsOfAPathAreTwoRequests() throws Exception {
        String body = "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"long " + serial + "\"}]}]}";
        String name = "gemini-" + "%61".repeat(200);

        HttpResponse<String> one = send("/v1beta/models/" + name + "1:generateContent", body, token, KEPT);
        HttpResponse<String> two = send("/v1beta/models/" + name + "2:generateContent", body, token, KEPT);

        assertThat(header(one, "X-Cache")).isEqualTo("MISS");
        assertThat(header(two, "X-Cache")).isEqualTo("MISS");
    }

    @Test
    void underTheOperatorsPolicyEveryRequestIsKeptButThoseThatAskForVariety() throws Exception {
        try (LocalStack full = LocalStack.with().setting("cache.policy", "full").start()) {
            String own = full.token();
            String plain = body("gpt-4o-mini", false, "full");
            String varied = plain.substring(0, plain.length() - 1) + ",\"temperature\":0.7}";
            for (String body : List.of(plain, varied, plain, varied)) {
                HttpRequest request = HttpRequest.newBuilder(full.uri(CHAT))
                        .header("Authorization", "Bearer " + own)
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build();
                assertThat(client.send(request, HttpResponse.BodyHandlers.ofString())
                                .statusCode())
                        .isEqualTo(200);
            }
            assertThat(full.openai().count()).isEqualTo(3);
        }
    }

    @Test
    void whatIsPurgedIsNotGivenAgain() throws Exception {
        String other = stack.project("purge");
        String neighbour = stack.token(other, Allowance.WITHOUT_LIMIT);
        String body = body("gpt-4o-mini", false, "purged");
        for (String holder : List.of(token, neighbour)) {
            send(CHAT, body, holder, KEPT);
        }

        assertThat(purge("{\"method\":\"POST\",\"url\":\"/v1/embeddings\"}")).isEqualTo("{\"deleted\":false}");
        assertThat(purge("{\"method\":\"POST\",\"url\":\"https://gateway.example" + CHAT + "\",\"project_id\":\""
                        + other + "\"}"))
                .isEqualTo("{\"deleted\":true}");
        assertThat(header(send(CHAT, body, neighbour, KEPT), "X-Cache")).isEqualTo("MISS");
        assertThat(header(send(CHAT, body, token, KEPT), "X-Cache")).isEqualTo("HIT");

        assertThat(purge("{\"prefix\":\"/v1/\"}")).matches("\\{\"deleted\":[1-9][0-9]*}");
        assertThat(header(send(CHAT, body, token, KEPT), "X-Cache")).isEqualTo("MISS");
        assertThat(purge("{\"url\":\"/v1/\"}")).contains("error");
    }

    private static String purge(String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(java.net.URI.create(stack.managementUrl() + "/manage/cache/purge"))
                .header("Authorization", "Bearer " + LocalStack.MANAGEMENT_TOKEN)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    private static List<HttpResponse<String>> together(int clients, String body) {
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            answers.add(client.sendAsync(request(CHAT, body, token, KEPT), HttpResponse.BodyHandlers.ofString()));
        }
        return answers.stream().map(CompletableFuture::join).toList();
    }

    private static long seenByProviders() {
        return stack.openai().count() + stack.anthropic().count();
    }

    private static String body(String model, boolean stream, String content) {
        return "{\"model\":\"" + model + "\",\"max_tokens\":50,\"stream\":" + stream
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"" + content + " " + serial + "\"}]}";
    }

    private static HttpResponse<String> send(
            String path, String body, String credential, String cacheControl, String... more) throws Exception {
        return client.send(request(path, body, credential, cacheControl, more), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpRequest request(
            String path, String body, String credential, String cacheControl, String... more) {
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
        return request.build();
    }

    private static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElseThrow();
    }
}
