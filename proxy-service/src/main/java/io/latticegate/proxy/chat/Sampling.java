package io.latticegate.proxy.chat;

import org.jspecify.annotations.Nullable;

/** How the next token is drawn; null leaves a parameter to the provider. Ranges are the provider's to check. */
public record Sampling(
        @Nullable Double temperature,
        @Nullable Double topP,
        @Nullable Long topK,
        @Nullable Double frequencyPenalty,
        @Nullable Double presencePenalty,
        @Nullable Long seed) {

    /** Everything left to the provider. */
    public static final Sampling DEFAULTS = new Sampling(null, null, null, null, null, null);
}
