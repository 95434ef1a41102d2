package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A policy's webhook decides about prompts, and one that cannot be asked does not open the gate. */
final class GuardWebhookTest {
    private static final String CARD = "4111 1111 1111 1111";

    /** What an answer waits for that never comes. */
    private static final Semaphore LATE = new Semaphore(0);

    private static RawProvider webhook;
    private static LocalStack stack;
    private static HttpClient client;
    private static String token;

    @BeforeAll
    static void start() throws IOException {
        webhook = new RawProvider();
        stack = LocalStack.with()
                .yaml("""
                        models:
                          gpt-webhook: { provider: openai }
                          gpt-webhook-open: { provider: openai }
                        security:
                          guards:
                            models: { gpt-webhook: webhook, gpt-webhook-open: webhook_open }
                            policies:
                              webhook:
                                recognisers: { card: redact }
                                webhook: { url: "%s/guard", secret: "0123456789abcdef", timeout: 1s, max_bytes: 64KiB,
                                    allow_http: true, allow_private: true }
                              webhook_open:
                                webhook: { url: "%s/guard", secret: "0123456789abcdef", timeout: 1s,
                                    on_failure: allow, allow_http: true, allow_private: true }
                        """.formatted(webhook.url(), webhook.url()))
                .start();
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        token = stack.token();
    }

    @AfterAll
    static void stop() throws IOException {
        LATE.release(1_000);
        client.close();
        stack.close();
        webhook.close();
    }

    @BeforeEach
    void forget() {
        stack.openai().reset();
    }

    @Test
    void theWebhookDecidesAndSeesWhatTheProviderWouldSee() throws Exception {
        webhook.answers(RawProvider.answer(200, "{\"action\":\"allow\"}"));
        assertThat(ask("gpt-webhook", "with " + CARD).statusCode()).isEqualTo(200);
        RawProvider.Call call = webhook.lastCall();
        JsonObject asked = new JsonObject(new String(call.body(), StandardCharsets.UTF_8));
        assertThat(asked.getString("policy")).isEqualTo("webhook");
        assertThat(asked.getJsonObject("prompt").encode())
                .contains("with [CARD]")
                .doesNotContain("1111");
        assertThat(call.head()).doesNotContain(token).doesNotContain("Authorization");
        assertThat(call.header("X-Latticegate-Signature").orElseThrow()).isEqualTo(signed(call));

        webhook.answers(RawProvider.answer(200, "{\"action\":\"block\"}"));
        HttpResponse<String> blocked = ask("gpt-webhook", "second");
        assertThat(blocked.statusCode()).isEqualTo(403);
        assertThat(blocked.body()).contains("(webhook)");
        assertThat(stack.openai().count()).isEqualTo(1);
    }

    private static String signed(RawProvider.Call call) throws Exception {
        String time = call.header("X-Latticegate-Signature").orElseThrow().replaceFirst("t=(\\d+),.*", "$1");
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec("0123456789abcdef".getBytes(StandardCharsets.US_ASCII), "HmacSHA256"));
        mac.update((time + ".").getBytes(StandardCharsets.US_ASCII));
        return "t=" + time + ",v1=" + HexFormat.of().formatHex(mac.doFinal(call.body()));
    }

    static Stream<RawProvider.Script> failures() {
        return Stream.of(
                        new byte[0],
                        RawProvider.answer(500, "{\"action\":\"allow\"}"),
                        RawProvider.answer(302, new byte[0], "Location: http://127.0.0.1:1/"),
                        RawProvider.answer(200, "{\"action\":\"maybe\"}"),
                        RawProvider.answer(200, "{\"action\":\"block\",\"action\":\"allow\"}"),
                        RawProvider.answer(200, "allow"),
                        RawProvider.answer(200, "{\"action\":\"allow\",\"x\":\"" + "x".repeat(20_000) + "\"}"),
                        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"action\":\"allow\"}"
                                .getBytes(StandardCharsets.US_ASCII))
                .map(answer -> (call, out) -> {
                    out.write(answer);
                    if (answer.length == 0) {
                        LATE.acquireUninterruptibly();
                    }
                });
    }

    @ParameterizedTest
    @MethodSource("failures")
    void aWebhookThatFailsOrLiesBlocksUnlessThePolicySaysOtherwise(RawProvider.Script script) throws Exception {
        webhook.answers(script);
        HttpResponse<String> closed = ask("gpt-webhook", "anything");
        assertThat(closed.statusCode()).isEqualTo(403);
        assertThat(closed.body()).contains("(webhook_failed)");
        assertThat(stack.openai().count()).isZero();

        HttpResponse<String> open = ask("gpt-webhook-open", "anything");
        assertThat(open.statusCode()).isEqualTo(200);
    }

    @Test
    void aPromptThatTheWebhookCannotBeAskedAboutIsBlocked() throws Exception {
        webhook.answers(RawProvider.answer(200, "{\"action\":\"allow\"}"));
        HttpResponse<String> answer = ask("gpt-webhook", "x".repeat(70_000));

        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(webhook.calls()).isEmpty();
    }

    private static HttpResponse<String> ask(String model, String text) throws Exception {
        JsonObject message = new JsonObject().put("role", "user").put("content", text);
        JsonObject body = new JsonObject().put("model", model).put("messages", new JsonArray().add(message));
        HttpRequest request = HttpRequest.newBuilder(stack.uri("/v1/chat/completions"))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .timeout(Duration.ofSeconds(20))
                .POST(HttpRequest.BodyPublishers.ofString(body.encode()))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }
}
