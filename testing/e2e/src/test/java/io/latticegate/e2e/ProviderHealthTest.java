package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.testing.Await;
import io.latticegate.testing.FakeProvider;
import io.latticegate.testing.Ports;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Checks find who cannot be reached, cost the provider no request, and are told on the management port only. */
final class ProviderHealthTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @Test
    void aProviderThatCannotBeReachedIsReportedAndAskedLast() throws Exception {
        try (FakeProvider second = FakeProvider.start();
                LocalStack stack = LocalStack.with()
                        .yaml("""
                            providers:
                              second: { kind: openai, base_url: %s/v1, allow_http: true, allow_private: true, api_key: sk-second }
                              refusing: { kind: openai, base_url: 'http://127.0.0.1:%d/v1', allow_http: true, allow_private: true, api_key: sk-no }
                            routing: { health_check_interval: 1s }
                            models:
                              both: { targets: [ { provider: refusing }, { provider: second } ] }
                            """.formatted(second.url(), Ports.free()))
                        .start()) {
            Await.until(
                    PATIENCE,
                    "a check of both",
                    () -> status(stack, "refusing").equals("unreachable")
                            && status(stack, "second").equals("ok"));
            JsonObject reached = health(stack).getJsonObject("providers").getJsonObject("second");
            assertThat(reached.getLong("connect_ms")).isNotNegative();
            assertThat(reached.getString("last_check")).isNotEmpty();
            assertThat(health(stack).getString("status")).isEqualTo("degraded");
            assertThat(status(stack, "anthropic")).isEqualTo("unknown");
            assertThat(second.count()).isZero();

            HttpResponse<String> answer = post(stack, "both");

            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(answer.headers().firstValue("X-Gateway-Attempts")).contains("1");
            assertThat(get(stack.url() + "/health/providers").statusCode()).isEqualTo(404);
            for (String token : List.of("", "Bearer wrong-" + LocalStack.MANAGEMENT_TOKEN)) {
                JsonObject told = new JsonObject(
                        send(HttpRequest.newBuilder(URI.create(stack.managementUrl() + "/health/providers"))
                                        .header("Authorization", token)
                                        .build())
                                .body());
                assertThat(told.fieldNames()).as(token).containsExactlyInAnyOrder("status", "timestamp");
                assertThat(told.getString("status")).isEqualTo("degraded");
            }
            JsonObject refusing = seen(stack, "refusing");
            assertThat(refusing.getString("status")).isEqualTo("down");
            assertThat(seen(stack, "second").getString("status")).isEqualTo("healthy");
            assertThat(seen(stack, "second").getString("breaker")).isEqualTo("closed");
            assertThat(seen(stack, "second").getLong("connect_ms")).isNotNegative();
        }
    }

    /** What the one proxy of the stack tells admin-service. */
    private static JsonObject seen(LocalStack stack, String provider) {
        return new JsonObject(get(stack.managementUrl() + "/manage/providers").body())
                .getJsonArray("providers").stream()
                        .map(JsonObject.class::cast)
                        .filter(one -> one.getString("name").equals(provider))
                        .map(one -> one.getJsonArray("nodes").getJsonObject(0))
                        .findFirst()
                        .orElseThrow();
    }

    private static String status(LocalStack stack, String provider) {
        return health(stack).getJsonObject("providers").getJsonObject(provider).getString("status");
    }

    private static JsonObject health(LocalStack stack) {
        return new JsonObject(get(stack.managementUrl() + "/health/providers").body());
    }

    private static HttpResponse<String> get(String url) {
        return send(HttpRequest.newBuilder(URI.create(url))
                .header("Authorization", "Bearer " + LocalStack.MANAGEMENT_TOKEN)
                .build());
    }

    private static HttpResponse<String> post(LocalStack stack, String model) {
        return send(HttpRequest.newBuilder(stack.uri("/v1/chat/completions"))
                .header("Authorization", "Bearer " + stack.token())
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"model\":\"" + model + "\",\"messages\":[{\"role\":\"user\",\"content\":\"one\"}]}"))
                .build());
    }

    private static HttpResponse<String> send(HttpRequest request) {
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException fault) {
            throw new AssertionError(fault);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new AssertionError(stopped);
        }
    }
}
