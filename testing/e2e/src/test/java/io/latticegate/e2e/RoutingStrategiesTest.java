package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.testing.FakeProvider;
import io.latticegate.testing.Script;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which of two providers of one model is asked, strategy by strategy, as the providers themselves count it (S4-033, S4-034). */
final class RoutingStrategiesTest {
    private static final String CHAT = "/v1/chat/completions";
    private FakeProvider second;

    @BeforeEach
    void startSecond() {
        second = FakeProvider.start().acceptOnly("sk-second");
    }

    @AfterEach
    void stopSecond() {
        second.close();
    }

    private LocalStack stack(String routing) {
        return LocalStack.with().yaml("""
                        providers: { second: { kind: openai, base_url: %s/v1, allow_http: true, allow_private: true, api_key: sk-second } }
                        routing: { health_check_interval: 0s, %s }
                        models:
                          both:
                            targets:
                              - { provider: openai, upstream_model: one, weight: 3, price_in: 2, price_out: 2 }
                              - { provider: second, upstream_model: two, weight: 1, price_in: 1, price_out: 1 }
                        """.formatted(second.url(), routing)).start();
    }

    @Test
    void roundRobinAlternatesOverAllEventLoops() throws Exception {
        try (LocalStack stack = stack("strategy: round_robin")) {
            send(stack, 10);

            assertThat(stack.openai().count(CHAT)).isEqualTo(5);
            assertThat(second.count(CHAT)).isEqualTo(5);
        }
    }

    @Test
    void usageFollowsTheWeights() throws Exception {
        try (LocalStack stack = stack("strategy: usage")) {
            send(stack, 12);

            assertThat(stack.openai().count(CHAT)).isBetween(8L, 10L);
            assertThat(second.count(CHAT)).isEqualTo(12 - stack.openai().count(CHAT));
        }
    }

    @Test
    void performancePrefersTheFaster() throws Exception {
        try (LocalStack stack = stack("strategy: performance")) {
            stack.openai().script(request -> true, Script.of("latency=300ms"));
            send(stack, 12);

            assertThat(second.count(CHAT)).isGreaterThanOrEqualTo(10);
        }
    }

    @Test
    void costOptimizedTakesTheCheaper() throws Exception {
        try (LocalStack stack = stack("strategy: cost_optimized")) {
            send(stack, 4);

            assertThat(second.count(CHAT)).isEqualTo(4);
        }
    }

    @Test
    void withoutFailoverTheFailureIsTheAnswer() throws Exception {
        try (LocalStack stack = stack("strategy: cost_optimized, failover_enabled: false")) {
            second.script(request -> true, Script.of("cut=0"));

            HttpResponse<String> answer = send(stack, 1);

            assertThat(answer.statusCode()).isEqualTo(502);
            assertThat(answer.headers().firstValue("X-Gateway-Provider")).contains("second");
            assertThat(stack.openai().count()).isZero();
        }
    }

    /** The last of so many answers, one after the other. */
    private static HttpResponse<String> send(LocalStack stack, int times) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(stack.uri(CHAT))
                .header("Authorization", "Bearer " + stack.token())
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"model\":\"both\",\"messages\":[{\"role\":\"user\",\"content\":\"one two\"}]}"))
                .build();
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            for (int i = 1; i < times; i++) {
                answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            }
            return answer;
        }
    }
}
