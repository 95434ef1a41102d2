package io.latticegate.proxy.dialect.cohere;

import io.latticegate.proxy.chat.Answer;
import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.ChatRequest;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.dialect.AnswerTerms;
import io.latticegate.proxy.dialect.ClientDialect;
import io.latticegate.proxy.dialect.DroppedFields;
import io.latticegate.proxy.dialect.ErrorReply;
import io.latticegate.proxy.dialect.ErrorReport;
import io.latticegate.proxy.dialect.ProviderDialect;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.dialect.RefusedField;
import io.latticegate.proxy.dialect.RequestReading;
import io.latticegate.proxy.dialect.RequestWriting;
import io.latticegate.proxy.dialect.StreamDecoder;
import io.latticegate.proxy.dialect.StreamEncoder;
import java.util.List;

/**
 * Cohere's Chat ({@code POST /v2/chat}), for clients and for providers, as the API reference (docs.cohere.com/reference/chat)
 * and the types of {@code cohere-ai} 8.1 describe it.
 *
 * <p><b>Refused when it has to be translated</b> ({@code unsupported_parameter}, 400, with the field's name): {@code
 * documents}, which the model would cite, {@code logprobs}, tools and tool calls that are not functions, content other than
 * text, pictures, thinking and, in tool results, documents.
 *
 * <p><b>Dropped and reported</b>: {@code citation_options}, {@code safety_mode}, {@code priority}, {@code citations} of
 * earlier turns, ids of documents in tool results, and every field that is not known. Citations of an answer have no form
 * elsewhere and are left out.
 *
 * <p>{@code tool_plan}, what the model says before it calls tools, is text of the assistant elsewhere; text of the
 * assistant beside tool calls goes to Cohere as {@code tool_plan}, and to clients of Cohere as {@code content}.
 *
 * <p><b>Extension</b>: a {@code thinking} item of an answer carries {@code signature} or {@code redacted} where the
 * provider gave them, so that clients that send the message back bring its reasoning back to where it came from; in a
 * stream the signature comes in a delta of its own.
 *
 * <p><b>As a provider's protocol</b>, dropped and reported are {@code parallel_tool_calls}, {@code user}, {@code metadata},
 * that a tool result is an error, {@code strict} where not all tools have it, reasoning that another provider signed;
 * {@code top_p} outside of 0.01 to 0.99, penalties outside of 0 to 1 and {@code top_k} above 500 are written as the nearest
 * value in that range and reported. One tool that must be called is carried by offering no other. Pictures of a tool result move
 * to a message of the user. An effort of reasoning becomes {@code thinking}, on or off.
 *
 * <p>What is charged ({@code billed_units}) is the usage where a reply has both it and {@code tokens}.
 */
public final class CohereChat implements ClientDialect, ProviderDialect {

    @Override
    public RequestReading read(byte[] body) {
        return RequestReading.of(body, (root, dropped) -> new CohereRequestReader(root, dropped).read());
    }

    @Override
    public String fieldOf(String chatField) {
        return switch (chatField) {
            case "top_p" -> "p";
            case "top_k" -> "k";
            case "stop" -> "stop_sequences";
            case "reasoning_effort" -> "thinking";
            case "messages[].reasoning", "messages[].reasoning_content" -> "messages[].content[].thinking";
            default -> chatField;
        };
    }

    @Override
    public StreamEncoder startStream(AnswerTerms terms) {
        return new CohereStreamEncoder(terms);
    }

    @Override
    public byte[] reply(Answer answer, AnswerTerms terms) {
        return CohereReplyEncoder.encode(answer, terms);
    }

    @Override
    public ErrorReply error(ProviderError error, String requestId) {
        return refusal(new Refusal(error.surfaceStatus(), error.code(), error.message(), null), requestId);
    }

    @Override
    public ErrorReply refusal(Refusal refusal, String requestId) {
        return new ErrorReply(refusal.status(), CohereErrors.document(refusal, requestId));
    }

    /** The event that ends a stream which broke off. */
    public static byte[] errorEvent(ProviderError error) {
        return CohereErrors.frame(error);
    }

    @Override
    public RequestWriting write(ChatRequest request) {
        try {
            var dropped = new DroppedFields();
            byte[] body = new CohereRequestWriter(request, dropped).write();
            return new RequestWriting.Written(body, dropped.names());
        } catch (RefusedField refused) {
            return new RequestWriting.Refused(refused.refusal());
        }
    }

    @Override
    public List<ChatEvent> decodeReply(byte[] body) {
        return CohereReplyDecoder.decode(body);
    }

    @Override
    public StreamDecoder startDecoding() {
        return new CohereStreamDecoder();
    }

    @Override
    public ProviderError decodeError(int status, byte[] body) {
        return ErrorReport.read(status, body);
    }
}
