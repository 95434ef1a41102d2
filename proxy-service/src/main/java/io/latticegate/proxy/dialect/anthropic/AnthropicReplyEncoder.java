package io.latticegate.proxy.dialect.anthropic;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.proxy.chat.Answer;
import io.latticegate.proxy.chat.ContentPart;
import io.latticegate.proxy.chat.FinishReason;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.AnswerTerms;
import io.latticegate.proxy.dialect.JsonBytes;
import io.latticegate.proxy.dialect.StrictJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Writes complete answers as {@code message}. */
final class AnthropicReplyEncoder {

    private AnthropicReplyEncoder() {}

    static byte[] encode(Answer answer, AnswerTerms terms) {
        return JsonBytes.document(json -> {
            json.writeStartObject();
            writeHead(json, answer.id().isEmpty() ? terms.id() : answer.id(), terms.model());
            json.writeArrayFieldStart("content");
            for (ContentPart part : answer.content()) {
                writeBlock(json, part);
            }
            json.writeEndArray();
            boolean called = answer.content().stream().anyMatch(ContentPart.ToolUse.class::isInstance);
            json.writeStringField("stop_reason", stopReason(answer.finish(), called));
            json.writeStringField("stop_sequence", answer.stopSequence());
            writeUsage(json, answer.usage() == null ? TokenUsage.NONE : answer.usage());
            json.writeEndObject();
        });
    }

    static void writeHead(JsonGenerator json, String id, String model) throws IOException {
        json.writeStringField("id", id);
        json.writeStringField("type", "message");
        json.writeStringField("role", "assistant");
        json.writeStringField("model", model);
    }

    private static void writeBlock(JsonGenerator json, ContentPart part) throws IOException {
        switch (part) {
            case ContentPart.Text(String text) -> {
                json.writeStartObject();
                json.writeStringField("type", "text");
                json.writeStringField("text", text);
                json.writeNullField("citations");
                json.writeEndObject();
            }
            case ContentPart.ToolUse call -> {
                json.writeStartObject();
                json.writeStringField("type", "tool_use");
                json.writeStringField("id", call.id());
                json.writeStringField("name", call.name());
                json.writeFieldName("input");
                writeInput(json, call.argumentsJson());
                json.writeEndObject();
            }
            case ContentPart.Reasoning reasoning -> {
                json.writeStartObject();
                if (reasoning.redactedData() != null) {
                    json.writeStringField("type", "redacted_thinking");
                    json.writeStringField("data", reasoning.redactedData());
                } else {
                    json.writeStringField("type", "thinking");
                    json.writeStringField("thinking", reasoning.text());
                    json.writeStringField("signature", reasoning.signature() == null ? "" : reasoning.signature());
                }
                json.writeEndObject();
            }
            case ContentPart.Image _, ContentPart.Document _, ContentPart.Audio _, ContentPart.ToolResult _ -> {}
        }
    }

    /** Arguments that a model wrote and that are no JSON object stand as the text that they are under one key. */
    private static void writeInput(JsonGenerator json, String arguments) throws IOException {
        byte[] bytes = arguments.getBytes(StandardCharsets.UTF_8);
        JsonNode input = StrictJson.parseReply(bytes, 0, bytes.length);
        if (input != null && input.isObject()) {
            json.writeTree(input);
            return;
        }
        json.writeStartObject();
        if (!arguments.isBlank()) {
            json.writeStringField(AnthropicMessages.UNPARSED_ARGUMENTS, arguments);
        }
        json.writeEndObject();
    }

    static String stopReason(@Nullable FinishReason reason, boolean calledTools) {
        if (reason == null) {
            return calledTools ? "tool_use" : "end_turn";
        }
        return switch (reason) {
            case STOP -> "end_turn";
            case STOP_SEQUENCE -> "stop_sequence";
            case LENGTH -> "max_tokens";
            case TOOL_CALLS -> "tool_use";
            case CONTENT_FILTER, REFUSAL -> "refusal";
            case PAUSE -> "pause_turn";
        };
    }

    static void writeUsage(JsonGenerator json, TokenUsage usage) throws IOException {
        json.writeObjectFieldStart("usage");
        json.writeNumberField("input_tokens", usage.uncachedInput());
        json.writeNumberField("cache_creation_input_tokens", usage.cacheWrite());
        json.writeNumberField("cache_read_input_tokens", usage.cachedInput());
        json.writeNumberField("output_tokens", usage.output());
        if (usage.reasoning() > 0) {
            json.writeObjectFieldStart("output_tokens_details");
            json.writeNumberField("thinking_tokens", usage.reasoning());
            json.writeEndObject();
        }
        json.writeEndObject();
    }
}
