package io.latticegate.proxy.dialect.gemini;

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

/** Writes {@code GenerateContentResponse}s. */
final class GeminiReplyEncoder {
    /** The key under which arguments stand that a model wrote and that are no JSON object. */
    static final String UNPARSED_ARGUMENTS = "unparsed_arguments";

    private GeminiReplyEncoder() {}

    static byte[] encode(Answer answer, AnswerTerms terms) {
        String id = answer.id().isEmpty() ? terms.id() : answer.id();
        TokenUsage usage = answer.usage() == null ? TokenUsage.NONE : answer.usage();
        return JsonBytes.document(json -> writeResponse(
                json,
                parts -> {
                    for (ContentPart part : answer.content()) {
                        writePart(parts, part);
                    }
                    if (answer.content().isEmpty()) {
                        writeText(parts, "", false, null);
                    }
                },
                finishReason(answer.finish()),
                usage,
                id,
                terms.model()));
    }

    /**
     * One response.
     *
     * @param finishReason null while the answer goes on
     * @param usage null where it is not told
     */
    static void writeResponse(
            JsonGenerator json,
            JsonBytes.Content parts,
            @Nullable String finishReason,
            @Nullable TokenUsage usage,
            String id,
            String model)
            throws IOException {
        json.writeStartObject();
        json.writeArrayFieldStart("candidates");
        json.writeStartObject();
        json.writeObjectFieldStart("content");
        json.writeArrayFieldStart("parts");
        parts.write(json);
        json.writeEndArray();
        json.writeStringField("role", "model");
        json.writeEndObject();
        if (finishReason != null) {
            json.writeStringField("finishReason", finishReason);
        }
        json.writeNumberField("index", 0);
        json.writeEndObject();
        json.writeEndArray();
        if (usage != null) {
            writeUsage(json, usage);
        }
        json.writeStringField("modelVersion", model);
        json.writeStringField("responseId", id);
        json.writeEndObject();
    }

    private static void writePart(JsonGenerator json, ContentPart part) throws IOException {
        switch (part) {
            case ContentPart.Text(String text) -> writeText(json, text, false, null);
            case ContentPart.ToolUse call -> writeCall(json, call.id(), call.name(), call.argumentsJson());
            case ContentPart.Reasoning reasoning -> writeText(json, reasoning.text(), true, signature(reasoning));
            case ContentPart.Image _, ContentPart.Document _, ContentPart.Audio _, ContentPart.ToolResult _ -> {}
        }
    }

    private static @Nullable String signature(ContentPart.Reasoning reasoning) {
        if (reasoning.redactedData() != null) {
            return CarriedReasoning.redacted(reasoning.redactedData());
        }
        return reasoning.signature() == null ? null : CarriedReasoning.signature(reasoning.signature());
    }

    static void writeText(JsonGenerator json, String text, boolean thought, @Nullable String signature)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("text", text);
        if (thought) {
            json.writeBooleanField("thought", true);
        }
        if (signature != null) {
            json.writeStringField("thoughtSignature", signature);
        }
        json.writeEndObject();
    }

    static void writeCall(JsonGenerator json, String id, String name, String arguments) throws IOException {
        json.writeStartObject();
        json.writeObjectFieldStart("functionCall");
        json.writeStringField("id", id);
        json.writeStringField("name", name);
        json.writeFieldName("args");
        JsonNode args = objectOrNull(arguments);
        if (args != null) {
            json.writeTree(args);
        } else {
            json.writeStartObject();
            if (!arguments.isBlank()) {
                json.writeStringField(UNPARSED_ARGUMENTS, arguments);
            }
            json.writeEndObject();
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    /** Arguments as an object, or null when the text is not, or not yet, a whole JSON object. */
    static @Nullable JsonNode objectOrNull(String arguments) {
        byte[] bytes = arguments.getBytes(StandardCharsets.UTF_8);
        JsonNode args = StrictJson.parseReply(bytes, 0, bytes.length);
        return args != null && args.isObject() ? args : null;
    }

    /** The protocol has no reason for calls: an answer that calls functions ends with {@code STOP}. */
    static String finishReason(@Nullable FinishReason reason) {
        return switch (reason) {
            case null -> "STOP";
            case STOP, STOP_SEQUENCE, TOOL_CALLS -> "STOP";
            case LENGTH -> "MAX_TOKENS";
            case CONTENT_FILTER, REFUSAL -> "SAFETY";
            case PAUSE -> "OTHER";
        };
    }

    private static void writeUsage(JsonGenerator json, TokenUsage usage) throws IOException {
        json.writeObjectFieldStart("usageMetadata");
        json.writeNumberField("promptTokenCount", usage.input());
        json.writeNumberField("candidatesTokenCount", usage.output() - usage.reasoning());
        json.writeNumberField("totalTokenCount", usage.total());
        if (usage.cachedInput() > 0) {
            json.writeNumberField("cachedContentTokenCount", usage.cachedInput());
        }
        if (usage.reasoning() > 0) {
            json.writeNumberField("thoughtsTokenCount", usage.reasoning());
        }
        json.writeEndObject();
    }
}
