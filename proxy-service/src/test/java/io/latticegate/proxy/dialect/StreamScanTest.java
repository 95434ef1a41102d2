package io.latticegate.proxy.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StreamScanTest {

    private static final String ASKED = """
            data: {"id":"c1","object":"chat.completion.chunk","model":"gpt-5.2","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}

            : keep-alive

            data: {"id":"c1","usage":null,"choices":[{"index":0,"delta":{"content":"say \\"usage\\":null"},"finish_reason":null}]}

            data: {"id":"c1", "choices":[{"index":0,"delta":{},"finish_reason":"stop"}], "usage" : null }

            data: {"id":"c1","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21,"prompt_tokens_details":{"cached_tokens":4,"audio_tokens":1},"completion_tokens_details":{"reasoning_tokens":5}}}

            data: [DONE]

            """;

    private static final String UNASKED = """
            data: {"id":"c1","object":"chat.completion.chunk","model":"gpt-5.2","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}

            : keep-alive

            data: {"id":"c1","choices":[{"index":0,"delta":{"content":"say \\"usage\\":null"},"finish_reason":null}]}

            data: {"id":"c1", "choices":[{"index":0,"delta":{},"finish_reason":"stop"}] }

            data: [DONE]

            """;

    private static final String ANTHROPIC = """
            event: message_start
            data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"claude-opus-5-5","stop_reason":null,"usage":{"input_tokens":25,"cache_read_input_tokens":100,"cache_creation_input_tokens":10,"output_tokens":1}}}

            event: ping
            data: {"type":"ping"}

            event: content_block_delta
            data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}

            event: message_delta
            data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":15,"input_tokens":null,"output_tokens_details":{"thinking_tokens":3}}}

            event: message_stop
            data: {"type":"message_stop"}

            """;

    @Test
    void takesAnInjectedUsageBackOutHoweverTheBytesArrive() {
        byte[] stream = ASKED.getBytes(UTF_8);
        for (long seed = 0; seed < 2_000; seed++) {
            var scan = StreamScan.hidingUsage();
            assertThat(new String(through(scan, stream, 1 + (int) (seed % 400), new Random(seed)), UTF_8))
                    .as("seed " + seed)
                    .isEqualTo(UNASKED);
            assertThat(scan.complete()).isTrue();
            assertThat(scan.model()).isEqualTo("gpt-5.2");
            assertThat(scan.usage()).isEqualTo(new TokenUsage(9, 12, 4, 0, 5, 1, 0));
        }
    }

    @Test
    void forwardsTheArrayItselfWhenItOnlyWatches() {
        byte[] stream = ASKED.getBytes(UTF_8);
        var scan = StreamScan.watching();
        assertThat(scan.feed(stream)).isSameAs(stream);
        assertThat(scan.finish()).isEmpty();
        assertThat(scan.usage()).isEqualTo(new TokenUsage(9, 12, 4, 0, 5, 1, 0));
    }

    @Test
    void forwardsTheArrayItselfWhenThereIsNothingToHide() {
        byte[] stream = UNASKED.getBytes(UTF_8);
        assertThat(StreamScan.hidingUsage().feed(stream)).isSameAs(stream);
    }

    @Test
    void keepsUsageThatAProviderSendsUnasked() {
        byte[] chunk =
                "data: {\"choices\":[{\"index\":0,\"delta\":{}}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\n"
                        .getBytes(UTF_8);
        var scan = StreamScan.hidingUsage();
        assertThat(scan.feed(chunk)).isSameAs(chunk);
        assertThat(scan.usage()).isEqualTo(TokenUsage.of(1, 2));
    }

    @Test
    void addsAnthropicsCacheTokensThatStandBesideTheInput() {
        var scan = StreamScan.watching();
        scan.feed(ANTHROPIC.getBytes(UTF_8));
        assertThat(scan.usage()).isEqualTo(new TokenUsage(135, 15, 100, 10, 3, 0, 0));
        assertThat(scan.model()).isEqualTo("claude-opus-5-5");
        assertThat(scan.complete()).isTrue();
        assertThat(scan.outputTextBytes()).isEqualTo(5);
    }

    @Test
    void knowsAResponsesStream() {
        var scan = StreamScan.watching();
        scan.feed("""
                event: response.output_text.delta
                data: {"type":"response.output_text.delta","delta":"abc"}

                event: response.completed
                data: {"type":"response.completed","response":{"model":"gpt-5.2","error":null,"usage":{"input_tokens":7,"input_tokens_details":{"cached_tokens":3},"output_tokens":8,"output_tokens_details":{"reasoning_tokens":2},"total_tokens":15}}}

                """.getBytes(UTF_8));
        assertThat(scan.usage()).isEqualTo(new TokenUsage(7, 8, 3, 0, 2, 0, 0));
        assertThat(scan.complete()).isTrue();
        assertThat(scan.outputTextBytes()).isEqualTo(3);
    }

    @Test
    void doesNotCallACutStreamComplete() {
        byte[] stream = ASKED.getBytes(UTF_8);
        byte[] cut = Arrays.copyOf(stream, ASKED.indexOf("data: [DONE]") + "data: [DONE]".length());
        var scan = StreamScan.hidingUsage();
        byte[] forwarded = through(scan, cut, 50, new Random(1));
        assertThat(scan.complete()).isFalse();
        assertThat(new String(forwarded, UTF_8)).endsWith("data: [DONE]");
    }

    @Test
    void noticesErrorsInsideAStream() {
        var openAi = StreamScan.watching();
        openAi.feed(
                "data: {\"error\":{\"message\":\"The server had an error\",\"type\":\"server_error\",\"code\":null}}\n\n"
                        .getBytes(UTF_8));
        assertThat(failure(openAi).kind()).isEqualTo(ProviderError.Kind.OUTAGE);
        assertThat(failure(openAi).code()).isEqualTo("server_error");
        var anthropic = StreamScan.watching();
        anthropic.feed(
                "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n"
                        .getBytes(UTF_8));
        assertThat(failure(anthropic).kind()).isEqualTo(ProviderError.Kind.OVERLOAD);
        assertThat(anthropic.complete()).isFalse();
        var none = StreamScan.watching();
        none.feed("data: {\"error\":null,\"choices\":[]}\n\n".getBytes(UTF_8));
        assertThat(none.failure()).isNull();
    }

    @Test
    void failsAnEventBeyondTheBound() {
        var scan = StreamScan.hidingUsage();
        byte[] piece = "x".repeat(64 * 1024).getBytes(UTF_8);
        for (int i = 0; i < 20; i++) {
            scan.feed(piece);
        }
        assertThat(failure(scan).code()).isEqualTo("provider_event_too_large");
    }

    @Test
    void countsTextForAnEstimate() {
        var scan = StreamScan.watching();
        scan.feed("""
                data: {"choices":[{"delta":{"content":"abc","tool_calls":[{"index":0,"function":{"name":"f","arguments":"{}"}}]}}]}

                data: {"choices":[{"text":"de"}]}

                """.getBytes(UTF_8));
        assertThat(scan.outputTextBytes()).isEqualTo(3 + 1 + 2 + 2);
    }

    @Test
    void survivesTwentyThousandDamagedStreams() {
        Mutations.run(20_000, List.of(ASKED.getBytes(UTF_8), ANTHROPIC.getBytes(UTF_8)), damaged -> {
            var random = new Random(damaged.length);
            var watching = StreamScan.watching();
            assertThat(through(watching, damaged, 90, random)).isEqualTo(damaged);
            assertThat(through(StreamScan.hidingUsage(), damaged, 90, random).length)
                    .isLessThanOrEqualTo(damaged.length);
        });
    }

    private static ProviderError failure(StreamScan scan) {
        ProviderError failure = scan.failure();
        if (failure == null) {
            throw new AssertionError("no failure noticed");
        }
        return failure;
    }

    private static byte[] through(StreamScan scan, byte[] stream, int pieceMax, Random random) {
        var out = new ByteArrayOutputStream();
        int at = 0;
        while (at < stream.length) {
            int length = Math.min(stream.length - at, 1 + random.nextInt(pieceMax));
            out.writeBytes(scan.feed(Arrays.copyOfRange(stream, at, at + length)));
            at += length;
        }
        out.writeBytes(scan.finish());
        return out.toByteArray();
    }
}
