package io.latticegate.proxy.dialect.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.FinishReason;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.ErrorReport;
import io.latticegate.proxy.dialect.StrictJson;
import io.latticegate.proxy.dialect.UsageReport;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a complete {@code message}. Blocks of server tools are left out. */
final class AnthropicReplyDecoder {

    private AnthropicReplyDecoder() {}

    static List<ChatEvent> decode(byte[] body) {
        JsonNode reply = StrictJson.parseReply(body, 0, body.length);
        if (reply != null && reply.hasNonNull("error")) {
            return List.of(new ChatEvent.Failed(ErrorReport.read(0, body)));
        }
        if (reply == null || !reply.path("content").isArray()) {
            return List.of(new ChatEvent.Failed(ProviderError.of(
                    ProviderError.Kind.OUTAGE, "provider_protocol_error", "The provider sent no message")));
        }
        List<ChatEvent> events = new ArrayList<>();
        events.add(new ChatEvent.Started(
                reply.path("id").asText(""), reply.path("model").asText("")));
        int part = 0;
        for (JsonNode block : reply.path("content")) {
            if (block(block, part, events)) {
                part++;
            }
        }
        events.add(finished(reply));
        var report = new UsageReport();
        report.readAnswer(body, 0, body.length);
        TokenUsage usage = report.usage();
        if (usage != null) {
            events.add(new ChatEvent.UsageReported(usage));
        }
        return events;
    }

    private static boolean block(JsonNode block, int part, List<ChatEvent> events) {
        switch (block.path("type").asText("")) {
            case "text" ->
                events.add(new ChatEvent.TextDelta(part, block.path("text").asText("")));
            case "thinking" -> {
                events.add(new ChatEvent.ReasoningDelta(
                        part, block.path("thinking").asText("")));
                String signature = block.path("signature").asText("");
                if (!signature.isEmpty()) {
                    events.add(new ChatEvent.ReasoningSignature(part, signature));
                }
            }
            case "redacted_thinking" ->
                events.add(
                        new ChatEvent.ReasoningRedacted(part, block.path("data").asText("")));
            case "tool_use" -> {
                events.add(new ChatEvent.ToolCallStarted(
                        part, block.path("id").asText(""), block.path("name").asText("")));
                String input =
                        block.path("input").isObject() ? block.path("input").toString() : "{}";
                events.add(new ChatEvent.ToolCallArguments(part, input));
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    /** Reads {@code stop_reason} and {@code stop_sequence} of a message or of a message delta. */
    static ChatEvent.Finished finished(JsonNode message) {
        String sequence = message.path("stop_sequence").textValue();
        return new ChatEvent.Finished(finishReason(message.path("stop_reason").textValue()), sequence);
    }

    private static FinishReason finishReason(@Nullable String reason) {
        return switch (reason) {
            case "stop_sequence" -> FinishReason.STOP_SEQUENCE;
            case "max_tokens", "model_context_window_exceeded" -> FinishReason.LENGTH;
            case "tool_use" -> FinishReason.TOOL_CALLS;
            case "refusal" -> FinishReason.REFUSAL;
            case "pause_turn" -> FinishReason.PAUSE;
            case null, default -> FinishReason.STOP;
        };
    }
}
