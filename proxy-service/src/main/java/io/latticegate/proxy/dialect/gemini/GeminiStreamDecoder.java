package io.latticegate.proxy.dialect.gemini;

import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.dialect.EventSink;
import io.latticegate.proxy.dialect.SseFrame;
import io.latticegate.proxy.dialect.SseParser;
import io.latticegate.proxy.dialect.StreamDecoder;
import java.util.function.Consumer;

/**
 * Reads {@code streamGenerateContent?alt=sse}. The protocol has no closing event: the answer is whole when the bytes end
 * and the candidate has given its {@code finishReason}; usage may still follow that.
 */
final class GeminiStreamDecoder implements StreamDecoder {
    private final SseParser parser = new SseParser();
    private final EventSink events = new EventSink();
    private final GeminiAnswerReader answer = new GeminiAnswerReader(events);
    private final SseParser.Sink frames = this::frame;

    @Override
    public void feed(byte[] chunk, int offset, int length, Consumer<ChatEvent> sink) {
        events.to(sink);
        if (!parser.feed(chunk, offset, length, frames)) {
            events.broken("a stream event of more than " + SseParser.EVENT_BYTES_MAX + " bytes");
        }
    }

    @Override
    public void end(Consumer<ChatEvent> sink) {
        events.to(sink);
        if (!answer.finished() || parser.pendingBytes() > 0) {
            events.cut();
        }
    }

    @Override
    public boolean complete() {
        return answer.finished() && !events.failed();
    }

    private void frame(SseFrame frame) {
        if (frame.isEvent() && !events.failed()) {
            answer.read(frame.data(), frame.dataOffset(), frame.dataLength());
        }
    }
}
