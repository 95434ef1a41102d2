package io.latticegate.proxy.dialect;

import io.latticegate.proxy.chat.Answer;
import io.latticegate.proxy.chat.ProviderError;

/** The side of a protocol that faces clients: reads their requests, writes answers and errors. Stateless. */
public interface ClientDialect {

    /** Reads a request. Never throws for any content. */
    RequestReading read(byte[] body);

    /**
     * What this protocol calls a field of the chat model, as writers name it in refusals and among what they dropped; the same
     * name where the protocol has no other.
     */
    default String fieldOf(String chatField) {
        return chatField;
    }

    /** Begins a streamed answer. */
    StreamEncoder startStream(AnswerTerms terms);

    /** A complete answer as JSON. The answer must not be a failed one ({@link Answer#failure()}). */
    byte[] reply(Answer answer, AnswerTerms terms);

    /** A provider's failure as an error answer, with {@link ProviderError#surfaceStatus()}. */
    ErrorReply error(ProviderError error, String requestId);

    /** Our own refusal as an error answer. */
    ErrorReply refusal(Refusal refusal, String requestId);
}
