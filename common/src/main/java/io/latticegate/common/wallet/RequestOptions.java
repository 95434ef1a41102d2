package io.latticegate.common.wallet;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The unsigned options of an {@code LLMRequest}, which anyone between the signer and the relay could have changed; hence
 * only these, and only within these ranges. Null means that the client did not say.
 *
 * @param temperature 0 to 2
 * @param topP 0 to 1
 * @param maxTokens 1 to the reader's cap
 * @param stop up to 4 texts of 1 to 256 characters; empty when the client did not say
 * @param presencePenalty −2 to 2
 * @param frequencyPenalty −2 to 2
 * @param seed any 64-bit integer
 */
public record RequestOptions(
        @Nullable Double temperature,
        @Nullable Double topP,
        @Nullable Integer maxTokens,
        List<String> stop,
        @Nullable Double presencePenalty,
        @Nullable Double frequencyPenalty,
        @Nullable Long seed) {

    /** No option given. */
    public static final RequestOptions NONE = new RequestOptions(null, null, null, List.of(), null, null, null);

    public RequestOptions {
        stop = List.copyOf(stop);
    }
}
