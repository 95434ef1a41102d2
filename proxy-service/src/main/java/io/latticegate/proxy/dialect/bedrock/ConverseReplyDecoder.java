package io.latticegate.proxy.dialect.bedrock;

import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.StrictJson;
import io.latticegate.proxy.dialect.UsageReport;
import java.util.ArrayList;
import java.util.List;

/** Reads a complete {@code ConverseResponse}. Blocks of kinds that no request of ours asks for are passed over. */
final class ConverseReplyDecoder {
    private ConverseReplyDecoder() {}

    static List<ChatEvent> decode(byte[] body) {
        JsonNode reply = StrictJson.parseReply(body, 0, body.length);
        JsonNode content =
                reply == null ? null : reply.path("output").path("message").path("content");
        if (reply == null || content == null || !content.isArray()) {
            return List.of(new ChatEvent.Failed(ProviderError.of(
                    ProviderError.Kind.OUTAGE, "provider_protocol_error", "The provider sent no message")));
        }
        List<ChatEvent> events = new ArrayList<>();
        events.add(new ChatEvent.Started("", ""));
        int part = 0;
        for (JsonNode block : content) {
            if (block(block, part, events)) {
                part++;
            }
        }
        ChatEvent end = ConverseStopReason.read(reply.path("stopReason").asText(""));
        if (end instanceof ChatEvent.Failed) {
            return List.of(end);
        }
        events.add(end);
        var report = new UsageReport();
        report.readAnswer(body, 0, body.length);
        TokenUsage usage = report.usage();
        if (usage != null) {
            events.add(new ChatEvent.UsageReported(usage));
        }
        return events;
    }

    private static boolean block(JsonNode block, int part, List<ChatEvent> events) {
        JsonNode call = block.path("toolUse");
        JsonNode reasoning = block.path("reasoningContent");
        if (block.path("text").isTextual()) {
            events.add(new ChatEvent.TextDelta(part, block.path("text").asText()));
        } else if (call.isObject() && !call.has("type")) {
            events.add(new ChatEvent.ToolCallStarted(
                    part, call.path("toolUseId").asText(""), call.path("name").asText("")));
            events.add(new ChatEvent.ToolCallArguments(
                    part, call.path("input").isObject() ? call.path("input").toString() : "{}"));
        } else if (reasoning.path("redactedContent").isTextual()) {
            events.add(new ChatEvent.ReasoningRedacted(
                    part,
                    ConverseReasoning.fromProvider(
                            reasoning.path("redactedContent").asText())));
        } else if (reasoning.path("reasoningText").isObject()) {
            JsonNode text = reasoning.path("reasoningText");
            events.add(new ChatEvent.ReasoningDelta(part, text.path("text").asText("")));
            String signature = text.path("signature").asText("");
            if (!signature.isEmpty()) {
                events.add(new ChatEvent.ReasoningSignature(part, ConverseReasoning.fromProvider(signature)));
            }
        } else {
            return false;
        }
        return true;
    }
}
