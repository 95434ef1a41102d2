package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.config.AuthConfig;
import io.latticegate.testing.RecordedRequest;
import io.latticegate.testing.Script;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests that bring provider keys of their own (S4-010 to S4-012, C-90, C-94), as the providers and the ledger see them. */
final class ClientKeysTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final String OWN = "sk-own-key-of-the-client";
    private static final String OWN_ANTHROPIC = "sk-ant-own-key-of-the-client";
    private static LocalStack hybrid;
    private static LocalStack client;
    private static LocalStack gateway;

    @BeforeAll
    static void start() {
        hybrid = stack(AuthConfig.Mode.HYBRID);
        client = stack(AuthConfig.Mode.CLIENT);
        gateway = LocalStack.start();
    }

    private static LocalStack stack(AuthConfig.Mode mode) {
        return LocalStack.with()
                .yaml("""
                auth: { mode: %s }
                cache: { policy: full }
                routing: { health_check_interval: 0s, retry_budget: 1 }
                models:
                  either:
                    targets:
                      - { provider: openai, upstream_model: gpt-either }
                      - { provider: anthropic, upstream_model: claude-either }
                """.formatted(mode.name().toLowerCase(Locale.ROOT)))
                .start();
    }

    @AfterAll
    static void stop() {
        hybrid.close();
        client.close();
        gateway.close();
    }

    @BeforeEach
    void forgetRequests() {
        for (LocalStack stack : List.of(hybrid, client, gateway)) {
            stack.openai().reset();
            stack.openai().acceptOnly(LocalStack.OPENAI_KEY, OWN);
            stack.anthropic().reset();
            stack.anthropic().acceptOnly(LocalStack.ANTHROPIC_KEY, OWN_ANTHROPIC);
        }
    }

    @Test
    void theProviderSeesTheClientsKeyAndTheLedgerSaysSo() throws Exception {
        HttpResponse<String> answer = chat(hybrid, "gpt-own-1", Map.of("X-Provider-Key", OWN));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(seen(hybrid)).containsExactly("Bearer " + OWN);
        var end = hybrid.auditEnd(answer.headers().firstValue("X-Request-ID").orElseThrow());
        assertThat(end.credentialSource()).isEqualTo("client");
        assertThat(end.keyFingerprint()).matches("[0-9a-f]{12}");
        assertThat(hybrid.openai().requests().getFirst().header("X-Provider-Key"))
                .isEmpty();
    }

    @Test
    void withoutOneTheGatewaysServesInHybridModeOnly() throws Exception {
        assertThat(chat(hybrid, "gpt-none", Map.of()).statusCode()).isEqualTo(200);
        assertThat(seen(hybrid)).containsExactly("Bearer " + LocalStack.OPENAI_KEY);

        HttpResponse<String> refused = chat(client, "gpt-none", Map.of());
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(code(refused)).isEqualTo("missing_provider_key");
        assertThat(seen(client)).isEmpty();

        assertThat(chat(client, "gpt-none", Map.of("X-Provider-Key", OWN)).statusCode())
                .isEqualTo(200);
        assertThat(seen(client)).containsExactly("Bearer " + OWN);
    }

    @Test
    void aGatewayThatTakesNoneRefusesThemInsteadOfBillingItsOwn() throws Exception {
        HttpResponse<String> refused = chat(gateway, "gpt-any", Map.of("X-Provider-Key-openai", OWN));

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(code(refused)).isEqualTo("provider_key_not_allowed");
        assertThat(seen(gateway)).isEmpty();
    }

    @Test
    void aKeyThatIsNotAcceptedIsTheClientsFaultAndNothingTakesItsPlace() throws Exception {
        for (int i = 0; i < 2; i++) {
            HttpResponse<String> refused =
                    chat(hybrid, "either", Map.of("X-Provider-Key-openai", "sk-own-key-that-was-revoked"));
            assertThat(refused.statusCode()).isEqualTo(401);
            assertThat(code(refused)).isEqualTo("provider_key_rejected");
            assertThat(refused.body()).doesNotContain("revoked");
        }

        assertThat(seen(hybrid)).hasSize(2).containsOnly("Bearer sk-own-key-that-was-revoked");
        assertThat(hybrid.anthropic().requests()).isEmpty();
    }

    @Test
    void whereSeveralProvidersMayServeAKeyMustSayWhoseItIs() throws Exception {
        HttpResponse<String> unclear = chat(hybrid, "either", Map.of("X-Provider-Key", OWN));
        assertThat(unclear.statusCode()).isEqualTo(400);
        assertThat(code(unclear)).isEqualTo("ambiguous_provider_key");
        assertThat(get(hybrid, "/v1/models", Map.of("X-Provider-Key", OWN)).statusCode())
                .isEqualTo(400);
        assertThat(seen(hybrid)).isEmpty();

        for (int i = 0; i < 8; i++) {
            assertThat(chat(hybrid, "either", "prompt " + i, Map.of("X-Provider-Key-anthropic", OWN_ANTHROPIC))
                            .statusCode())
                    .isEqualTo(200);
        }
        assertThat(seen(hybrid)).isEmpty();
        assertThat(hybrid.anthropic().requests())
                .hasSize(8)
                .allMatch(request -> request.header("x-api-key").orElse("").equals(OWN_ANTHROPIC));
    }

    @Test
    void aFailureThatPassesGoesOverToTheClientsOwnKeyElsewhereAndToNoOther() throws Exception {
        hybrid.openai().script(request -> true, Script.of("status=503"));
        Map<String, String> both = Map.of("X-Provider-Key-openai", OWN, "X-Provider-Key-anthropic", OWN_ANTHROPIC);
        for (int i = 0; i < 4; i++) {
            assertThat(chat(hybrid, "either", "both " + i, both).statusCode()).isEqualTo(200);
        }
        assertThat(hybrid.anthropic().requests())
                .allMatch(request -> request.header("x-api-key").orElse("").equals(OWN_ANTHROPIC));

        hybrid.anthropic().reset();
        assertThat(chat(hybrid, "either", "one", Map.of("X-Provider-Key-openai", OWN))
                        .statusCode())
                .isEqualTo(503);
        assertThat(hybrid.anthropic().requests()).isEmpty();
    }

    @Test
    void answersAreKeptApartByTheKeyThatPaidForThem() throws Exception {
        String token = hybrid.token();
        assertThat(chat(hybrid, token, "gpt-kept", "same", Map.of("X-Provider-Key", OWN)))
                .extracting(ClientKeysTest::cache)
                .isEqualTo("MISS");
        assertThat(chat(hybrid, token, "gpt-kept", "same", Map.of()))
                .extracting(ClientKeysTest::cache)
                .isEqualTo("MISS");
        assertThat(chat(hybrid, token, "gpt-kept", "same", Map.of("X-Provider-Key", OWN)))
                .extracting(ClientKeysTest::cache)
                .isEqualTo("HIT");
        assertThat(chat(hybrid, token, "gpt-kept", "same", Map.of("X-Provider-Key", "sk-own-key-of-another")))
                .extracting(HttpResponse::statusCode)
                .isEqualTo(401);
        assertThat(seen(hybrid))
                .containsExactly("Bearer " + OWN, "Bearer " + LocalStack.OPENAI_KEY, "Bearer sk-own-key-of-another");
    }

    @Test
    void pathsThatPassThroughTakeItToo() throws Exception {
        assertThat(get(hybrid, "/v1/files", Map.of("X-Provider-Key", OWN)).statusCode())
                .isEqualTo(200);
        assertThat(seen(hybrid)).containsExactly("Bearer " + OWN);
    }

    @ParameterizedTest
    @CsvSource({
        "X-Provider-Key-nobody, sk-own, unknown_provider",
        "X-Provider-Key, sk own, invalid_provider_key",
        "X-Provider-Key-openai, '', invalid_provider_key",
    })
    void whatIsNoKeyIsRefused(String header, String value, String expected) throws Exception {
        HttpResponse<String> refused = chat(hybrid, "gpt-malformed", Map.of(header, value));

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(code(refused)).isEqualTo(expected);
        assertThat(seen(hybrid)).isEmpty();
    }

    private static List<String> seen(LocalStack stack) {
        return stack.openai().requests().stream()
                .map(ClientKeysTest::authorization)
                .toList();
    }

    private static String authorization(RecordedRequest request) {
        return request.header("Authorization").orElse("");
    }

    private static String cache(HttpResponse<?> answer) {
        return answer.headers().firstValue("X-Cache").orElse("");
    }

    private static String code(HttpResponse<String> answer) {
        return new JsonObject(answer.body()).getJsonObject("error").getString("code");
    }

    private static HttpResponse<String> chat(LocalStack stack, String model, Map<String, String> headers)
            throws IOException, InterruptedException {
        return chat(stack, model, "hello", headers);
    }

    private static HttpResponse<String> chat(LocalStack stack, String model, String prompt, Map<String, String> headers)
            throws IOException, InterruptedException {
        return chat(stack, stack.token(), model, prompt, headers);
    }

    private static HttpResponse<String> chat(
            LocalStack stack, String token, String model, String prompt, Map<String, String> headers)
            throws IOException, InterruptedException {
        String body =
                "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}".formatted(model, prompt);
        return send(
                HttpRequest.newBuilder(stack.uri(CHAT))
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body)),
                token,
                headers);
    }

    private static HttpResponse<String> get(LocalStack stack, String path, Map<String, String> headers)
            throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(stack.uri(path)), stack.token(), headers);
    }

    private static HttpResponse<String> send(HttpRequest.Builder request, String token, Map<String, String> headers)
            throws IOException, InterruptedException {
        headers.forEach(request::header);
        try (HttpClient http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            return http.send(
                    request.header("Authorization", "Bearer " + token).build(), HttpResponse.BodyHandlers.ofString());
        }
    }
}
