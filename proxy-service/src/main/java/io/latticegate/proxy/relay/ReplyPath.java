package io.latticegate.proxy.relay;

import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * Turns a provider's successful answer into the client's: bytes as they are, or another dialect. One instance per
 * attempt, on one event loop. An answer is either a stream, whose bytes are forwarded as they come, or complete, in which
 * case {@link #onBytes} may hold everything back until {@link #onEnd}.
 */
public interface ReplyPath {
    /** Content type of the client's answer; null keeps the provider's, together with its end-to-end headers. */
    @Nullable
    String contentType();

    /**
     * Whether the bytes go to the client as they come.
     *
     * @param eventStream whether the provider's answer is an event stream
     */
    default boolean streams(boolean eventStream) {
        return eventStream;
    }

    /** What to forward for the provider's next bytes; may be empty. */
    Buffer onBytes(Buffer bytes);

    /** Why the rest of the answer is not read, so that the call ends now, or null. */
    default @Nullable ProviderError abandoned() {
        return null;
    }

    /** What remains to be forwarded when the provider's bytes have ended, and whether they were a whole answer. */
    Ending onEnd();

    /**
     * What to write to an answer that broke off after its head was sent: the dialect's error event, or nothing where the
     * client has already seen the provider's own. Null: a failure cannot be shown in this form, so that only breaking the
     * connection keeps the answer from looking complete.
     */
    @Nullable
    Buffer brokenOff(ProviderError error);

    /**
     * Whether a complete answer that ended in a failure is replaced by an error of ours; otherwise the provider's own error,
     * which its body is, is shown.
     */
    default boolean withholdsFailed() {
        return contentType() != null;
    }

    /** The failure that the provider has reported within its answer so far, or null. */
    default @Nullable ProviderError failure() {
        return null;
    }

    /** What the provider reported so far, or null. */
    @Nullable
    TokenUsage usage();

    /** Bytes of generated text so far, for an estimate where no usage came. */
    long outputTextBytes();

    /**
     * The end of an answer.
     *
     * @param rest last bytes for the client
     * @param failure set when the answer was cut, is malformed, or carries the provider's own error
     */
    record Ending(Buffer rest, @Nullable ProviderError failure) {
        static final Buffer NOTHING = Buffer.buffer(new byte[0]);

        static Ending whole() {
            return new Ending(NOTHING, null);
        }
    }
}
