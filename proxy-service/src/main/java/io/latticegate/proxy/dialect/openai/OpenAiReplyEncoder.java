package io.latticegate.proxy.dialect.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import io.latticegate.proxy.chat.Answer;
import io.latticegate.proxy.chat.ContentPart;
import io.latticegate.proxy.chat.FinishReason;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.AnswerTerms;
import io.latticegate.proxy.dialect.JsonBytes;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes complete answers as {@code chat.completion}. */
final class OpenAiReplyEncoder {

    private OpenAiReplyEncoder() {}

    static byte[] encode(Answer answer, AnswerTerms terms) {
        return JsonBytes.document(json -> {
            json.writeStartObject();
            writeHead(json, answer.id().isEmpty() ? terms.id() : answer.id(), "chat.completion", terms);
            json.writeArrayFieldStart("choices");
            json.writeStartObject();
            json.writeNumberField("index", 0);
            writeMessage(json, answer.content());
            json.writeNullField("logprobs");
            json.writeStringField("finish_reason", finishReason(answer));
            json.writeEndObject();
            json.writeEndArray();
            if (answer.usage() != null) {
                writeUsage(json, answer.usage());
            }
            json.writeEndObject();
        });
    }

    static void writeHead(JsonGenerator json, String id, String object, AnswerTerms terms) throws IOException {
        json.writeStringField("id", id);
        json.writeStringField("object", object);
        json.writeNumberField("created", terms.createdEpochSecond());
        json.writeStringField("model", terms.model());
    }

    private static void writeMessage(JsonGenerator json, List<ContentPart> parts) throws IOException {
        var text = new StringBuilder();
        var reasoning = new StringBuilder();
        List<ContentPart.Reasoning> thinking = parts.stream()
                .filter(ContentPart.Reasoning.class::isInstance)
                .map(ContentPart.Reasoning.class::cast)
                .toList();
        List<ContentPart.ToolUse> calls = parts.stream()
                .filter(ContentPart.ToolUse.class::isInstance)
                .map(ContentPart.ToolUse.class::cast)
                .toList();
        boolean spoke = false;
        for (ContentPart part : parts) {
            if (part instanceof ContentPart.Text(String piece)) {
                text.append(piece);
                spoke = true;
            }
        }
        thinking.forEach(part -> reasoning.append(part.text()));
        json.writeObjectFieldStart("message");
        json.writeStringField("role", "assistant");
        if (spoke || calls.isEmpty()) {
            json.writeStringField("content", text.toString());
        } else {
            json.writeNullField("content");
        }
        json.writeNullField("refusal");
        if (!reasoning.isEmpty()) {
            json.writeStringField("reasoning_content", reasoning.toString());
        }
        if (thinking.stream().anyMatch(part -> part.signature() != null || part.redactedData() != null)) {
            json.writeArrayFieldStart("thinking_blocks");
            for (ContentPart.Reasoning part : thinking) {
                writeThinkingBlock(json, part);
            }
            json.writeEndArray();
        }
        if (!calls.isEmpty()) {
            json.writeArrayFieldStart("tool_calls");
            for (ContentPart.ToolUse call : calls) {
                writeCall(json, call);
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    static void writeThinkingBlock(JsonGenerator json, ContentPart.Reasoning part) throws IOException {
        json.writeStartObject();
        if (part.redactedData() != null) {
            json.writeStringField("type", "redacted_thinking");
            json.writeStringField("data", part.redactedData());
        } else {
            json.writeStringField("type", "thinking");
            json.writeStringField("thinking", part.text());
            if (part.signature() != null) {
                json.writeStringField("signature", part.signature());
            }
        }
        json.writeEndObject();
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

    static String finishReason(Answer answer) {
        return finishReason(answer.finish(), answer.content().stream().anyMatch(ContentPart.ToolUse.class::isInstance));
    }

    /** A complete answer without a reason ended by itself; {@code calledTools} tells what it waits for. */
    static String finishReason(@Nullable FinishReason reason, boolean calledTools) {
        if (reason == null) {
            return calledTools ? "tool_calls" : "stop";
        }
        return switch (reason) {
            case STOP, STOP_SEQUENCE, PAUSE -> "stop";
            case LENGTH -> "length";
            case TOOL_CALLS -> "tool_calls";
            case CONTENT_FILTER, REFUSAL -> "content_filter";
        };
    }

    static void writeUsage(JsonGenerator json, TokenUsage usage) throws IOException {
        json.writeObjectFieldStart("usage");
        json.writeNumberField("prompt_tokens", usage.input());
        json.writeNumberField("completion_tokens", usage.output());
        json.writeNumberField("total_tokens", usage.total());
        json.writeObjectFieldStart("prompt_tokens_details");
        json.writeNumberField("cached_tokens", usage.cachedInput());
        if (usage.cacheWrite() > 0) {
            json.writeNumberField("cache_write_tokens", usage.cacheWrite());
        }
        json.writeNumberField("audio_tokens", usage.audioInput());
        json.writeEndObject();
        json.writeObjectFieldStart("completion_tokens_details");
        json.writeNumberField("reasoning_tokens", usage.reasoning());
        json.writeNumberField("audio_tokens", usage.audioOutput());
        json.writeEndObject();
        json.writeEndObject();
    }
}
