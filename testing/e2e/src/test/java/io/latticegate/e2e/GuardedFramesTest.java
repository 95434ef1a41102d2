package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.testing.FakeProvider;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Guards before answers in Bedrock's binary frames and in Cohere's events, in front of their own providers and of another. */
final class GuardedFramesTest {
    private static final String CARD = "4111 1111 1111 1111";
    private static final String LONG = "lorem ipsum dolor ".repeat(60);
    private static final Pattern TEXT = Pattern.compile("\"text\":\"((?:[^\"\\\\]++|\\\\.)*+)\"");

    private static LocalStack stack;
    private static FakeProvider further;
    private static HttpClient client;
    private static String token;

    @BeforeAll
    static void start() {
        further = FakeProvider.start();
        stack = LocalStack.with().yaml("""
                        providers:
                          cohere: { base_url: %1$s, allow_http: true, allow_private: true, api_key: co-key }
                          bedrock: { base_url: %1$s, allow_http: true, allow_private: true, api_key: AKIDEXAMPLE:wJalrXUtnFEMI }
                        models:
                          bedrock-blocked: { provider: bedrock, upstream_model: amazon.nova-1 }
                          bedrock-redacted: { provider: bedrock, upstream_model: amazon.nova-2 }
                          command-blocked: { provider: cohere }
                          command-redacted: { provider: cohere }
                          gpt-blocked: { provider: openai }
                          gpt-redacted: { provider: openai }
                        security:
                          guards:
                            models:
                              bedrock-blocked: blocked
                              command-blocked: blocked
                              gpt-blocked: blocked
                              bedrock-redacted: redacted
                              command-redacted: redacted
                              gpt-redacted: redacted
                            policies:
                              blocked: { check: [answer], recognisers: { card: block } }
                              redacted: { check: [answer], recognisers: { card: redact } }
                        """.formatted(further.url())).start();
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        token = stack.token();
    }

    @AfterAll
    static void stop() {
        client.close();
        stack.close();
        further.close();
    }

    @BeforeEach
    void forget() {
        further.reset();
        stack.openai().reset();
    }

    @ParameterizedTest
    @CsvSource({
        "converse, bedrock", "converse-stream, bedrock", "converse, gpt", "converse-stream, gpt", "cohere, command",
        "cohere-stream, command", "cohere, gpt", "cohere-stream, gpt", "cohere-stream, bedrock",
                "converse-stream, command"
    })
    void nothingIsShownOfABlockedAnswer(String call, String family) throws Exception {
        HttpResponse<String> answer = ask(call, family + "-blocked", "say " + CARD);

        assertThat(answer.body())
                .contains("blocked")
                .contains("card")
                .doesNotContain("1111 ")
                .doesNotContain("say")
                .doesNotContain("end_turn")
                .doesNotContain("COMPLETE");
        assertThat(stack.auditEnd(answer.headers().firstValue("X-Request-ID").orElseThrow())
                        .reason())
                .isEqualTo("guard_blocked");
    }

    @ParameterizedTest
    @CsvSource({
        "converse, bedrock", "converse-stream, bedrock", "converse, gpt", "converse-stream, gpt", "cohere, command",
        "cohere-stream, command", "cohere, gpt", "cohere-stream, gpt", "cohere-stream, bedrock",
                "converse-stream, command"
    })
    void aRedactedAnswerIsWholeButForWhatWasTakenOut(String call, String family) throws Exception {
        HttpResponse<String> answer = ask(call, family + "-redacted", LONG + CARD + " end " + LONG);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).doesNotContain("1111 ");
        assertThat(TEXT.matcher(answer.body())
                        .results()
                        .map(text -> text.group(1))
                        .collect(Collectors.joining()))
                .contains("dolor [CARD] end lorem");
        assertThat(answer.body()).contains(call.startsWith("converse") ? "end_turn" : "COMPLETE");
    }

    private static HttpResponse<String> ask(String call, String model, String text)
            throws IOException, InterruptedException {
        String path = call.startsWith("converse") ? "/model/" + model + "/" + call : "/v2/chat";
        String body = call.startsWith("converse")
                ? "{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"" + text + "\"}]}]}"
                : "{\"model\":\"" + model + "\",\"stream\":" + call.endsWith("stream")
                        + ",\"messages\":[{\"role\":\"user\",\"content\":\"" + text + "\"}]}";
        HttpRequest request = HttpRequest.newBuilder(stack.uri(path))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .timeout(Duration.ofSeconds(20))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.ISO_8859_1));
    }
}
