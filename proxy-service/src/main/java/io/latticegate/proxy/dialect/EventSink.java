package io.latticegate.proxy.dialect;

import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.ProviderError;
import java.util.function.Consumer;

/** Hands events on until one is a failure, and nothing after it. Decoders keep one per answer. */
public final class EventSink {
    private Consumer<ChatEvent> target = _ -> {};
    private boolean failed;

    /** Sets who receives, for the length of one call. */
    public void to(Consumer<ChatEvent> receiver) {
        target = receiver;
    }

    /** Whether a failure was handed on. */
    public boolean failed() {
        return failed;
    }

    public void accept(ChatEvent event) {
        if (!failed) {
            target.accept(event);
        }
    }

    public void fail(ProviderError error) {
        if (!failed) {
            failed = true;
            target.accept(new ChatEvent.Failed(error));
        }
    }

    /** The provider sent what its protocol does not know. */
    public void broken(String what) {
        fail(ProviderError.of(ProviderError.Kind.OUTAGE, "provider_protocol_error", "The provider sent " + what));
    }

    /** The provider's bytes ended before its answer did. */
    public void cut() {
        fail(ProviderError.of(
                ProviderError.Kind.OUTAGE, "provider_stream_cut", "The provider's stream ended before the answer did"));
    }
}
