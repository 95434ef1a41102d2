package io.latticegate.proxy.dialect;

import io.latticegate.proxy.chat.ChatRequest;
import org.jspecify.annotations.Nullable;

/**
 * What an answer needs beside its events.
 *
 * @param id the id to use when the provider gave none; unique per request
 * @param model the model's name as the client asked for it; the answer repeats it, whatever the provider calls the model
 * @param createdEpochSecond when the answer began
 * @param includeUsage whether a stream ends with usage where the protocol leaves the choice to the client (OpenAI)
 * @param request what is answered, for protocols whose answers repeat settings (OpenAI Responses); null when unknown
 */
public record AnswerTerms(
        String id,
        String model,
        long createdEpochSecond,
        boolean includeUsage,
        @Nullable ChatRequest request) {

    /** For protocols whose answers repeat nothing of the request but the model. */
    public AnswerTerms(String id, String model, long createdEpochSecond, boolean includeUsage) {
        this(id, model, createdEpochSecond, includeUsage, null);
    }
}
