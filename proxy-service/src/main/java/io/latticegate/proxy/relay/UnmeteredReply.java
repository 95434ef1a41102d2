package io.latticegate.proxy.relay;

import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * An answer to a call that generates nothing: a list of models, a response that the provider kept. Usage and errors that a
 * kept response shows were counted and recorded when it was generated.
 */
final class UnmeteredReply implements ReplyPath {
    private final ReplyPath path;
    private final boolean stream;

    /** @param stream whether the answer is an event stream, which must end in order to be whole */
    UnmeteredReply(ReplyPath path, boolean stream) {
        this.path = path;
        this.stream = stream;
    }

    @Override
    public @Nullable String contentType() {
        return path.contentType();
    }

    @Override
    public Buffer onBytes(Buffer bytes) {
        return path.onBytes(bytes);
    }

    @Override
    public Ending onEnd() {
        Ending ending = path.onEnd();
        return stream ? ending : new Ending(ending.rest(), null);
    }

    @Override
    public @Nullable Buffer brokenOff(ProviderError error) {
        return path.brokenOff(error);
    }

    @Override
    public TokenUsage usage() {
        return TokenUsage.NONE;
    }

    @Override
    public long outputTextBytes() {
        return 0;
    }
}
