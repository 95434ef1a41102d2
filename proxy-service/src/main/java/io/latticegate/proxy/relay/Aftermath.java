package io.latticegate.proxy.relay;

import io.latticegate.proxy.chat.ProviderError;
import io.vertx.core.MultiMap;
import org.jspecify.annotations.Nullable;

/** Learns how an {@link UpstreamCall} goes, and decides what follows a failure. */
interface Aftermath {
    /** Nobody else is asked. */
    Aftermath NONE = new Aftermath() {
        @Override
        public void answered(MultiMap head) {}

        @Override
        public @Nullable Runnable failed(ProviderError error, int status, MultiMap head) {
            return null;
        }

        @Override
        public @Nullable Runnable brokeOff(ProviderError error, int status) {
            return null;
        }

        @Override
        public void ended(int status, Outcome outcome, @Nullable String reason) {}
    };

    /** A good answer begins to reach the client. */
    void answered(MultiMap head);

    /**
     * The call failed before the client saw a byte of it.
     *
     * @param status the provider's, 0 when it gave none
     * @param head of the provider's answer; empty when there was none
     * @return what is done instead of telling the client, which the call runs once it has let go of everything; null: the
     *     client is told
     */
    @Nullable
    Runnable failed(ProviderError error, int status, MultiMap head);

    /**
     * The answer broke off after the client saw a part of it.
     *
     * @param status the provider's
     * @return what goes on with the client's answer, which the call runs once it has let go of everything; null: the client is
     *     told
     */
    @Nullable
    Runnable brokeOff(ProviderError error, int status);

    /**
     * The call is over and nothing follows it; called at least once in that case, just before the exchange ends.
     *
     * @param status the provider's, 0 when it gave none
     */
    void ended(int status, Outcome outcome, @Nullable String reason);
}
