package io.latticegate.e2e.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.e2e.LocalStack;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;

/** A wallet's prompts and answers are guarded by the policy of the model, or by the default. */
final class GuardedWalletTest {
    private static final String CARD = "4111 1111 1111 1111";

    @Test
    void promptsAndAnswersOfWalletsAreGuarded() throws Exception {
        try (LocalStack stack = LocalStack.with().yaml("""
                                models: { echo-answers: { provider: echo } }
                                security:
                                  guards:
                                    default: prompts
                                    models: { echo-answers: answers }
                                    policies:
                                      prompts: { check: [prompt], recognisers: { card: block, email: redact } }
                                      answers: { check: [answer], recognisers: { card: block } }
                                """).start();
                HttpClient client = HttpClient.newHttpClient()) {
            TestWallet wallet = new TestWallet(new SecureRandom());
            HttpResponse<String> blocked = send(stack, client, wallet.request("pay " + CARD, "echo", 1), false);
            HttpResponse<String> redacted = send(stack, client, wallet.request("to a@b.example", "echo", 2), false);
            HttpResponse<String> answer = send(stack, client, wallet.request("say " + CARD, "echo-answers", 3), false);
            HttpResponse<String> stream = send(stack, client, wallet.request("say " + CARD, "echo-answers", 4), true);

            assertThat(blocked.statusCode()).as(blocked.body()).isEqualTo(403);
            assertThat(blocked.body()).contains("guard_blocked").doesNotContain("1111");
            assertThat(redacted.statusCode()).as(redacted.body()).isEqualTo(200);
            assertThat(redacted.body()).contains("to [EMAIL]").doesNotContain("a@b.example");
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(403);
            assertThat(stream.statusCode()).as(stream.body()).isEqualTo(403);
            assertThat(answer.body() + stream.body()).contains("guard_blocked").doesNotContain("1111");
        }
    }

    private static HttpResponse<String> send(
            LocalStack stack, HttpClient client, TestWallet.Signed signed, boolean streamed) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(stack.uri("/api/llm/proxy"))
                .header("Content-Type", "application/json")
                .header("X-Wallet-Signature", signed.signature())
                .header("X-Stream", Boolean.toString(streamed))
                .POST(HttpRequest.BodyPublishers.ofString(signed.body()))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }
}
