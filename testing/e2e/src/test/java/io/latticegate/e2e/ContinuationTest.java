package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.testing.FakeProvider;
import io.latticegate.testing.RecordedRequest;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Streams that break off after the client has seen a part of them, and go on at a target that continues an assistant's turn. */
final class ContinuationTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final String MESSAGES = "/v1/messages";
    private static final String QUESTION = "hello hello 🎉 ha ha\\n\\n\\\"quoted\\\" words, línea — and the end.";
    private static final String ANSWER = "echo: hello hello 🎉 ha ha\n\n\"quoted\" words, línea — and the end.";
    private static final int PIECES = 13;
    private static final List<String> WAYS = List.of("cut", "close", "truncate", "stall", "error", "badchunk");

    private static LocalStack stack;
    private static String token;

    @BeforeAll
    static void start() {
        StringBuilder models = new StringBuilder("models:\n");
        for (int at = 1; at < PIECES; at++) {
            for (String way : WAYS) {
                String fault = "+" + way + "=" + at;
                add(models, "openai-" + way + at, "openai, upstream_model: o" + fault, toAnthropic("a" + way + at));
                add(models, "anthropic-" + way + at, "anthropic, upstream_model: b" + fault, toVllm("v" + way + at));
            }
        }
        add(models, "again", "openai, upstream_model: again+cut=12", toVllm("again-2+again=30"));
        add(models, "refused", "openai, upstream_model: refused+cut=4", toAnthropic("refused-2+status=500"));
        add(models, "twice", "openai, upstream_model: twice+cut=3", toAnthropic("twice-2+cut=3"), toVllm("twice-3"));
        add(
                models,
                "thrice",
                "openai, upstream_model: thrice+cut=2",
                toAnthropic("thrice-2+cut=2"),
                toVllm("thrice-3+cut=2"),
                toVllm("thrice-4"));
        add(
                models,
                "picky",
                "openai, upstream_model: picky+cut=4",
                toAnthropic("picky-2+status=400"),
                toVllm("picky-3"));
        add(models, "same", "anthropic, upstream_model: same+stall=3, prefill: assistant_turn");
        add(
                models,
                "priced",
                "openai, upstream_model: priced+cut=5, price_in: 1, price_out: 2",
                toAnthropic("priced-2"));
        add(models, "excluded", "openai, upstream_model: excluded+cut=3", toVllm("excluded-2"));
        models.append("  silent:\n    targets:\n      - { provider: openai, upstream_model: silent+cut=3 }\n      - { ")
                .append(toVllm("silent-2"))
                .append(" }\n");
        stack = LocalStack.with()
                .yaml("routing: { health_check_interval: 0s, circuit_breaker: { failures: 100, cooldown: 1s } }\n"
                        + models)
                .setting("server.timeouts.first_token", "300ms")
                .setting("server.timeouts.stream_idle", "300ms")
                .start();
        token = stack.token();
    }

    private static void add(StringBuilder models, String name, String... targets) {
        models.append("  ").append(name).append(":\n    continuation: true\n    targets:\n");
        for (int i = 0; i < targets.length; i++) {
            String target = targets[i].startsWith("provider:") ? targets[i] : "provider: " + targets[i];
            String more = targets.length == 1 ? ", prefill: assistant_turn" : "";
            models.append("      - { ")
                    .append(target)
                    .append(target.contains("prefill") ? "" : more)
                    .append(" }\n");
        }
    }

    private static String toAnthropic(String model) {
        return "provider: anthropic, upstream_model: " + model + ", prefill: assistant_turn";
    }

    private static String toVllm(String model) {
        return "provider: openai, upstream_model: " + model + ", prefill: continue_final_message";
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @BeforeEach
    void forget() {
        stack.openai().reset();
        stack.anthropic().reset();
    }

    static Stream<Arguments> everyCut() {
        List<Arguments> cuts = new ArrayList<>();
        for (String first : List.of("openai", "anthropic")) {
            for (int at = 1; at < PIECES; at++) {
                cuts.add(Arguments.of(first, "cut", at));
            }
            for (String way : WAYS.subList(1, WAYS.size())) {
                cuts.add(Arguments.of(first, way, 5));
            }
        }
        return cuts.stream();
    }

    @ParameterizedTest(name = "{0}, {1} after {2}")
    @MethodSource("everyCut")
    void anOpenAiClientGetsTheUncutText(String first, String way, int at) throws Exception {
        Reply reply = chat(first + "-" + way + at, "");

        assertThat(reply.openAiText()).isEqualTo(ANSWER);
        assertThat(reply.wire().split("data: \\[DONE]", -1)).hasSize(2);
        assertThat(reply.wire().split("\"role\":\"assistant\"", -1)).hasSize(2);
        assertThat(reply.events().stream().map(event -> event.getString("id")).distinct())
                .hasSize(1);
        assertThat(reply.wire()).contains("\n: x-latticegate-continued: 1\n\n").contains("\"finish_reason\":\"stop\"");
        assertThat(reply.wire()).doesNotContain("\"error\"");
        assertLedger(reply, first, 1);
    }

    @ParameterizedTest(name = "{0}, {1} after {2}")
    @MethodSource("everyCut")
    void anAnthropicClientGetsTheUncutText(String first, String way, int at) throws Exception {
        Reply reply = messages(first + "-" + way + at);

        assertThat(reply.anthropicText()).isEqualTo(ANSWER);
        assertThat(reply.types())
                .containsOnlyOnce(
                        "message_start", "content_block_start", "content_block_stop", "message_delta", "message_stop");
        assertThat(reply.wire()).contains("\n: x-latticegate-continued: 1\n\n").doesNotContain("event: error");
        assertLedger(reply, first, 1);
    }

    /** One row for each attempt with its own tokens, which add up to those of the end; the provider's count where it gave one. */
    private static void assertLedger(Reply reply, String first, int continued) {
        List<AuditRecord> attempts = reply.attempts();
        AuditRecord end = stack.auditEnd(reply.requestId());
        assertThat(end.outcome()).isEqualTo(AuditOutcome.SUCCESS);
        assertThat(end.metadata()).containsEntry("continued", Integer.toString(continued));
        assertThat(end.attempts()).isEqualTo(continued + 1);
        assertThat(end.usageEstimated()).isTrue();
        assertThat(attempts).hasSize(continued + 1);
        assertThat(attempts.getFirst().provider()).isEqualTo(first);
        assertThat(attempts.getFirst().outcome()).isEqualTo(AuditOutcome.ERROR);
        assertThat(attempts.getLast().outcome()).isEqualTo(AuditOutcome.SUCCESS);
        assertThat(attempts.stream().mapToLong(AuditRecord::tokensIn).sum()).isEqualTo(end.tokensIn());
        assertThat(attempts.stream().mapToLong(AuditRecord::tokensOut).sum()).isEqualTo(end.tokensOut());
        RecordedRequest further = lastTo(attempts.getLast().provider());
        String begun = prefill(further);
        assertThat(ANSWER).startsWith(begun);
        assertThat(attempts.getLast().tokensIn())
                .isEqualTo(FakeProvider.tokens(ANSWER.substring("echo: ".length())) + FakeProvider.tokens(begun));
        assertThat(attempts.getLast().tokensOut()).isEqualTo(FakeProvider.tokens(ANSWER.substring(begun.length())));
        if (first.equals("anthropic")) {
            assertThat(attempts.getFirst().tokensIn())
                    .isEqualTo(FakeProvider.tokens(ANSWER.substring("echo: ".length())));
        }
    }

    @Test
    void whatAModelSaysAgainIsLeftOut() throws Exception {
        assertThat(chat("again", "").openAiText()).isEqualTo(ANSWER);
    }

    @Test
    void anAnswerIsGoneOnWithTwice() throws Exception {
        Reply reply = chat("twice", "");

        assertThat(reply.openAiText()).isEqualTo(ANSWER);
        assertThat(reply.wire()).contains("continued: 1").contains("continued: 2");
        assertThat(reply.attempts()).extracting(AuditRecord::provider).containsExactly("openai", "anthropic", "openai");
    }

    @Test
    void whereATargetTakesNoBegunTurnTheNextGoesOn() throws Exception {
        Reply reply = chat("picky", "");

        assertThat(reply.openAiText()).isEqualTo(ANSWER);
        assertThat(reply.attempts()).extracting(AuditRecord::status).containsExactly(200, 400, 200);
        assertThat(stack.auditEnd(reply.requestId()).metadata()).containsEntry("continued", "1");
    }

    @Test
    void afterThatTheClientIsTold() throws Exception {
        Reply reply = chat("thrice", "");

        assertThat(reply.wire()).contains("\"error\"").doesNotContain("[DONE]");
        assertThat(ANSWER).startsWith(reply.openAiText());
        assertThat(reply.attempts()).hasSize(3);
        AuditRecord end = stack.auditEnd(reply.requestId());
        assertThat(end.outcome()).isEqualTo(AuditOutcome.ERROR);
        assertThat(reply.attempts().stream().mapToLong(AuditRecord::tokensOut).sum())
                .isEqualTo(end.tokensOut());
    }

    @Test
    void theSameTargetMayGoOnWithAnAnswerThatStalled() throws Exception {
        Reply reply = messages("same");

        assertThat(reply.anthropicText()).startsWith("echo: hello hello").doesNotContain("hello hello hello");
        assertThat(ANSWER).startsWith(reply.anthropicText());
        assertThat(stack.anthropic().count(MESSAGES)).isEqualTo(3);
        assertThat(reply.wire()).contains("event: error");
    }

    @Test
    void whereNobodyGoesOnTheClientIsTold() throws Exception {
        Reply reply = chat("refused", "");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.wire()).contains("\"error\"").doesNotContain("[DONE]");
        assertThat(reply.openAiText()).isEqualTo("echo: hello hello 🎉");
        assertThat(stack.auditEnd(reply.requestId()).outcome()).isEqualTo(AuditOutcome.ERROR);
    }

    @Test
    void theCostIsThatOfEachTarget() throws Exception {
        Reply reply = chat("priced", "");

        AuditRecord firstOne = reply.attempts().getFirst();
        assertThat(reply.attempts().getLast().costMicroUsd()).isZero();
        assertThat(firstOne.costMicroUsd()).isEqualTo(firstOne.tokensIn() + 2 * firstOne.tokensOut());
        assertThat(stack.auditEnd(reply.requestId()).costMicroUsd()).isEqualTo(firstOne.costMicroUsd());
    }

    @Test
    void theClientIsToldTheSumOfWhatWasConsumed() throws Exception {
        Reply reply = chat("openai-cut4", ",\"stream_options\":{\"include_usage\":true}");

        JsonObject usage = reply.events().getLast().getJsonObject("usage");
        AuditRecord end = stack.auditEnd(reply.requestId());
        assertThat(usage.getLong("prompt_tokens")).isEqualTo(end.tokensIn());
        assertThat(usage.getLong("completion_tokens")).isEqualTo(end.tokensOut());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]",
                ",\"response_format\":{\"type\":\"json_object\"}",
                ",\"logprobs\":true",
                ",\"reasoning_effort\":\"low\"",
                ",\"logit_bias\":{\"1\":2}"
            })
    void whatIsMoreThanPlainTextIsNotGoneOnWith(String members) throws Exception {
        Reply reply = chat("excluded", members);

        assertThat(reply.wire()).contains("\"error\"").doesNotContain("x-latticegate-continued");
        assertThat(stack.openai().count(CHAT)).isEqualTo(1);
    }

    @Test
    void theClientDecides() throws Exception {
        assertThat(send(CHAT, body("excluded", ""), "X-Latticegate-Continuation", "off")
                        .wire())
                .contains("\"error\"");
        assertThat(send(CHAT, body("excluded", ""), "X-Latticegate-Continuation", "on")
                        .openAiText())
                .isEqualTo(ANSWER);
        assertThat(chat("silent", "").wire()).contains("\"error\"");
        assertThat(send(CHAT, body("silent", ""), "X-Latticegate-Continuation", "on")
                        .openAiText())
                .isEqualTo(ANSWER);
        Reply refused = send(CHAT, body("silent", ""), "X-Latticegate-Continuation", "yes");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.wire()).contains("X-Latticegate-Continuation must be on or off");
    }

    @Test
    void theFirstRequestIsSentAsItCame() throws Exception {
        String body = body("excluded", ",\"temperature\":0.5");
        send(CHAT, body, "X-Latticegate-Continuation", "on");

        RecordedRequest first = stack.openai().requests(CHAT).getFirst();
        assertThat(first.bodyText().replace("excluded+cut=3", "excluded"))
                .contains(body.substring(body.indexOf("\"messages\""), body.length() - 1));
        JsonObject second =
                new JsonObject(stack.openai().requests(CHAT).getLast().bodyText());
        assertThat(second.getBoolean("continue_final_message")).isTrue();
        assertThat(second.getBoolean("add_generation_prompt")).isFalse();
        assertThat(second.getDouble("temperature")).isEqualTo(0.5);
    }

    private static RecordedRequest lastTo(String provider) {
        return (provider.equals("openai") ? stack.openai() : stack.anthropic()).lastRequest();
    }

    private static String prefill(RecordedRequest request) {
        var messages = new JsonObject(request.bodyText()).getJsonArray("messages");
        JsonObject last = messages.getJsonObject(messages.size() - 1);
        assertThat(last.getString("role")).isEqualTo("assistant");
        return last.getString("content");
    }

    private static Reply chat(String model, String members) throws IOException, InterruptedException {
        return send(CHAT, body(model, members));
    }

    private static Reply messages(String model) throws IOException, InterruptedException {
        return send(MESSAGES, body(model, ""));
    }

    private static String body(String model, String members) {
        return "{\"model\":\"" + model
                + "\",\"stream\":true,\"max_tokens\":100,\"messages\":[{\"role\":\"user\",\"content\":\"" + QUESTION
                + "\"}]" + members + "}";
    }

    private static Reply send(String path, String body, String... headers) throws IOException, InterruptedException {
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            HttpRequest.Builder request = HttpRequest.newBuilder(stack.uri(path))
                    .header("Authorization", "Bearer " + token)
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(body));
            if (headers.length > 0) {
                request.headers(headers);
            }
            HttpResponse<String> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return new Reply(
                    answer.statusCode(),
                    answer.body(),
                    answer.headers().firstValue("X-Request-ID").orElseThrow());
        }
    }

    private record Reply(int status, String wire, String requestId) {
        List<JsonObject> events() {
            return wire.lines()
                    .filter(line -> line.startsWith("data: {"))
                    .map(line -> new JsonObject(line.substring("data: ".length())))
                    .toList();
        }

        List<String> types() {
            return events().stream().map(event -> event.getString("type")).toList();
        }

        String openAiText() {
            StringBuilder text = new StringBuilder();
            for (JsonObject event : events()) {
                var choices = event.getJsonArray("choices");
                if (choices != null && !choices.isEmpty()) {
                    text.append(choices.getJsonObject(0).getJsonObject("delta").getString("content", ""));
                }
            }
            return text.toString();
        }

        String anthropicText() {
            StringBuilder text = new StringBuilder();
            for (JsonObject event : events()) {
                if (event.getString("type").equals("content_block_delta")) {
                    assertThat(event.getInteger("index")).isZero();
                    text.append(event.getJsonObject("delta").getString("text"));
                }
            }
            return text.toString();
        }

        List<AuditRecord> attempts() {
            return stack.audit(requestId).stream()
                    .filter(entry ->
                            entry.phase() == AuditPhase.EVENT && entry.action().equals("provider_attempt"))
                    .toList();
        }
    }
}
