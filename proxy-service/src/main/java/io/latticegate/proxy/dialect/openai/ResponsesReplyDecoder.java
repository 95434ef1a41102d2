package io.latticegate.proxy.dialect.openai;

import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.FinishReason;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.StrictJson;
import io.latticegate.proxy.dialect.UsageReport;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a complete {@code response}. */
final class ResponsesReplyDecoder {
    private final List<ChatEvent> events = new ArrayList<>();
    private int part;
    private boolean called;
    private boolean refused;

    private ResponsesReplyDecoder() {}

    static List<ChatEvent> decode(byte[] body) {
        JsonNode reply = StrictJson.parseReply(body, 0, body.length);
        if (reply == null || !reply.path("output").isArray()) {
            return List.of(new ChatEvent.Failed(
                    reply != null && reply.hasNonNull("error")
                            ? failure(reply)
                            : broken("The provider sent no response object")));
        }
        return new ResponsesReplyDecoder().read(reply, body);
    }

    private List<ChatEvent> read(JsonNode reply, byte[] body) {
        ProviderError failure = failureOf(reply);
        if (failure != null) {
            return List.of(new ChatEvent.Failed(failure));
        }
        events.add(new ChatEvent.Started(
                reply.path("id").asText(""), reply.path("model").asText("")));
        reply.path("output").forEach(this::item);
        events.add(new ChatEvent.Finished(finishReason(reply, called, refused)));
        var report = new UsageReport();
        report.readAnswer(body, 0, body.length);
        TokenUsage usage = report.usage();
        if (usage != null) {
            events.add(new ChatEvent.UsageReported(usage));
        }
        return events;
    }

    private void item(JsonNode item) {
        switch (item.path("type").asText("")) {
            case "message" -> {
                for (JsonNode content : item.path("content")) {
                    String refusal = content.path("refusal").asText("");
                    refused |= !refusal.isEmpty();
                    String text = content.path("text").asText("") + refusal;
                    if (!text.isEmpty()) {
                        events.add(new ChatEvent.TextDelta(part++, text));
                    }
                }
            }
            case "function_call" -> {
                called = true;
                events.add(new ChatEvent.ToolCallStarted(
                        part,
                        item.path("call_id").asText("call_" + part),
                        item.path("name").asText("")));
                events.add(new ChatEvent.ToolCallArguments(
                        part++, item.path("arguments").asText("")));
            }
            case "reasoning" -> reasoning(item);
            default -> {
                // Items of tools that this provider runs; none were asked for, so nobody waits for them.
            }
        }
    }

    private void reasoning(JsonNode item) {
        List<String> said = new ArrayList<>();
        for (String list : List.of("summary", "content")) {
            item.path(list).forEach(text -> said.add(text.path("text").asText("")));
        }
        String encrypted = item.path("encrypted_content").asText("");
        String text = String.join("\n\n", said);
        if (text.isEmpty() && encrypted.isEmpty()) {
            return;
        }
        if (!text.isEmpty()) {
            events.add(new ChatEvent.ReasoningDelta(part, text));
        }
        if (!encrypted.isEmpty()) {
            events.add(new ChatEvent.ReasoningSignature(
                    part, new ResponsesSignature(item.path("id").asText(""), encrypted).marked()));
        }
        part++;
    }

    /** Why a response is none; null where it ended in a way that is an answer. */
    static @Nullable ProviderError failureOf(JsonNode response) {
        return switch (response.path("status").asText("completed")) {
            case "completed", "incomplete" -> null;
            case "failed" -> failure(response);
            default -> broken("The provider sent a response that has not ended");
        };
    }

    private static ProviderError failure(JsonNode response) {
        JsonNode error = response.path("error");
        return ProviderError.ofStatus(
                0,
                error.path("code").asText(error.path("type").asText("")),
                error.path("message").asText(""));
    }

    private static ProviderError broken(String message) {
        return ProviderError.of(ProviderError.Kind.OUTAGE, "provider_protocol_error", message);
    }

    static FinishReason finishReason(JsonNode response, boolean called, boolean refused) {
        if (response.path("status").asText("").equals("incomplete")) {
            return response.path("incomplete_details").path("reason").asText("").equals("content_filter")
                    ? FinishReason.CONTENT_FILTER
                    : FinishReason.LENGTH;
        }
        if (called) {
            return FinishReason.TOOL_CALLS;
        }
        return refused ? FinishReason.REFUSAL : FinishReason.STOP;
    }
}
