package io.latticegate.e2e.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.e2e.LocalStack;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A request that a wallet has signed is tried at the targets of its model like any other, with the wallet's own keys only. */
class WalletFailoverTest {
    private static LocalStack stack;
    private TestWallet wallet = new TestWallet(new SecureRandom());

    @BeforeAll
    static void start() {
        stack = LocalStack.with().yaml("""
                        routing: { health_check_interval: 0s }
                        models:
                          failing:
                            targets:
                              - { provider: openai, upstream_model: gpt-wallet+status=500 }
                              - { provider: openai, upstream_model: gpt-wallet }
                          elsewhere:
                            targets:
                              - { provider: openai, upstream_model: gpt-elsewhere+status=500 }
                              - { provider: anthropic, upstream_model: claude-wallet }
                          alone: { provider: openai, upstream_model: gpt-alone+status=503 }
                        """).start();
        stack.openai().acceptOnly("sk-of-the-wallet");
        stack.anthropic().acceptOnly("sk-ant-of-the-wallet", LocalStack.ANTHROPIC_KEY);
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @BeforeEach
    void forget() throws IOException, InterruptedException {
        wallet = new TestWallet(new SecureRandom());
        stack.openai().reset();
        stack.anthropic().reset();
        assertThat(post("/api/vault/store", wallet.store("openai", "sk-of-the-wallet"))
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void theNextTargetAnswersWhereOneFails() throws Exception {
        HttpResponse<String> answer = ask("failing");

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains("echo: hello");
        assertThat(answer.headers().firstValue("X-Gateway-Attempts")).contains("2");
        List<AuditRecord> attempts = stack
                .audit(answer.headers().firstValue("X-Request-ID").orElseThrow())
                .stream()
                .filter(entry ->
                        entry.phase() == AuditPhase.EVENT && entry.action().equals("provider_attempt"))
                .toList();
        assertThat(attempts).extracting(AuditRecord::status).containsExactly(500, 200);
        assertThat(attempts).extracting(AuditRecord::credentialSource).containsOnly("wallet");
    }

    @Test
    void theSameTargetIsAskedAgainWhereItMayPass() throws Exception {
        HttpResponse<String> answer = ask("alone");

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(stack.openai().count()).isEqualTo(4);
    }

    @Test
    void anotherProviderIsAskedOnlyWithAKeyOfTheWallet() throws Exception {
        assertThat(ask("elsewhere").statusCode()).isEqualTo(502);
        assertThat(stack.anthropic().count()).isZero();

        assertThat(post("/api/vault/store", wallet.store("anthropic", "sk-ant-of-the-wallet"))
                        .statusCode())
                .isEqualTo(200);
        assertThat(ask("elsewhere").statusCode()).isEqualTo(200);
        assertThat(stack.anthropic().lastRequest().header("x-api-key")).contains("sk-ant-of-the-wallet");
    }

    private HttpResponse<String> ask(String model) throws IOException, InterruptedException {
        return post("/api/llm/proxy", wallet.request("hello", model, System.nanoTime() / 1_000_000));
    }

    private static HttpResponse<String> post(String path, TestWallet.Signed signed)
            throws IOException, InterruptedException {
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            return client.send(
                    HttpRequest.newBuilder(stack.uri(path))
                            .header("Content-Type", "application/json")
                            .header("X-Wallet-Signature", signed.signature())
                            .POST(BodyPublishers.ofString(signed.body()))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }
}
