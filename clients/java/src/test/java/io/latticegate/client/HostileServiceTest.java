package io.latticegate.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.latticegate.client.error.BrokenReplyException;
import io.latticegate.client.error.FheClientException;
import io.latticegate.client.error.NotFoundException;
import io.latticegate.client.error.OverloadedException;
import io.latticegate.client.error.PrivacyBudgetExhaustedException;
import io.latticegate.client.error.ServiceRefusalException;
import io.latticegate.client.error.ServiceUnreachableException;
import io.latticegate.fhe.core.preset.Preset;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the client makes of a service that refuses, lies or stalls. */
final class HostileServiceTest {
    @TempDir
    private Path folder;

    private HttpServer server;
    private SeedFile seed;
    private FheClient client;
    private final CountDownLatch over = new CountDownLatch(1);
    private final List<String> asked = new CopyOnWriteArrayList<>();

    @FunctionalInterface
    private interface Reply {
        void to(HttpExchange exchange) throws IOException, InterruptedException;
    }

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.start();
        seed = SeedFile.open(folder.resolve("seed"), new SecureRandom());
        client = FheClient.to(
                        URI.create("http://127.0.0.1:" + server.getAddress().getPort()), () -> "sk-test", seed)
                .timeout(Duration.ofMillis(500))
                .build();
    }

    @AfterEach
    void stop() {
        over.countDown();
        client.close();
        seed.close();
        server.stop(0);
    }

    private void on(String path, Reply reply) {
        server.createContext(path, exchange -> {
            asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
            try (exchange) {
                exchange.getRequestBody().readAllBytes();
                reply.to(exchange);
            } catch (InterruptedException stopping) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private static void send(HttpExchange exchange, int status, String body, Map<String, String> headers)
            throws IOException {
        headers.forEach(exchange.getResponseHeaders()::add);
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private void refuseBudget(int status, String code, Map<String, String> headers) {
        on(
                "/v1/privacy/budget",
                exchange ->
                        send(exchange, status, "{\"error\":{\"code\":\"" + code + "\",\"message\":\"why\"}}", headers));
    }

    @Test
    void aRefusalIsAnExceptionWithItsCodeAndSentence() {
        refuseBudget(403, "project_inactive", Map.of());
        assertThatThrownBy(client::privacyBudgets)
                .isExactlyInstanceOf(ServiceRefusalException.class)
                .isInstanceOfSatisfying(ServiceRefusalException.class, refusal -> {
                    assertThat(refusal.status()).isEqualTo(403);
                    assertThat(refusal.code()).isEqualTo("project_inactive");
                    assertThat(refusal.detail()).isEqualTo("why");
                });
    }

    @Test
    void refusalsThatAProgramActsOnHaveTheirTypes() {
        refuseBudget(503, "overloaded", Map.of("Retry-After", "7"));
        assertThatThrownBy(client::privacyBudgets)
                .isInstanceOfSatisfying(
                        OverloadedException.class,
                        full -> assertThat(full.retryAfter()).hasValue(Duration.ofSeconds(7)));
        server.removeContext("/v1/privacy/budget");
        refuseBudget(429, "privacy_budget_exhausted", Map.of());
        assertThatThrownBy(client::privacyBudgets).isInstanceOf(PrivacyBudgetExhaustedException.class);
        server.removeContext("/v1/privacy/budget");
        refuseBudget(404, "not_found", Map.of());
        assertThatThrownBy(client::privacyBudgets).isInstanceOf(NotFoundException.class);
    }

    @Test
    void anAnswerThatIsNotTheServicesBreaksTheCall() {
        on("/v1/privacy/budget", exchange -> send(exchange, 502, "<html>", Map.of()));
        assertThatThrownBy(client::privacyBudgets)
                .isInstanceOf(BrokenReplyException.class)
                .hasMessageContaining("502");
        on("/v1/fhe/capabilities", exchange -> send(exchange, 200, "[]", Map.of()));
        assertThatThrownBy(client::capabilities).isInstanceOf(BrokenReplyException.class);
    }

    @Test
    void aReplyWithoutItsFieldsBreaksTheCall() {
        on("/v1/privacy/budget", exchange -> send(exchange, 200, "{\"budgets\":[{\"index\":7}]}", Map.of()));
        assertThatThrownBy(client::privacyBudgets)
                .isInstanceOf(BrokenReplyException.class)
                .hasMessageContaining("no field index that is a text");
    }

    @Test
    void theTokenFollowsNoRedirect() {
        on("/v1/privacy/budget", exchange -> send(exchange, 302, "", Map.of("Location", "/v1/fhe/capabilities")));
        on("/v1/fhe/capabilities", exchange -> send(exchange, 200, "{}", Map.of()));
        assertThatThrownBy(client::privacyBudgets).isInstanceOf(FheClientException.class);
        assertThat(asked).containsExactly("GET /v1/privacy/budget");
    }

    @Test
    void aReplyThatStallsEndsWithTheDeadline() {
        on("/v1/privacy/budget", exchange -> {
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            over.await();
        });
        assertThatThrownBy(client::privacyBudgets).isInstanceOf(ServiceUnreachableException.class);
    }

    @Test
    void aServiceThatIsAwaySaysSo() {
        server.stop(0);
        assertThatThrownBy(client::capabilities).isInstanceOf(ServiceUnreachableException.class);
    }

    @Test
    void anIdThatWouldChangeThePathIsRefused() {
        on(
                "/v1/fhe/sessions",
                exchange -> send(
                        exchange,
                        201,
                        "{\"id\":\"../x\",\"preset\":\"S13\",\"created_at\":\"2026-01-01T00:00:00Z\",\"expires_at\":"
                                + "\"2026-01-02T00:00:00Z\",\"grace_until\":\"2026-01-02T00:30:00Z\"}",
                        Map.of()));
        assertThatThrownBy(() -> client.session(Preset.S13).renew())
                .isInstanceOf(BrokenReplyException.class)
                .hasMessageContaining("no field id that is an identifier");
    }

    @Test
    void theTokenGoesOverPlainHttpOnlyOnThisMachineOrWhereItIsAskedFor() {
        URI elsewhere = URI.create("http://fhe.example.com");
        assertThatThrownBy(() -> FheClient.to(elsewhere, () -> "sk-test", seed).build())
                .hasMessageContaining("allowed are https");
        FheClient.to(elsewhere, () -> "sk-test", seed).allowHttp().build().close();
        FheClient.to(URI.create("https://fhe.example.com/"), () -> "sk-test", seed)
                .build()
                .close();
        assertThatThrownBy(() -> FheClient.to(URI.create("https://u@fhe.example.com"), () -> "sk-test", seed)
                        .build())
                .hasMessageContaining("scheme://host");
    }
}
