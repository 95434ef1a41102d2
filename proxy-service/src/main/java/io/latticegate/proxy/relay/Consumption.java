package io.latticegate.proxy.relay;

import io.latticegate.proxy.chat.TokenUsage;
import org.jspecify.annotations.Nullable;

/**
 * What an attempt consumed.
 *
 * @param estimated whether the provider has not said it, or not all of it
 */
public record Consumption(TokenUsage usage, boolean estimated) {
    static final Consumption NONE = new Consumption(TokenUsage.NONE, false);

    /**
     * By the provider's report where there is one, raised to what was seen where the answer was cut short; else estimated at
     * four bytes for a token.
     *
     * @param charged whether the provider may have worked on the request
     */
    static Consumption of(
            Outcome outcome, @Nullable TokenUsage reported, long requestBytes, long outputTextBytes, boolean charged) {
        long outputEstimate = (outputTextBytes + 3) / 4;
        if (reported != null) {
            boolean cutShort = outcome != Outcome.SUCCESS && reported.output() < outputEstimate;
            return new Consumption(cutShort ? reported.withOutput(outputEstimate) : reported, cutShort);
        }
        return charged ? new Consumption(TokenUsage.of((requestBytes + 3) / 4, outputEstimate), true) : NONE;
    }

    /** Both together. */
    Consumption plus(Consumption other) {
        return new Consumption(usage.plus(other.usage), estimated || other.estimated);
    }
}
