package io.latticegate.proxy.dialect.cohere;

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

/** Reads a complete chat reply. */
final class CohereReplyDecoder {

    private CohereReplyDecoder() {}

    static List<ChatEvent> decode(byte[] body) {
        JsonNode reply = StrictJson.parseReply(body, 0, body.length);
        if (reply != null && reply.path("message").isTextual()) {
            return List.of(new ChatEvent.Failed(ErrorReport.read(0, body)));
        }
        if (reply == null || !reply.path("message").isObject()) {
            return List.of(new ChatEvent.Failed(ProviderError.of(
                    ProviderError.Kind.OUTAGE, "provider_protocol_error", "The provider sent no chat reply")));
        }
        String reason = reply.path("finish_reason").asText("");
        ProviderError failure = failure(reason, reply.path("error").textValue());
        if (failure != null) {
            return List.of(new ChatEvent.Failed(failure));
        }
        List<ChatEvent> events = new ArrayList<>();
        events.add(new ChatEvent.Started(reply.path("id").asText(""), ""));
        message(reply.path("message"), events);
        events.add(new ChatEvent.Finished(finishReason(reason)));
        var report = new UsageReport();
        report.readAnswer(body, 0, body.length);
        TokenUsage usage = report.usage();
        if (usage != null) {
            events.add(new ChatEvent.UsageReported(usage));
        }
        return events;
    }

    private static void message(JsonNode message, List<ChatEvent> events) {
        int part = 0;
        for (JsonNode item : message.path("content")) {
            switch (item.path("type").asText("")) {
                case "text" ->
                    events.add(new ChatEvent.TextDelta(part++, item.path("text").asText("")));
                case "thinking" ->
                    events.add(new ChatEvent.ReasoningDelta(
                            part++, item.path("thinking").asText("")));
                default -> {}
            }
        }
        String plan = message.path("tool_plan").asText("");
        if (!plan.isEmpty()) {
            events.add(new ChatEvent.TextDelta(part++, plan));
        }
        for (JsonNode call : message.path("tool_calls")) {
            events.add(new ChatEvent.ToolCallStarted(
                    part,
                    call.path("id").asText(""),
                    call.path("function").path("name").asText("")));
            events.add(new ChatEvent.ToolCallArguments(
                    part++, call.path("function").path("arguments").asText("")));
        }
    }

    /** What a reason to finish means that is none: the generation failed or ran out of time. */
    static @Nullable ProviderError failure(String reason, @Nullable String said) {
        return switch (reason) {
            case "ERROR" -> ProviderError.ofStatus(0, "", said == null ? "The provider's model failed" : said);
            case "TIMEOUT" ->
                ProviderError.of(
                        ProviderError.Kind.TIMEOUT,
                        "provider_timeout",
                        said == null ? "The provider's model took too long" : said);
            default -> said == null ? null : ProviderError.ofStatus(0, "", said);
        };
    }

    static FinishReason finishReason(String reason) {
        return switch (reason) {
            case "STOP_SEQUENCE" -> FinishReason.STOP_SEQUENCE;
            case "MAX_TOKENS" -> FinishReason.LENGTH;
            case "TOOL_CALL" -> FinishReason.TOOL_CALLS;
            default -> FinishReason.STOP;
        };
    }
}
