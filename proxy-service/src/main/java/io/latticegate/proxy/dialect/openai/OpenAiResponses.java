package io.latticegate.proxy.dialect.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import io.latticegate.proxy.chat.Answer;
import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.ChatRequest;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.dialect.AnswerTerms;
import io.latticegate.proxy.dialect.ClientDialect;
import io.latticegate.proxy.dialect.DroppedFields;
import io.latticegate.proxy.dialect.ErrorReply;
import io.latticegate.proxy.dialect.ErrorReport;
import io.latticegate.proxy.dialect.JsonBytes;
import io.latticegate.proxy.dialect.ProviderDialect;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.dialect.RefusedField;
import io.latticegate.proxy.dialect.RequestReading;
import io.latticegate.proxy.dialect.RequestWriting;
import io.latticegate.proxy.dialect.StreamDecoder;
import io.latticegate.proxy.dialect.StreamEncoder;
import java.io.IOException;
import java.util.List;

/**
 * OpenAI Responses ({@code /v1/responses}) for clients whose model is served by a provider of another protocol, as the API
 * reference and the types of {@code openai} 6.49 describe it, and for providers whose models are only to be had through it.
 *
 * <p><b>Refused</b> ({@code unsupported_parameter}, 400, with the field's name): what OpenAI would have to keep or look up
 * ({@code previous_response_id}, {@code conversation}, {@code prompt}, {@code store} or {@code background} when true, {@code
 * item_reference}, {@code file_id}), what only OpenAI runs (tools other than functions, {@code context_management}, {@code
 * moderation}), {@code top_logprobs}, every {@code include} but {@code reasoning.encrypted_content}, input items other than
 * messages, function calls, their outputs and reasoning, content other than text and pictures.
 *
 * <p><b>Dropped and reported</b>: {@code service_tier}, {@code prompt_cache_key}, {@code prompt_cache_retention}, {@code
 * max_tool_calls} (it counts calls of tools that OpenAI runs), {@code text.verbosity}, {@code truncation} of {@code auto},
 * {@code stream_options.include_obfuscation}, annotations, reasoning that another provider encrypted, and every field that
 * is not known.
 *
 * <p><b>Reasoning</b> that the provider shows becomes the summary of a {@code reasoning} item, whatever form of summary was
 * asked for. Asking for one lets the model reason as much as it finds right, unless a call is forced, before which no model
 * reasons; the wish is then dropped and reported. What the provider needs back with it stands in {@code encrypted_content} ({@link CarriedReasoning}); it is
 * always given, because nothing is kept here.
 *
 * <p>As a provider's protocol it cannot say: {@code top_k}, penalties, {@code seed}, that a tool result is an error, and
 * reasoning that it did not encrypt itself; those are dropped and reported. Stop sequences are refused. Nothing is stored
 * there ({@code store: false}), so the encrypted reasoning travels with the conversation ({@link ResponsesSignature}).
 *
 * <p>An answer repeats the request's settings; its {@code instructions} are all that led the conversation.
 */
public final class OpenAiResponses implements ClientDialect, ProviderDialect {

    @Override
    public RequestReading read(byte[] body) {
        return RequestReading.of(body, (root, dropped) -> new ResponsesRequestReader(root, dropped).read());
    }

    /** Positions among messages are not those among items, so a place in {@code input} stands without one. */
    @Override
    public String fieldOf(String chatField) {
        if (chatField.startsWith("messages[")) {
            return "input[]" + chatField.substring(chatField.indexOf(']') + 1);
        }
        return switch (chatField) {
            case "messages" -> "input";
            case "response_format" -> "text.format";
            case "user" -> "safety_identifier";
            default -> chatField;
        };
    }

    @Override
    public StreamEncoder startStream(AnswerTerms terms) {
        return new ResponsesStreamEncoder(terms);
    }

    @Override
    public byte[] reply(Answer answer, AnswerTerms terms) {
        return ResponsesReplyEncoder.encode(answer, terms);
    }

    @Override
    public ErrorReply error(ProviderError error, String requestId) {
        return OpenAiErrors.reply(error);
    }

    @Override
    public ErrorReply refusal(Refusal refusal, String requestId) {
        return OpenAiErrors.reply(refusal);
    }

    @Override
    public RequestWriting write(ChatRequest request) {
        var dropped = new DroppedFields();
        try {
            return new RequestWriting.Written(new ResponsesRequestWriter(request, dropped).write(), dropped.names());
        } catch (RefusedField refused) {
            return new RequestWriting.Refused(refused.refusal());
        }
    }

    @Override
    public List<ChatEvent> decodeReply(byte[] body) {
        return ResponsesReplyDecoder.decode(body);
    }

    @Override
    public StreamDecoder startDecoding() {
        return new ResponsesStreamDecoder();
    }

    @Override
    public ProviderError decodeError(int status, byte[] body) {
        return ErrorReport.read(status, body);
    }

    /**
     * The {@code error} event of a stream. Its fields stand where the reference has them and once more in an {@code error}
     * object, where the provider has them in practice: only for that one do the official SDKs raise an exception.
     *
     * @param sequenceNumber one more than that of the event before
     */
    public static byte[] errorEvent(ProviderError error, long sequenceNumber) {
        return JsonBytes.frame("error", json -> {
            json.writeStartObject();
            json.writeStringField("type", "error");
            json.writeNumberField("sequence_number", sequenceNumber);
            writeFields(json, error);
            json.writeObjectFieldStart("error");
            json.writeStringField("type", OpenAiErrors.type(error.surfaceStatus()));
            writeFields(json, error);
            json.writeEndObject();
            json.writeEndObject();
        });
    }

    private static void writeFields(JsonGenerator json, ProviderError error) throws IOException {
        json.writeStringField("code", error.code());
        json.writeStringField("message", error.message());
        json.writeNullField("param");
    }
}
