package io.latticegate.proxy.dialect.gemini;

import io.latticegate.proxy.chat.Answer;
import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.ChatRequest;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.dialect.AnswerTerms;
import io.latticegate.proxy.dialect.ClientDialect;
import io.latticegate.proxy.dialect.DroppedFields;
import io.latticegate.proxy.dialect.ErrorReply;
import io.latticegate.proxy.dialect.ErrorReport;
import io.latticegate.proxy.dialect.EventSink;
import io.latticegate.proxy.dialect.ProviderDialect;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.dialect.RefusedField;
import io.latticegate.proxy.dialect.RequestReading;
import io.latticegate.proxy.dialect.RequestWriting;
import io.latticegate.proxy.dialect.StreamDecoder;
import io.latticegate.proxy.dialect.StreamEncoder;
import java.util.ArrayList;
import java.util.List;

/**
 * Gemini's {@code generateContent} and {@code streamGenerateContent}, for clients and for providers, as the API reference
 * (ai.google.dev/api/generate-content) and the types of {@code @google/genai} 2.32 describe it. Model and form of the
 * answer stand in the path, not in the body.
 *
 * <p><b>Refused when it has to be translated</b> ({@code unsupported_parameter}, 400, with the field's name): {@code
 * cachedContent}, tools other than {@code functionDeclarations}, {@code candidateCount} above 1, {@code responseLogprobs},
 * {@code logprobs}, {@code speechConfig}, {@code imageConfig}, {@code responseModalities} other than text, {@code
 * responseMimeType} other than {@code text/plain} and {@code application/json}, inline data and files that are no images,
 * files that Google holds, and parts of other kinds.
 *
 * <p><b>Dropped and reported</b>: {@code safetySettings}, {@code toolConfig.retrievalConfig}, the mode {@code VALIDATED}
 * (read as {@code AUTO}), {@code mediaResolution}, the response schemas of functions, what JSON Schema has no word for, and
 * every field that is not known.
 *
 * <p>Reasoning is shown as parts with {@code thought}, whether or not the client set {@code includeThoughts}, because some
 * providers must see it again; what they need back stands in {@code thoughtSignature}.
 *
 * <p><b>As a provider's protocol</b>: dropped and reported are {@code parallel_tool_calls}, {@code user}, {@code metadata}
 * labels, {@code strict}, a {@code seed} beyond 32 bits, image {@code detail}, reasoning that is not Gemini's own, and the
 * position of instructions inside the conversation, which move to the front. An effort becomes a budget of thoughts: 1,024
 * tokens up to low, 8,192 for medium, 24,576 above. Refused: tool results whose call is not in the conversation, and tool-call
 * arguments that are no JSON object.
 */
public final class GeminiContent implements ClientDialect, ProviderDialect {
    private final String model;
    private final Form form;

    /** How a client wants the answer. */
    public enum Form {
        /** {@code generateContent}: one response. */
        COMPLETE,
        /** {@code streamGenerateContent?alt=sse}: an event stream. */
        EVENTS,
        /** {@code streamGenerateContent}: a JSON array whose elements come one by one. */
        ARRAY
    }

    private GeminiContent(String model, Form form) {
        this.model = model;
        this.form = form;
    }

    /** For a client that named {@code model} and the form in its path. */
    public static ClientDialect forClient(String model, Form form) {
        return new GeminiContent(model, form);
    }

    /** For a provider; its path is built from the request's model. */
    public static ProviderDialect forProvider() {
        return new GeminiContent("", Form.EVENTS);
    }

    @Override
    public RequestReading read(byte[] body) {
        return RequestReading.of(
                body, (root, dropped) -> new GeminiRequestReader(root, dropped).read(model, form != Form.COMPLETE));
    }

    @Override
    public StreamEncoder startStream(AnswerTerms terms) {
        return new GeminiStreamEncoder(terms, form == Form.ARRAY);
    }

    @Override
    public byte[] reply(Answer answer, AnswerTerms terms) {
        return GeminiReplyEncoder.encode(answer, terms);
    }

    @Override
    public ErrorReply error(ProviderError error, String requestId) {
        return GeminiErrors.reply(error, requestId);
    }

    @Override
    public ErrorReply refusal(Refusal refusal, String requestId) {
        return GeminiErrors.reply(refusal, requestId);
    }

    @Override
    public RequestWriting write(ChatRequest request) {
        try {
            var dropped = new DroppedFields();
            byte[] body = new GeminiRequestWriter(request, dropped).write();
            return new RequestWriting.Written(body, dropped.names());
        } catch (RefusedField refused) {
            return new RequestWriting.Refused(refused.refusal());
        }
    }

    @Override
    public List<ChatEvent> decodeReply(byte[] body) {
        List<ChatEvent> events = new ArrayList<>();
        var sink = new EventSink();
        sink.to(events::add);
        var reader = new GeminiAnswerReader(sink);
        reader.read(body, 0, body.length);
        if (!reader.answered() && !reader.finished()) {
            sink.broken("no candidate");
        }
        boolean failedAtOnce = events.stream().anyMatch(ChatEvent.Failed.class::isInstance) && !reader.answered();
        return failedAtOnce ? List.of(events.getLast()) : events;
    }

    @Override
    public StreamDecoder startDecoding() {
        return new GeminiStreamDecoder();
    }

    @Override
    public ProviderError decodeError(int status, byte[] body) {
        return ErrorReport.read(status, body);
    }
}
