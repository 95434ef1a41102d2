package io.latticegate.proxy.dialect.openai;

import static io.latticegate.proxy.dialect.Wire.frames;
import static io.latticegate.proxy.dialect.Wire.terms;
import static io.latticegate.proxy.dialect.Wire.tree;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.proxy.chat.Answer;
import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.FinishReason;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.Mutations;
import io.latticegate.proxy.dialect.StreamDecoder;
import io.latticegate.proxy.dialect.StreamEncoder;
import io.latticegate.proxy.dialect.StreamScan;
import io.latticegate.proxy.dialect.Wire;
import io.latticegate.proxy.dialect.anthropic.AnthropicMessages;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResponsesStreamTest {
    private static final List<ChatEvent> EVENTS = List.of(
            new ChatEvent.Started("msg_1", "m"),
            new ChatEvent.ReasoningDelta(0, "hu"),
            new ChatEvent.ReasoningDelta(0, "m"),
            new ChatEvent.ReasoningSignature(0, "s1"),
            new ChatEvent.TextDelta(1, "I "),
            new ChatEvent.TextDelta(1, "look 😀"),
            new ChatEvent.ToolCallStarted(2, "call_1", "look"),
            new ChatEvent.ToolCallArguments(2, "{\"x\""),
            new ChatEvent.ToolCallArguments(2, ":1}"),
            new ChatEvent.ToolCallStarted(3, "call_2", "look"),
            new ChatEvent.Finished(FinishReason.TOOL_CALLS),
            new ChatEvent.UsageReported(new TokenUsage(9, 12, 4, 0, 5, 0, 0)));

    private static final Set<String> ENDS = Set.of("response.completed", "response.incomplete", "error");

    private final OpenAiResponses dialect = new OpenAiResponses();

    @Test
    void announcesEveryItemPartAndDeltaAndClosesThemInOrder() {
        List<JsonNode> frames = frames(Wire.encode(dialect, EVENTS, true));
        assertThat(frames)
                .extracting(frame -> frame.path("type").asText().replace("response.", ""))
                .containsExactly(
                        "created",
                        "in_progress",
                        "output_item.added",
                        "reasoning_summary_part.added",
                        "reasoning_summary_text.delta",
                        "reasoning_summary_text.delta",
                        "reasoning_summary_text.done",
                        "reasoning_summary_part.done",
                        "output_item.done",
                        "output_item.added",
                        "content_part.added",
                        "output_text.delta",
                        "output_text.delta",
                        "output_text.done",
                        "content_part.done",
                        "output_item.done",
                        "output_item.added",
                        "function_call_arguments.delta",
                        "function_call_arguments.delta",
                        "function_call_arguments.done",
                        "output_item.done",
                        "output_item.added",
                        "function_call_arguments.delta",
                        "function_call_arguments.done",
                        "output_item.done",
                        "completed");
        numbered(frames);
        assertThat(frames.get(2)).isEqualTo(tree("""
                {'type':'response.output_item.added','sequence_number':2,'output_index':0,
                 'item':{'id':'rs_own-id_0','type':'reasoning','summary':[],'encrypted_content':null}}"""));
        assertThat(frames.get(5)).isEqualTo(tree("""
                {'type':'response.reasoning_summary_text.delta','sequence_number':5,'item_id':'rs_own-id_0',
                 'output_index':0,'summary_index':0,'delta':'m'}"""));
        assertThat(frames.get(11)).isEqualTo(tree("""
                {'type':'response.output_text.delta','sequence_number':11,'item_id':'msg_own-id_1',
                 'output_index':1,'content_index':0,'delta':'I ','logprobs':[]}"""));
        assertThat(frames.get(13).path("text").asText()).isEqualTo("I look 😀");
        assertThat(frames.get(16).path("item")).isEqualTo(tree("""
                {'id':'fc_own-id_2','type':'function_call','status':'in_progress','call_id':'call_1','name':'look',
                 'arguments':''}"""));
        assertThat(frames.get(19).path("arguments").asText()).isEqualTo("{\"x\":1}");
        assertThat(frames.get(23).path("arguments").asText()).isEqualTo("{}");
    }

    @Test
    void theLastEventHoldsTheAnswerThatAClientWithoutAStreamWouldGet() {
        JsonNode response = frames(Wire.encode(dialect, EVENTS, true)).getLast().path("response");
        assertThat(response).isEqualTo(tree(dialect.reply(Answer.of(EVENTS), terms(true))));
        assertThat(response.at("/usage/output_tokens_details/reasoning_tokens").asInt())
                .isEqualTo(5);
    }

    @Test
    void theDeltasOfInterleavedCallsNameTheirItems() {
        List<JsonNode> frames = frames(Wire.encode(
                dialect,
                List.of(
                        new ChatEvent.Started("i", "m"),
                        new ChatEvent.ToolCallStarted(0, "a", "f"),
                        new ChatEvent.ToolCallStarted(1, "b", "g"),
                        new ChatEvent.ToolCallArguments(1, "{\"b\":"),
                        new ChatEvent.ToolCallArguments(0, "{\"a\":1}"),
                        new ChatEvent.ToolCallArguments(1, "2}"),
                        new ChatEvent.Finished(FinishReason.TOOL_CALLS)),
                true));
        numbered(frames);
        assertThat(joined(frames, "fc_own-id_0")).isEqualTo("{\"a\":1}");
        assertThat(joined(frames, "fc_own-id_1")).isEqualTo("{\"b\":2}");
        JsonNode output = frames.getLast().at("/response/output");
        assertThat(output.at("/0/arguments").asText()).isEqualTo("{\"a\":1}");
        assertThat(output.at("/1/arguments").asText()).isEqualTo("{\"b\":2}");
    }

    private static String joined(List<JsonNode> frames, String item) {
        var text = new StringBuilder();
        for (JsonNode frame : frames) {
            boolean delta = frame.path("type").asText().equals("response.function_call_arguments.delta");
            if (delta && frame.path("item_id").asText().equals(item)) {
                text.append(frame.path("delta").asText());
            }
        }
        return text.toString();
    }

    @ParameterizedTest
    @CsvSource({"LENGTH, max_output_tokens", "CONTENT_FILTER, content_filter", "REFUSAL, content_filter"})
    void anAnswerThatEndsEarlyIsIncompleteAndSoIsItsLastItem(FinishReason finish, String reason) {
        List<JsonNode> frames = frames(Wire.encode(
                dialect,
                List.of(
                        new ChatEvent.Started("i", "m"),
                        new ChatEvent.TextDelta(0, "so"),
                        new ChatEvent.ToolCallStarted(1, "a", "f"),
                        new ChatEvent.ToolCallArguments(1, "{\"a\":"),
                        new ChatEvent.Finished(finish)),
                true));
        JsonNode last = frames.getLast();
        assertThat(last.path("type").asText()).isEqualTo("response.incomplete");
        assertThat(last.at("/response/status").asText()).isEqualTo("incomplete");
        assertThat(last.at("/response/incomplete_details/reason").asText()).isEqualTo(reason);
        assertThat(last.at("/response/output/0/status").asText()).isEqualTo("completed");
        assertThat(last.at("/response/output/1/status").asText()).isEqualTo("incomplete");
    }

    @Test
    void aFailureAfterAnyEventEndsInFailedAndErrorAndNeverInCompleted() {
        for (int cut = 0; cut < EVENTS.size(); cut++) {
            StreamEncoder encoder = dialect.startStream(terms(true));
            byte[] before = encoder.encode(EVENTS.subList(0, cut));
            byte[] failure = encoder.encode(new ChatEvent.Failed(
                    ProviderError.of(ProviderError.Kind.TIMEOUT, "provider_stalled", "The provider stalled")));
            assertThat(encoder.encode(new ChatEvent.TextDelta(9, "late"))).isEmpty();
            assertThat(encoder.finish()).isEmpty();

            List<JsonNode> frames = new ArrayList<>(frames(before));
            frames.addAll(frames(failure));
            numbered(frames);
            assertThat(frames)
                    .extracting(frame -> frame.path("type").asText())
                    .doesNotContain("response.completed", "response.incomplete");
            JsonNode failed = frames.get(frames.size() - 2);
            assertThat(failed.path("type").asText()).isEqualTo("response.failed");
            assertThat(failed.at("/response/status").asText()).isEqualTo("failed");
            assertThat(failed.at("/response/error"))
                    .isEqualTo(tree("{'code':'provider_stalled','message':'The provider stalled'}"));
            assertThat(failed.at("/response/output"))
                    .allSatisfy(item ->
                            assertThat(item.path("status").asText("incomplete")).isNotEqualTo("in_progress"));
            JsonNode error = frames.getLast();
            assertThat(error.path("type").asText()).isEqualTo("error");
            assertThat(error.path("code").asText()).isEqualTo("provider_stalled");
            assertThat(error.at("/error/code").asText()).isEqualTo("provider_stalled");
        }
    }

    @Test
    void anAnthropicStreamCutAtAnyByteNeverEndsAsCompleted() {
        byte[] stream = Wire.encode(new AnthropicMessages(), EVENTS, true);
        int lastEvent = new String(stream, UTF_8).indexOf("event: message_stop");
        for (int cut = 0; cut <= stream.length; cut++) {
            String text = new String(translated(Arrays.copyOf(stream, cut)), UTF_8);
            List<JsonNode> frames = frames(text.getBytes(UTF_8));
            numbered(frames);
            if (cut == stream.length) {
                assertThat(frames.getLast().path("type").asText()).isEqualTo("response.completed");
            } else if (cut <= lastEvent) {
                assertThat(frames.getLast().path("type").asText())
                        .as("cut at " + cut)
                        .isEqualTo("error");
                assertThat(text).doesNotContain("response.completed").contains("response.failed");
            }
        }
    }

    @Test
    void anAnthropicStreamMayArriveInAnyTwoPieces() {
        byte[] stream = Wire.encode(new AnthropicMessages(), EVENTS, true);
        byte[] whole = translated(stream);
        for (int split = 1; split < stream.length; split++) {
            assertThat(translated(Arrays.copyOf(stream, split), Arrays.copyOfRange(stream, split, stream.length)))
                    .as("split at " + split)
                    .isEqualTo(whole);
        }
    }

    private byte[] translated(byte[]... pieces) {
        StreamDecoder decoder = new AnthropicMessages().startDecoding();
        StreamEncoder encoder = dialect.startStream(terms(true));
        var out = new ByteArrayOutputStream();
        boolean[] failed = {false};
        for (byte[] piece : pieces) {
            decoder.feed(piece, 0, piece.length, event -> out.writeBytes(encoder.encode(event)));
        }
        decoder.end(event -> {
            failed[0] |= event instanceof ChatEvent.Failed;
            out.writeBytes(encoder.encode(event));
        });
        if (!failed[0]) {
            out.writeBytes(encoder.finish());
        }
        return out.toByteArray();
    }

    @Test
    void whateverAProviderSendsTheEventsAreNumberedAndEndOnce() {
        byte[] stream = Wire.encode(new AnthropicMessages(), EVENTS, true);
        Mutations.run(10_000, List.of(stream), damaged -> {
            List<JsonNode> frames = frames(translated(damaged));
            numbered(frames);
            assertThat(frames.subList(0, frames.size() - 1))
                    .noneMatch(frame -> ENDS.contains(frame.path("type").asText()));
            assertThat(ENDS).contains(frames.getLast().path("type").asText());
        });
    }

    @Test
    void anAnswerThatIsTooLargeToRepeatFails() {
        StreamEncoder encoder = dialect.startStream(terms(true));
        String megabyte = "x".repeat(1024 * 1024);
        byte[] last = {};
        for (int i = 0; i <= ResponsesStreamEncoder.OUTPUT_CHARS_MAX / megabyte.length(); i++) {
            last = encoder.encode(new ChatEvent.TextDelta(0, megabyte));
        }
        assertThat(new String(last, UTF_8)).contains("provider_reply_too_large").contains("event: error");
        assertThat(encoder.finish()).isEmpty();
    }

    @Test
    void aPassingStreamIsWatchedForUsageModelAndItsEnd() {
        byte[] stream = Wire.encode(dialect, EVENTS, true);
        int lastEvent = new String(stream, UTF_8).indexOf("event: response.completed");
        for (int split = 0; split <= stream.length; split++) {
            var scan = StreamScan.watchingResponses();
            scan.feed(Arrays.copyOf(stream, split));
            assertThat(scan.complete()).as("cut at " + split).isEqualTo(split == stream.length);
            assertThat(scan.usage() != null).isEqualTo(split == stream.length);
            if (split <= lastEvent) {
                assertThat(scan.failure()).isNull();
            }
            scan.feed(Arrays.copyOfRange(stream, split, stream.length));
            assertThat(scan.complete()).isTrue();
            assertThat(scan.usage()).isEqualTo(new TokenUsage(9, 12, 4, 0, 5, 0, 0));
            assertThat(scan.model()).isEqualTo("alias");
            assertThat(scan.sequenceNumber()).isEqualTo(25);
        }
    }

    @Test
    void aPassingStreamThatTheProviderFailsIsAFailure() {
        StreamEncoder encoder = dialect.startStream(terms(true));
        byte[] failed =
                encoder.encode(new ChatEvent.Failed(ProviderError.ofStatus(429, "rate_limit_exceeded", "Slow down")));
        int error = new String(failed, UTF_8).indexOf("event: error");
        for (byte[] ending : List.of(Arrays.copyOf(failed, error), Arrays.copyOfRange(failed, error, failed.length))) {
            var scan = StreamScan.watchingResponses();
            scan.feed(ending);
            assertThat(scan.complete()).isFalse();
            assertThat(scan.failure()).isEqualTo(ProviderError.ofStatus(0, "rate_limit_exceeded", "Slow down"));
        }
    }

    private static void numbered(List<JsonNode> frames) {
        for (int i = 0; i < frames.size(); i++) {
            assertThat(frames.get(i).path("sequence_number").asInt(-1)).isEqualTo(i);
        }
    }
}
