package io.latticegate.proxy.dialect.agentary;

import com.fasterxml.jackson.core.JsonGenerator;
import io.latticegate.proxy.chat.Answer;
import io.latticegate.proxy.chat.ContentPart;
import io.latticegate.proxy.chat.FinishReason;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.AnswerTerms;
import io.latticegate.proxy.dialect.ClientDialect;
import io.latticegate.proxy.dialect.ErrorReply;
import io.latticegate.proxy.dialect.JsonBytes;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.dialect.RequestReading;
import io.latticegate.proxy.dialect.StreamEncoder;
import java.io.IOException;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The protocol of agentary-js's cloud provider ({@code POST /api/<provider>}), as version 3.0.1 was seen to speak it.
 *
 * <p><b>Requests</b> come in two forms: {@code messages} with {@code max_new_tokens}, and a form close to OpenAI's
 * Responses API with {@code input} and {@code max_output_tokens}. Both are understood for every provider; the details are
 * {@link AgentaryRequestReader}'s. A request streams unless it says {@code "stream":false}.
 *
 * <p><b>A stream</b> is one {@code data: } line per token, {@code {"token","tokenId"}} with {@code tokenId} from 0;
 * {@code isFirst} and {@code ttfbMs} stand in the first event only, {@code isLast} in the last one only, which has no
 * text; then {@code data: [DONE]}. A tool call is in events of an empty token, piece by piece in {@code tool_calls}; a client
 * that knows only tokens passes over them. Reasoning is left out.
 *
 * <p><b>A complete answer</b> is {@code {"content","usage":{"promptTokens","completionTokens","totalTokens"},
 * "tool_calls","finish_reason"}}.
 */
public final class AgentaryTokens implements ClientDialect {
    private final LongSupplier elapsedMillis;

    /** @param elapsedMillis milliseconds since the request came in; read once, for {@code ttfbMs} */
    public AgentaryTokens(LongSupplier elapsedMillis) {
        this.elapsedMillis = elapsedMillis;
    }

    @Override
    public RequestReading read(byte[] body) {
        return RequestReading.of(body, (root, dropped) -> new AgentaryRequestReader(root, dropped).read());
    }

    @Override
    public StreamEncoder startStream(AnswerTerms terms) {
        return new AgentaryStreamEncoder(elapsedMillis);
    }

    @Override
    public byte[] reply(Answer answer, AnswerTerms terms) {
        List<ContentPart.ToolUse> calls = answer.content().stream()
                .filter(ContentPart.ToolUse.class::isInstance)
                .map(ContentPart.ToolUse.class::cast)
                .toList();
        return JsonBytes.document(json -> {
            json.writeStartObject();
            json.writeStringField("content", answer.text());
            TokenUsage usage = answer.usage();
            if (usage != null) {
                json.writeObjectFieldStart("usage");
                json.writeNumberField("promptTokens", usage.input());
                json.writeNumberField("completionTokens", usage.output());
                json.writeNumberField("totalTokens", usage.total());
                json.writeEndObject();
            }
            if (!calls.isEmpty()) {
                writeCalls(json, calls);
            }
            json.writeStringField("finish_reason", finishReason(answer.finish(), !calls.isEmpty()));
            json.writeEndObject();
        });
    }

    @Override
    public ErrorReply error(ProviderError error, String requestId) {
        return refusal(new Refusal(error.surfaceStatus(), error.code(), error.message(), null), requestId);
    }

    @Override
    public ErrorReply refusal(Refusal refusal, String requestId) {
        return new ErrorReply(refusal.status(), AgentaryErrors.document(refusal));
    }

    private static void writeCalls(JsonGenerator json, List<ContentPart.ToolUse> calls) throws IOException {
        json.writeArrayFieldStart("tool_calls");
        for (ContentPart.ToolUse call : calls) {
            json.writeStartObject();
            json.writeStringField("id", call.id());
            json.writeStringField("type", "function");
            json.writeObjectFieldStart("function");
            json.writeStringField("name", call.name());
            json.writeStringField("arguments", call.argumentsJson().isEmpty() ? "{}" : call.argumentsJson());
            json.writeEndObject();
            json.writeEndObject();
        }
        json.writeEndArray();
    }

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
}
