package io.latticegate.proxy.chat;

import org.jspecify.annotations.Nullable;

/**
 * How much the model should think before it answers. Providers express it as an effort or as a budget; a request carries
 * what its dialect said, and a writer converts with {@link #effortOrDerived()}.
 *
 * @param effort null when the dialect gave only a budget or only a mode
 * @param budgetTokens the most tokens for reasoning, null when not given
 * @param mode null when the dialect gave only an effort
 */
public record ReasoningRequest(
        @Nullable Effort effort,
        @Nullable Long budgetTokens,
        @Nullable Mode mode) {

    /** Ascending; {@link #NONE} asks for no reasoning at all. */
    public enum Effort {
        NONE,
        MINIMAL,
        LOW,
        MEDIUM,
        HIGH,
        XHIGH,
        MAX
    }

    /** Whether and when the model thinks. */
    public enum Mode {
        DISABLED,
        /** Thinks within {@link #budgetTokens}. */
        ENABLED,
        /** The model decides. */
        ADAPTIVE
    }

    /**
     * The effort for a protocol that knows no budget: the given one, else {@link Effort#NONE} when disabled, else by
     * budget (up to 2,048 tokens low, up to 8,192 medium, above high), else null.
     */
    public @Nullable Effort effortOrDerived() {
        if (mode == Mode.DISABLED) {
            return Effort.NONE;
        }
        if (effort != null || budgetTokens == null) {
            return effort;
        }
        if (budgetTokens <= 2_048) {
            return Effort.LOW;
        }
        return budgetTokens <= 8_192 ? Effort.MEDIUM : Effort.HIGH;
    }
}
