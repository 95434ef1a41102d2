package io.latticegate.proxy.dialect.gemini;

import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.FinishReason;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.AnswerTerms;
import io.latticegate.proxy.dialect.JsonBytes;
import io.latticegate.proxy.dialect.StreamEncoder;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes a stream of responses, as events or as the elements of a JSON array. A function call stands whole in one part, so
 * its arguments wait until they are complete, all waiting ones together up to {@value #WAITING_CHARS_MAX} characters. Text
 * and thoughts go out at once. The last response has the reason and the usage.
 */
final class GeminiStreamEncoder implements StreamEncoder {
    static final int WAITING_CHARS_MAX = 1024 * 1024;

    private static final byte[] NOTHING = {};

    private final AnswerTerms terms;
    private final boolean array;
    private final Map<Integer, Call> waiting = new LinkedHashMap<>();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private int waitingChars;
    private String id;
    private boolean begun;
    private boolean failed;
    private @Nullable FinishReason reason;
    private TokenUsage usage = TokenUsage.NONE;

    private record Call(String id, String name, StringBuilder arguments) {}

    /** @param array whether the stream is a JSON array, and no event stream */
    GeminiStreamEncoder(AnswerTerms terms, boolean array) {
        this.terms = terms;
        this.array = array;
        this.id = terms.id();
    }

    @Override
    public String contentType() {
        return array ? "application/json; charset=utf-8" : StreamEncoder.super.contentType();
    }

    @Override
    public byte[] encode(ChatEvent event) {
        if (failed) {
            return NOTHING;
        }
        switch (event) {
            case ChatEvent.Started(String startedId, String _) -> id = startedId.isEmpty() ? id : startedId;
            case ChatEvent.TextDelta more -> text(more.text(), false, null);
            case ChatEvent.ReasoningDelta more -> text(more.text(), true, null);
            case ChatEvent.ReasoningSignature proof -> text("", true, CarriedReasoning.signature(proof.signature()));
            case ChatEvent.ReasoningRedacted hidden -> text("", true, CarriedReasoning.redacted(hidden.data()));
            case ChatEvent.ToolCallStarted(int index, String callId, String name) -> {
                waiting.put(index, new Call(callId, name, new StringBuilder()));
                hold(callId.length() + name.length() + 1);
            }
            case ChatEvent.ToolCallArguments(int index, String fragment) -> {
                Call call = waiting.get(index);
                if (call != null) {
                    call.arguments.append(fragment);
                    hold(fragment.length());
                }
            }
            case ChatEvent.Finished ended -> reason = ended.reason();
            case ChatEvent.UsageReported(TokenUsage reported) -> usage = reported;
            case ChatEvent.Failed(ProviderError error) -> fail(error);
        }
        return taken();
    }

    @Override
    public byte[] finish() {
        if (failed) {
            return NOTHING;
        }
        response(
                json -> {
                    for (Call call : waiting.values()) {
                        GeminiReplyEncoder.writeCall(json, call.id, call.name, call.arguments.toString());
                    }
                    if (waiting.isEmpty()) {
                        GeminiReplyEncoder.writeText(json, "", false, null);
                    }
                },
                GeminiReplyEncoder.finishReason(reason),
                usage);
        if (array) {
            out.write(']');
        }
        return taken();
    }

    private void hold(int chars) {
        waitingChars += chars;
        if (waitingChars > WAITING_CHARS_MAX) {
            fail(ProviderError.of(
                    ProviderError.Kind.OUTAGE,
                    "provider_protocol_error",
                    "The provider sent more than " + WAITING_CHARS_MAX + " characters of tool arguments"));
        }
    }

    /** Calls before this text are complete, as far as their arguments are. */
    private void text(String text, boolean thought, @Nullable String signature) {
        for (Iterator<Call> each = waiting.values().iterator(); each.hasNext(); ) {
            Call call = each.next();
            String arguments = call.arguments.toString();
            if (GeminiReplyEncoder.objectOrNull(arguments) != null) {
                each.remove();
                response(json -> GeminiReplyEncoder.writeCall(json, call.id, call.name, arguments), null, null);
            }
        }
        response(json -> GeminiReplyEncoder.writeText(json, text, thought, signature), null, null);
    }

    private void response(JsonBytes.Content parts, @Nullable String finishReason, @Nullable TokenUsage total) {
        element(JsonBytes.document(
                json -> GeminiReplyEncoder.writeResponse(json, parts, finishReason, total, id, terms.model())));
    }

    private void fail(ProviderError error) {
        failed = true;
        waiting.clear();
        element(GeminiErrors.document(error, terms.id()));
        if (array) {
            out.write(']');
        }
    }

    private void element(byte[] json) {
        if (array) {
            out.writeBytes((begun ? ",\r\n" : "[").getBytes(StandardCharsets.US_ASCII));
            out.writeBytes(json);
        } else {
            out.writeBytes("data: ".getBytes(StandardCharsets.US_ASCII));
            out.writeBytes(json);
            out.writeBytes("\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        begun = true;
    }

    private byte[] taken() {
        byte[] bytes = out.toByteArray();
        out.reset();
        return bytes;
    }
}
