package io.latticegate.proxy.chat;

import org.jspecify.annotations.Nullable;

/**
 * One step of an answer, the same for a stream and for a complete reply.
 *
 * <p>Order: {@link Started} first; then parts; {@link Finished} after the last part; {@link UsageReported} anywhere after
 * {@code Started} (a later report replaces an earlier one, counts are cumulative); {@link Failed} ends everything. The
 * {@code index} of a part counts content parts of any kind in the order in which they first appear, from 0. A provider
 * may interleave parts (parallel tool calls do), so an encoder for a protocol with strictly sequential blocks has to
 * order them itself.
 */
public sealed interface ChatEvent {

    /** The model began. {@code id} is the provider's id of the answer, {@code model} the one that it says it used. */
    record Started(String id, String model) implements ChatEvent {}

    /** More text of part {@code index}. */
    record TextDelta(int index, String text) implements ChatEvent {}

    /** More readable reasoning of part {@code index}. */
    record ReasoningDelta(int index, String text) implements ChatEvent {}

    /** The opaque proof that part {@code index} is the provider's own reasoning; replay it only to where it came from. */
    record ReasoningSignature(int index, String signature) implements ChatEvent {}

    /** Reasoning that the provider hands out only encrypted; part {@code index} consists of nothing else. */
    record ReasoningRedacted(int index, String data) implements ChatEvent {}

    /** Part {@code index} is a call of tool {@code name}; its arguments follow. */
    record ToolCallStarted(int index, String id, String name) implements ChatEvent {}

    /** More of the JSON text of the arguments of part {@code index}; a fragment need not be valid JSON by itself. */
    record ToolCallArguments(int index, String jsonFragment) implements ChatEvent {}

    /** The model is done. {@code stopSequence} is the caller's sequence that ended it, when the provider tells. */
    record Finished(FinishReason reason, @Nullable String stopSequence) implements ChatEvent {
        public Finished(FinishReason reason) {
            this(reason, null);
        }
    }

    /** What was consumed so far; cumulative. */
    record UsageReported(TokenUsage usage) implements ChatEvent {}

    /** The answer broke off. Nothing follows. */
    record Failed(ProviderError error) implements ChatEvent {}
}
