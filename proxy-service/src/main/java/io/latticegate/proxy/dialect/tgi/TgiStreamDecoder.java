package io.latticegate.proxy.dialect.tgi;

import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.ErrorReport;
import io.latticegate.proxy.dialect.EventSink;
import io.latticegate.proxy.dialect.SseFrame;
import io.latticegate.proxy.dialect.SseParser;
import io.latticegate.proxy.dialect.StreamDecoder;
import io.latticegate.proxy.dialect.StrictJson;
import java.util.Arrays;
import java.util.function.Consumer;

/** Reads an event per token, up to the one with {@code generated_text}. Special tokens are no text. */
final class TgiStreamDecoder implements StreamDecoder {
    private final SseParser parser = new SseParser();
    private final EventSink events = new EventSink();
    private final SseParser.Sink frames = this::frame;
    private boolean started;
    private boolean complete;

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
        if (!complete) {
            events.cut();
        }
    }

    @Override
    public boolean complete() {
        return complete && !events.failed();
    }

    private void frame(SseFrame frame) {
        if (!frame.isEvent() || complete || events.failed()) {
            return;
        }
        JsonNode event = StrictJson.parseReply(frame.data(), frame.dataOffset(), frame.dataLength());
        if (event == null || !event.isObject()) {
            events.broken("a stream event that is no JSON object");
            return;
        }
        if (event.hasNonNull("error")) {
            int end = frame.dataOffset() + frame.dataLength();
            events.fail(ErrorReport.read(0, Arrays.copyOfRange(frame.data(), frame.dataOffset(), end)));
            return;
        }
        if (!started) {
            started = true;
            events.accept(new ChatEvent.Started("", ""));
        }
        JsonNode token = event.path("token");
        String text =
                token.path("special").asBoolean(false) ? "" : token.path("text").asText("");
        if (!text.isEmpty()) {
            events.accept(new ChatEvent.TextDelta(0, text));
        }
        if (event.hasNonNull("generated_text")) {
            end(event.path("details"));
        }
    }

    private void end(JsonNode details) {
        complete = true;
        events.accept(new ChatEvent.Finished(TgiGenerate.finishReason(details)));
        long promptTokens = details.path("input_length").asLong(0);
        if (promptTokens > 0) {
            events.accept(new ChatEvent.UsageReported(
                    TokenUsage.of(promptTokens, details.path("generated_tokens").asLong(0))));
        }
    }
}
