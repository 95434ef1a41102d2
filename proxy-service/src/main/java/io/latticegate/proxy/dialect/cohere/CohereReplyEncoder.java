package io.latticegate.proxy.dialect.cohere;

import com.fasterxml.jackson.core.JsonGenerator;
import io.latticegate.proxy.chat.Answer;
import io.latticegate.proxy.chat.ContentPart;
import io.latticegate.proxy.chat.FinishReason;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.AnswerTerms;
import io.latticegate.proxy.dialect.JsonBytes;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Writes complete answers as chat replies. */
final class CohereReplyEncoder {

    private CohereReplyEncoder() {}

    static byte[] encode(Answer answer, AnswerTerms terms) {
        boolean called = answer.content().stream().anyMatch(ContentPart.ToolUse.class::isInstance);
        return JsonBytes.document(json -> {
            json.writeStartObject();
            json.writeStringField("id", answer.id().isEmpty() ? terms.id() : answer.id());
            json.writeStringField("finish_reason", finishReason(answer.finish(), called));
            json.writeObjectFieldStart("message");
            json.writeStringField("role", "assistant");
            writeContent(json, answer);
            if (called) {
                json.writeArrayFieldStart("tool_calls");
                for (ContentPart part : answer.content()) {
                    if (part instanceof ContentPart.ToolUse call) {
                        writeCall(json, call);
                    }
                }
                json.writeEndArray();
            }
            json.writeEndObject();
            if (answer.usage() != null) {
                writeUsage(json, answer.usage());
            }
            json.writeEndObject();
        });
    }

    private static void writeContent(JsonGenerator json, Answer answer) throws IOException {
        boolean onlyCalls = !answer.content().isEmpty()
                && answer.content().stream().allMatch(ContentPart.ToolUse.class::isInstance);
        if (onlyCalls) {
            return;
        }
        json.writeArrayFieldStart("content");
        for (ContentPart part : answer.content()) {
            if (part instanceof ContentPart.Text(String text)) {
                json.writeStartObject();
                json.writeStringField("type", "text");
                json.writeStringField("text", text);
                json.writeEndObject();
            } else if (part instanceof ContentPart.Reasoning(String text, String signature, String redacted)) {
                json.writeStartObject();
                json.writeStringField("type", "thinking");
                json.writeStringField("thinking", text);
                writeProof(json, signature, redacted);
                json.writeEndObject();
            }
        }
        json.writeEndArray();
    }

    static void writeProof(JsonGenerator json, @Nullable String signature, @Nullable String redacted)
            throws IOException {
        if (signature != null) {
            json.writeStringField("signature", signature);
        }
        if (redacted != null) {
            json.writeStringField("redacted", redacted);
        }
    }

    static void writeCall(JsonGenerator json, ContentPart.ToolUse call) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", call.id());
        json.writeStringField("type", "function");
        json.writeObjectFieldStart("function");
        json.writeStringField("name", call.name());
        json.writeStringField("arguments", call.argumentsJson().isEmpty() ? "{}" : call.argumentsJson());
        json.writeEndObject();
        json.writeEndObject();
    }

    /** Content that a filter withheld makes an answer incomplete, for which this protocol has only {@code ERROR}. */
    static String finishReason(@Nullable FinishReason reason, boolean calledTools) {
        if (reason == null) {
            return calledTools ? "TOOL_CALL" : "COMPLETE";
        }
        return switch (reason) {
            case STOP, PAUSE, REFUSAL -> "COMPLETE";
            case STOP_SEQUENCE -> "STOP_SEQUENCE";
            case LENGTH -> "MAX_TOKENS";
            case TOOL_CALLS -> "TOOL_CALL";
            case CONTENT_FILTER -> "ERROR";
        };
    }

    static void writeUsage(JsonGenerator json, TokenUsage usage) throws IOException {
        json.writeObjectFieldStart("usage");
        for (String measure : new String[] {"billed_units", "tokens"}) {
            json.writeObjectFieldStart(measure);
            json.writeNumberField("input_tokens", usage.input());
            json.writeNumberField("output_tokens", usage.output());
            json.writeEndObject();
        }
        json.writeNumberField("cached_tokens", usage.cachedInput());
        json.writeEndObject();
    }
}
