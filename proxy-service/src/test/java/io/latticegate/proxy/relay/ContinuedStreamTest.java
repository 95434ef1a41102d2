package io.latticegate.proxy.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.FinishReason;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.StreamEncoder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ContinuedStreamTest {
    private final ContinuedStream stream = new ContinuedStream(Written::new);

    @Test
    void aSecondAttemptAddsToTheFirstOnesText() {
        String wire = write(
                new ChatEvent.Started("id-1", "m"),
                new ChatEvent.TextDelta(0, "one "),
                new ChatEvent.UsageReported(TokenUsage.of(10, 1)));
        assertThat(stream.open()).isTrue();

        stream.goOn(TokenUsage.of(10, 1));
        wire += write(
                new ChatEvent.Started("id-2", "other"),
                new ChatEvent.TextDelta(3, " two"),
                new ChatEvent.UsageReported(TokenUsage.of(11, 5)),
                new ChatEvent.Finished(FinishReason.STOP));
        wire += new String(stream.finish(), StandardCharsets.UTF_8);

        assertThat(wire)
                .isEqualTo("start:id-1|0:one |usage:10/1|: x-latticegate-continued: 1\n\n0:two|usage:21/6|stop|end");
        assertThat(stream.text()).isEqualTo("one two");
        assertThat(stream.open()).isFalse();
    }

    @Test
    void whatIsHeldBackIsWrittenBeforeTheEnd() {
        write(new ChatEvent.Started("", ""), new ChatEvent.TextDelta(0, "a long beginning of a text"));
        stream.goOn(TokenUsage.NONE);

        String held = write(new ChatEvent.Started("", ""), new ChatEvent.TextDelta(0, "a long"));
        String end = write(new ChatEvent.Finished(FinishReason.STOP));

        assertThat(held).isEqualTo(": x-latticegate-continued: 1\n\n");
        assertThat(end).isEqualTo("0:a long|stop|");
    }

    @Test
    void whatIsNoPlainTextIsNotGoneOnWith() {
        assertThat(stream.open()).isFalse();
        write(new ChatEvent.Started("", ""));
        assertThat(stream.open()).isTrue();
        write(new ChatEvent.TextDelta(0, "half a \uD83D"));
        assertThat(stream.open()).isFalse();
        write(new ChatEvent.TextDelta(0, "\uDE00"));
        assertThat(stream.open()).isTrue();
        write(new ChatEvent.ToolCallStarted(1, "c", "f"));
        assertThat(stream.open()).isFalse();
    }

    @Test
    void reasoningAndASecondPartAreNoPlainText() {
        write(new ChatEvent.Started("", ""), new ChatEvent.ReasoningDelta(0, "hm"));
        assertThat(stream.open()).isFalse();

        stream.forAttempt();
        write(new ChatEvent.Started("", ""), new ChatEvent.TextDelta(0, "a"), new ChatEvent.TextDelta(1, "b"));
        assertThat(stream.open()).isFalse();
    }

    @Test
    void anEndedAnswerAndATooLongOneAreNotGoneOnWith() {
        write(new ChatEvent.Started("", ""), new ChatEvent.Finished(FinishReason.STOP));
        assertThat(stream.open()).isFalse();

        stream.forAttempt();
        write(new ChatEvent.Started("", ""), new ChatEvent.TextDelta(0, "x".repeat(ContinuedStream.TEXT_CHARS_MAX)));
        assertThat(stream.open()).isTrue();
        write(new ChatEvent.TextDelta(0, "y"));
        assertThat(stream.open()).isFalse();
    }

    @Test
    void anAttemptThatTheClientHasNotSeenLeavesNoTrace() {
        write(new ChatEvent.Started("id-1", ""), new ChatEvent.TextDelta(0, "lost"));
        stream.forAttempt();
        assertThat(write(new ChatEvent.Started("id-2", ""), new ChatEvent.TextDelta(0, "kept")))
                .isEqualTo("start:id-2|0:kept|");
        assertThat(stream.text()).isEqualTo("kept");
    }

    private String write(ChatEvent... events) {
        StringBuilder wire = new StringBuilder();
        for (ChatEvent event : events) {
            wire.append(new String(stream.encode(event), StandardCharsets.UTF_8));
        }
        return wire.toString();
    }

    /** Writes each event as a word. */
    private static final class Written implements StreamEncoder {
        @Override
        public byte[] encode(ChatEvent event) {
            String word = switch (event) {
                case ChatEvent.Started begun -> "start:" + begun.id();
                case ChatEvent.TextDelta(int index, String text) -> index + ":" + text;
                case ChatEvent.UsageReported(TokenUsage usage) -> "usage:" + usage.input() + "/" + usage.output();
                case ChatEvent.Finished ended -> "stop";
                default -> "other";
            };
            return (word + "|").getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public byte[] finish() {
            return "end".getBytes(StandardCharsets.UTF_8);
        }
    }
}
