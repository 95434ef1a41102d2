package io.latticegate.proxy.dialect.bedrock;

import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.EventSink;
import io.latticegate.proxy.dialect.PartIndex;
import io.latticegate.proxy.dialect.StreamDecoder;
import io.latticegate.proxy.dialect.StrictJson;
import io.latticegate.proxy.dialect.UsageReport;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Reads the events of a {@code ConverseStream}, whose proper end is {@code messageStop}; the {@code metadata} that follow it
 * have the usage. A block begins with its first delta, as only those of tools have a start.
 */
final class ConverseStreamDecoder implements StreamDecoder {
    private final EventStreamParser parser = new EventStreamParser();
    private final EventSink events = new EventSink();
    private final UsageReport usage = new UsageReport();
    private final PartIndex parts = new PartIndex();
    private final Map<Integer, Integer> partByBlock = new HashMap<>();
    private final Consumer<EventStreamMessage> messages = this::message;
    private boolean started;
    private boolean complete;

    @Override
    public void feed(byte[] chunk, int offset, int length, Consumer<ChatEvent> sink) {
        events.to(sink);
        parser.feed(chunk, offset, length, messages);
        String fault = parser.fault();
        if (fault != null) {
            events.broken(fault);
        }
    }

    @Override
    public void end(Consumer<ChatEvent> sink) {
        events.to(sink);
        if (!complete || !parser.betweenMessages()) {
            events.cut();
        }
    }

    @Override
    public boolean complete() {
        return complete && !events.failed();
    }

    private void message(EventStreamMessage message) {
        if (events.failed()) {
            return;
        }
        if (!message.header(EventStreamMessage.MESSAGE_TYPE).equals("event")) {
            events.fail(ConverseErrors.read(message));
            return;
        }
        byte[] payload = message.payload();
        JsonNode event = StrictJson.parseReply(payload, 0, payload.length);
        if (event == null || !event.isObject()) {
            events.broken("a stream event that is no JSON object");
            return;
        }
        start();
        int block = event.path("contentBlockIndex").asInt(0);
        switch (message.header(EventStreamMessage.EVENT_TYPE)) {
            case "contentBlockStart" -> startBlock(block, event.path("start"));
            case "contentBlockDelta" -> delta(block, event.path("delta"));
            case "contentBlockStop" -> partByBlock.remove(block);
            case "messageStop" -> stop(event.path("stopReason").asText(""));
            case "metadata" -> reportUsage(payload);
            default -> {}
        }
        if (parts.overflowed()) {
            events.broken("an answer of more than " + PartIndex.PARTS_MAX + " parts");
        }
    }

    private void start() {
        if (!started) {
            started = true;
            events.accept(new ChatEvent.Started("", ""));
        }
    }

    private void startBlock(int block, JsonNode start) {
        JsonNode call = start.path("toolUse");
        if (call.isObject() && !call.has("type")) {
            int part = parts.ofNew();
            partByBlock.put(block, part);
            events.accept(new ChatEvent.ToolCallStarted(
                    part, call.path("toolUseId").asText(""), call.path("name").asText("")));
        }
    }

    private void delta(int block, JsonNode delta) {
        JsonNode reasoning = delta.path("reasoningContent");
        if (delta.path("text").isTextual()) {
            events.accept(
                    new ChatEvent.TextDelta(partOf(block), delta.path("text").asText()));
        } else if (delta.path("toolUse").path("input").isTextual()) {
            Integer call = partByBlock.get(block);
            if (call != null) {
                events.accept(new ChatEvent.ToolCallArguments(
                        call, delta.path("toolUse").path("input").asText()));
            }
        } else if (reasoning.path("text").isTextual()) {
            events.accept(new ChatEvent.ReasoningDelta(
                    partOf(block), reasoning.path("text").asText()));
        } else if (reasoning.path("signature").isTextual()) {
            events.accept(new ChatEvent.ReasoningSignature(
                    partOf(block),
                    ConverseReasoning.fromProvider(reasoning.path("signature").asText())));
        } else if (reasoning.path("redactedContent").isTextual()) {
            events.accept(new ChatEvent.ReasoningRedacted(
                    parts.ofNew(),
                    ConverseReasoning.fromProvider(
                            reasoning.path("redactedContent").asText())));
        }
    }

    private int partOf(int block) {
        return partByBlock.computeIfAbsent(block, unknown -> parts.ofNew());
    }

    private void stop(String reason) {
        switch (ConverseStopReason.read(reason)) {
            case ChatEvent.Failed(var error) -> events.fail(error);
            case ChatEvent end -> {
                complete = true;
                events.accept(end);
            }
        }
    }

    private void reportUsage(byte[] payload) {
        if (usage.readAnswer(payload, 0, payload.length)) {
            TokenUsage reported = usage.usage();
            if (reported != null) {
                events.accept(new ChatEvent.UsageReported(reported));
            }
        }
    }
}
