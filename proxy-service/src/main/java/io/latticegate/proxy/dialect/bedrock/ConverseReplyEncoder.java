package io.latticegate.proxy.dialect.bedrock;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.proxy.chat.Answer;
import io.latticegate.proxy.chat.ContentPart;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.JsonBytes;
import io.latticegate.proxy.dialect.StrictJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Writes complete answers as {@code ConverseResponse}. */
final class ConverseReplyEncoder {
    /** The key under which arguments stand that a model wrote and that are no JSON object. */
    static final String UNPARSED_ARGUMENTS = "unparsed_arguments";

    private ConverseReplyEncoder() {}

    /** @param latencyMillis how long the answer took */
    static byte[] encode(Answer answer, long latencyMillis) {
        return JsonBytes.document(json -> {
            json.writeStartObject();
            json.writeObjectFieldStart("output");
            json.writeObjectFieldStart("message");
            json.writeStringField("role", "assistant");
            json.writeArrayFieldStart("content");
            for (ContentPart part : answer.content()) {
                writeBlock(json, part);
            }
            json.writeEndArray();
            json.writeEndObject();
            json.writeEndObject();
            boolean called = answer.content().stream().anyMatch(ContentPart.ToolUse.class::isInstance);
            json.writeStringField("stopReason", ConverseStopReason.write(answer.finish(), called));
            writeMetering(json, answer.usage() == null ? TokenUsage.NONE : answer.usage(), latencyMillis);
            json.writeEndObject();
        });
    }

    private static void writeBlock(JsonGenerator json, ContentPart part) throws IOException {
        switch (part) {
            case ContentPart.Text(String text) -> {
                json.writeStartObject();
                json.writeStringField("text", text);
                json.writeEndObject();
            }
            case ContentPart.ToolUse call -> {
                json.writeStartObject();
                json.writeObjectFieldStart("toolUse");
                json.writeStringField("toolUseId", call.id());
                json.writeStringField("name", call.name());
                json.writeFieldName("input");
                writeInput(json, call.argumentsJson());
                json.writeEndObject();
                json.writeEndObject();
            }
            case ContentPart.Reasoning reasoning -> {
                json.writeStartObject();
                json.writeObjectFieldStart("reasoningContent");
                if (reasoning.redactedData() != null) {
                    json.writeStringField(
                            "redactedContent", ConverseReasoning.redactedToClient(reasoning.redactedData()));
                } else {
                    json.writeObjectFieldStart("reasoningText");
                    json.writeStringField("text", reasoning.text());
                    if (reasoning.signature() != null) {
                        json.writeStringField("signature", ConverseReasoning.signatureToClient(reasoning.signature()));
                    }
                    json.writeEndObject();
                }
                json.writeEndObject();
                json.writeEndObject();
            }
            case ContentPart.Image _, ContentPart.Document _, ContentPart.Audio _, ContentPart.ToolResult _ -> {}
        }
    }

    private static void writeInput(JsonGenerator json, String arguments) throws IOException {
        byte[] bytes = arguments.getBytes(StandardCharsets.UTF_8);
        JsonNode input = StrictJson.parseReply(bytes, 0, bytes.length);
        if (input != null && input.isObject()) {
            json.writeTree(input);
            return;
        }
        json.writeStartObject();
        if (!arguments.isBlank()) {
            json.writeStringField(UNPARSED_ARGUMENTS, arguments);
        }
        json.writeEndObject();
    }

    /** Writes {@code usage} and {@code metrics}. */
    static void writeMetering(JsonGenerator json, TokenUsage usage, long latencyMillis) throws IOException {
        json.writeObjectFieldStart("usage");
        json.writeNumberField("inputTokens", usage.uncachedInput());
        json.writeNumberField("outputTokens", usage.output());
        json.writeNumberField("totalTokens", usage.total());
        json.writeNumberField("cacheReadInputTokens", usage.cachedInput());
        json.writeNumberField("cacheWriteInputTokens", usage.cacheWrite());
        json.writeEndObject();
        json.writeObjectFieldStart("metrics");
        json.writeNumberField("latencyMs", latencyMillis);
        json.writeEndObject();
    }
}
