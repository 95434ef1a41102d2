package io.latticegate.proxy.dialect.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.ErrorReport;
import io.latticegate.proxy.dialect.EventSink;
import io.latticegate.proxy.dialect.PartIndex;
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
 * Reads the events of a message up to {@code message_stop}. The type inside the data decides, not the event's name. Blocks
 * and events of kinds that are not known are passed over, as the versioning rules ask; {@code ping} is one of them.
 */
final class AnthropicStreamDecoder implements StreamDecoder {
    private final SseParser parser = new SseParser();
    private final EventSink events = new EventSink();
    private final SseParser.Sink frames = this::frame;
    private final UsageReport usage = new UsageReport();
    private final PartIndex parts = new PartIndex();
    private final Map<Integer, Integer> partByBlock = new HashMap<>();

    /** Input that stood in the start of a tool_use block; it counts when no delta follows. */
    private final Map<Integer, String> inputAtStart = new HashMap<>();

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
        int block = event.path("index").asInt(0);
        switch (event.path("type").asText("")) {
            case "message_start" -> {
                JsonNode message = event.path("message");
                events.accept(new ChatEvent.Started(
                        message.path("id").asText(""), message.path("model").asText("")));
                reportUsage(frame);
            }
            case "content_block_start" -> startBlock(block, event.path("content_block"));
            case "content_block_delta" -> delta(block, event.path("delta"));
            case "content_block_stop" -> stopBlock(block);
            case "message_delta" -> {
                if (event.path("delta").path("stop_reason").isTextual()) {
                    events.accept(AnthropicReplyDecoder.finished(event.path("delta")));
                }
                reportUsage(frame);
            }
            case "message_stop" -> complete = true;
            case "error" -> {
                int end = frame.dataOffset() + frame.dataLength();
                events.fail(ErrorReport.read(0, Arrays.copyOfRange(frame.data(), frame.dataOffset(), end)));
            }
            default -> {}
        }
        if (parts.overflowed()) {
            events.broken("an answer of more than " + PartIndex.PARTS_MAX + " parts");
        }
    }

    private void reportUsage(SseFrame frame) {
        if (usage.readAnswer(frame.data(), frame.dataOffset(), frame.dataLength())) {
            TokenUsage soFar = usage.usage();
            if (soFar != null) {
                events.accept(new ChatEvent.UsageReported(soFar));
            }
        }
    }

    private void startBlock(int block, JsonNode content) {
        switch (content.path("type").asText("")) {
            case "text" -> {
                partByBlock.put(block, parts.ofNew());
                text(block, content.path("text").asText(""));
            }
            case "thinking" -> {
                partByBlock.put(block, parts.ofNew());
                reasoning(block, content.path("thinking").asText(""));
                signature(block, content.path("signature").asText(""));
            }
            case "redacted_thinking" -> {
                int part = parts.ofNew();
                events.accept(new ChatEvent.ReasoningRedacted(
                        part, content.path("data").asText("")));
            }
            case "tool_use" -> {
                int part = parts.ofNew();
                partByBlock.put(block, part);
                events.accept(new ChatEvent.ToolCallStarted(
                        part,
                        content.path("id").asText(""),
                        content.path("name").asText("")));
                if (content.path("input").isObject() && !content.path("input").isEmpty()) {
                    inputAtStart.put(block, content.path("input").toString());
                }
            }
            default -> {}
        }
    }

    private void delta(int block, JsonNode delta) {
        switch (delta.path("type").asText("")) {
            case "text_delta" -> text(block, delta.path("text").asText(""));
            case "thinking_delta" -> reasoning(block, delta.path("thinking").asText(""));
            case "signature_delta" -> signature(block, delta.path("signature").asText(""));
            case "input_json_delta" -> {
                inputAtStart.remove(block);
                arguments(block, delta.path("partial_json").asText(""));
            }
            default -> {}
        }
    }

    private void stopBlock(int block) {
        String input = inputAtStart.remove(block);
        if (input != null) {
            arguments(block, input);
        }
    }

    private void text(int block, String text) {
        Integer part = partByBlock.get(block);
        if (part != null && !text.isEmpty()) {
            events.accept(new ChatEvent.TextDelta(part, text));
        }
    }

    private void reasoning(int block, String text) {
        Integer part = partByBlock.get(block);
        if (part != null && !text.isEmpty()) {
            events.accept(new ChatEvent.ReasoningDelta(part, text));
        }
    }

    private void signature(int block, String signature) {
        Integer part = partByBlock.get(block);
        if (part != null && !signature.isEmpty()) {
            events.accept(new ChatEvent.ReasoningSignature(part, signature));
        }
    }

    private void arguments(int block, String fragment) {
        Integer part = partByBlock.get(block);
        if (part != null && !fragment.isEmpty()) {
            events.accept(new ChatEvent.ToolCallArguments(part, fragment));
        }
    }
}
