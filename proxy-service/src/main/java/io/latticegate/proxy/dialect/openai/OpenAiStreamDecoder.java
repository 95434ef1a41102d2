package io.latticegate.proxy.dialect.openai;

import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.ErrorReport;
import io.latticegate.proxy.dialect.EventSink;
import io.latticegate.proxy.dialect.PartIndex;
import io.latticegate.proxy.dialect.PartIndex.Running;
import io.latticegate.proxy.dialect.SseFrame;
import io.latticegate.proxy.dialect.SseParser;
import io.latticegate.proxy.dialect.StreamDecoder;
import io.latticegate.proxy.dialect.StrictJson;
import io.latticegate.proxy.dialect.UsageReport;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Reads {@code chat.completion.chunk} frames up to {@code [DONE]}. Tolerates what compatible providers do: no {@code
 * index} or no {@code id} at tool calls, {@code reasoning} in the place of {@code reasoning_content}, usage in any chunk.
 */
final class OpenAiStreamDecoder implements StreamDecoder {
    private final SseParser parser = new SseParser();
    private final EventSink events = new EventSink();
    private final SseParser.Sink frames = this::frame;
    private final UsageReport usage = new UsageReport();
    private final PartIndex parts = new PartIndex();
    private final Map<Integer, Integer> partByCall = new HashMap<>();
    private int lastCall = -1;
    private boolean started;
    private boolean refused;
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
        if (frame.dataIs("[DONE]")) {
            complete = true;
            return;
        }
        JsonNode chunk = StrictJson.parseReply(frame.data(), frame.dataOffset(), frame.dataLength());
        if (chunk == null || !chunk.isObject()) {
            events.broken("a stream event that is no JSON object");
            return;
        }
        if (chunk.hasNonNull("error")) {
            int end = frame.dataOffset() + frame.dataLength();
            events.fail(ErrorReport.read(0, Arrays.copyOfRange(frame.data(), frame.dataOffset(), end)));
            return;
        }
        if (!started) {
            started = true;
            events.accept(new ChatEvent.Started(
                    chunk.path("id").asText(""), chunk.path("model").asText("")));
        }
        for (JsonNode choice : chunk.path("choices")) {
            if (choice.path("index").asInt(0) == 0) {
                choice(choice);
            }
        }
        if (chunk.path("usage").isObject() && usage.readAnswer(frame.data(), frame.dataOffset(), frame.dataLength())) {
            TokenUsage soFar = usage.usage();
            if (soFar != null) {
                events.accept(new ChatEvent.UsageReported(soFar));
            }
        }
        if (parts.overflowed()) {
            events.broken("an answer of more than " + PartIndex.PARTS_MAX + " parts");
        }
    }

    private void choice(JsonNode choice) {
        JsonNode delta = choice.path("delta");
        String reasoning =
                delta.path("reasoning_content").asText(delta.path("reasoning").asText(""));
        if (!reasoning.isEmpty()) {
            events.accept(new ChatEvent.ReasoningDelta(parts.ofRunning(Running.REASONING), reasoning));
        }
        text(delta.path("content").asText(""));
        String refusal = delta.path("refusal").asText("");
        refused |= !refusal.isEmpty();
        text(refusal);
        for (JsonNode call : delta.path("tool_calls")) {
            toolCall(call);
        }
        JsonNode reason = choice.path("finish_reason");
        if (reason.isTextual()) {
            events.accept(new ChatEvent.Finished(OpenAiReplyDecoder.finishReason(reason.textValue(), refused)));
        }
    }

    private void text(String text) {
        if (!text.isEmpty()) {
            events.accept(new ChatEvent.TextDelta(parts.ofRunning(Running.TEXT), text));
        }
    }

    private void toolCall(JsonNode call) {
        String id = call.path("id").asText("");
        JsonNode function = call.path("function");
        int position = call.path("index").isInt() ? call.path("index").intValue() : positionWithoutIndex(id);
        Integer part = partByCall.get(position);
        if (part == null) {
            part = parts.ofNew();
            partByCall.put(position, part);
            String ownId = id.isEmpty() ? "call_" + position : id;
            events.accept(new ChatEvent.ToolCallStarted(
                    part, ownId, function.path("name").asText("")));
        }
        lastCall = position;
        String arguments = function.path("arguments").asText("");
        if (!arguments.isEmpty()) {
            events.accept(new ChatEvent.ToolCallArguments(part, arguments));
        }
    }

    /** Without an index, an id begins a new call and its absence goes on with the last one. */
    private int positionWithoutIndex(String id) {
        return id.isEmpty() && lastCall >= 0 ? lastCall : partByCall.size();
    }
}
