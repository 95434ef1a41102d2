package io.latticegate.proxy.dialect.cohere;

import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.EventSink;
import io.latticegate.proxy.dialect.PartIndex;
import io.latticegate.proxy.dialect.PartIndex.Running;
import io.latticegate.proxy.dialect.SseFrame;
import io.latticegate.proxy.dialect.SseParser;
import io.latticegate.proxy.dialect.StreamDecoder;
import io.latticegate.proxy.dialect.StrictJson;
import io.latticegate.proxy.dialect.UsageReport;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Reads the events of a chat up to {@code message-end}. The type inside the data decides, not the event's name. Items of
 * content and tool calls are numbered apart from each other. Citations, {@code debug} and events that are not known are
 * passed over.
 */
final class CohereStreamDecoder implements StreamDecoder {
    private final SseParser parser = new SseParser();
    private final EventSink events = new EventSink();
    private final SseParser.Sink frames = this::frame;
    private final UsageReport usage = new UsageReport();
    private final PartIndex parts = new PartIndex();
    private final Map<Integer, Integer> partByItem = new HashMap<>();
    private final Map<Integer, Integer> partByCall = new HashMap<>();
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
        if (!frame.isEvent() || complete || events.failed() || frame.dataIs("[DONE]")) {
            return;
        }
        JsonNode event = StrictJson.parseReply(frame.data(), frame.dataOffset(), frame.dataLength());
        if (event == null || !event.isObject()) {
            events.broken("a stream event that is no JSON object");
            return;
        }
        int index = event.path("index").asInt(0);
        JsonNode message = event.path("delta").path("message");
        switch (event.path("type").asText("")) {
            case "message-start" ->
                events.accept(new ChatEvent.Started(event.path("id").asText(""), ""));
            case "content-start" -> {
                partByItem.put(index, parts.ofNew());
                content(index, message.path("content"));
            }
            case "content-delta" -> {
                partByItem.computeIfAbsent(index, _ -> parts.ofNew());
                content(index, message.path("content"));
            }
            case "tool-plan-delta" -> plan(message.path("tool_plan").asText(""));
            case "tool-call-start" -> startCall(index, message.path("tool_calls"));
            case "tool-call-delta" -> arguments(index, message.path("tool_calls"));
            case "message-end" -> end(frame, event.path("delta"));
            default -> {}
        }
        if (parts.overflowed()) {
            events.broken("an answer of more than " + PartIndex.PARTS_MAX + " parts");
        }
    }

    private void content(int index, JsonNode content) {
        Integer part = partByItem.get(index);
        if (part == null) {
            return;
        }
        String thinking = content.path("thinking").asText("");
        String text = content.path("text").asText("");
        if (!thinking.isEmpty()) {
            events.accept(new ChatEvent.ReasoningDelta(part, thinking));
        } else if (!text.isEmpty()) {
            events.accept(new ChatEvent.TextDelta(part, text));
        }
    }

    private void plan(String text) {
        if (!text.isEmpty()) {
            events.accept(new ChatEvent.TextDelta(parts.ofRunning(Running.TEXT), text));
        }
    }

    private void startCall(int index, JsonNode call) {
        int part = parts.ofNew();
        partByCall.put(index, part);
        events.accept(new ChatEvent.ToolCallStarted(
                part,
                call.path("id").asText(""),
                call.path("function").path("name").asText("")));
        arguments(index, call);
    }

    private void arguments(int index, JsonNode call) {
        Integer part = partByCall.get(index);
        String fragment = call.path("function").path("arguments").asText("");
        if (part != null && !fragment.isEmpty()) {
            events.accept(new ChatEvent.ToolCallArguments(part, fragment));
        }
    }

    private void end(SseFrame frame, JsonNode delta) {
        String reason = delta.path("finish_reason").asText("");
        if (usage.readAnswer(frame.data(), frame.dataOffset(), frame.dataLength())) {
            TokenUsage total = usage.usage();
            if (total != null) {
                events.accept(new ChatEvent.UsageReported(total));
            }
        }
        ProviderError failure =
                CohereReplyDecoder.failure(reason, delta.path("error").textValue());
        if (failure != null) {
            events.fail(failure);
            return;
        }
        complete = true;
        events.accept(new ChatEvent.Finished(CohereReplyDecoder.finishReason(reason)));
    }
}
