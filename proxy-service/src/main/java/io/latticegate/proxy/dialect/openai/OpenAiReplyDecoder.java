package io.latticegate.proxy.dialect.openai;

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

/** Reads a complete {@code chat.completion}. */
final class OpenAiReplyDecoder {

    private OpenAiReplyDecoder() {}

    static List<ChatEvent> decode(byte[] body) {
        JsonNode reply = StrictJson.parseReply(body, 0, body.length);
        if (reply != null && reply.hasNonNull("error")) {
            return List.of(new ChatEvent.Failed(ErrorReport.read(0, body)));
        }
        JsonNode choice = reply == null ? null : reply.path("choices").path(0);
        if (reply == null || choice == null || !choice.path("message").isObject()) {
            return List.of(new ChatEvent.Failed(ProviderError.of(
                    ProviderError.Kind.OUTAGE, "provider_protocol_error", "The provider sent no chat completion")));
        }
        List<ChatEvent> events = new ArrayList<>();
        events.add(new ChatEvent.Started(
                reply.path("id").asText(""), reply.path("model").asText("")));
        boolean refused = message(choice.path("message"), events);
        boolean called = events.stream().anyMatch(ChatEvent.ToolCallStarted.class::isInstance);
        String reason = choice.path("finish_reason").asText(called ? "tool_calls" : "stop");
        events.add(new ChatEvent.Finished(finishReason(reason, refused)));
        var report = new UsageReport();
        report.readAnswer(body, 0, body.length);
        TokenUsage usage = report.usage();
        if (usage != null) {
            events.add(new ChatEvent.UsageReported(usage));
        }
        return events;
    }

    /** Adds the parts; true when the model refused. */
    private static boolean message(JsonNode message, List<ChatEvent> events) {
        int part = 0;
        String reasoning = message.path("reasoning_content")
                .asText(message.path("reasoning").asText(""));
        if (!reasoning.isEmpty()) {
            events.add(new ChatEvent.ReasoningDelta(part++, reasoning));
        }
        String refusal = message.path("refusal").asText("");
        String text = message.path("content").asText("") + refusal;
        if (!text.isEmpty()) {
            events.add(new ChatEvent.TextDelta(part++, text));
        }
        int position = 0;
        for (JsonNode call : message.path("tool_calls")) {
            JsonNode function = call.path("function");
            String id = call.path("id").asText("");
            events.add(new ChatEvent.ToolCallStarted(
                    part,
                    id.isEmpty() ? "call_" + position : id,
                    function.path("name").asText("")));
            events.add(new ChatEvent.ToolCallArguments(
                    part, function.path("arguments").asText("")));
            part++;
            position++;
        }
        return !refusal.isEmpty();
    }

    static FinishReason finishReason(String reason, boolean refused) {
        return switch (reason) {
            case "length" -> FinishReason.LENGTH;
            case "tool_calls", "function_call" -> FinishReason.TOOL_CALLS;
            case "content_filter" -> FinishReason.CONTENT_FILTER;
            default -> refused ? FinishReason.REFUSAL : FinishReason.STOP;
        };
    }
}
