package io.latticegate.proxy.relay;

import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * The stream of a response that its provider kept: it must be whole as any other, but what it shows of usage was counted
 * when it was generated.
 */
record UnmeteredStream(ReplyPath path) implements ReplyPath {
    @Override
    public @Nullable String contentType() {
        return path.contentType();
    }

    @Override
    public Buffer onBytes(Buffer bytes) {
        return path.onBytes(bytes);
    }

    @Override
    public @Nullable ProviderError abandoned() {
        return path.abandoned();
    }

    @Override
    public @Nullable ProviderError failure() {
        return path.failure();
    }

    @Override
    public Ending onEnd() {
        return path.onEnd();
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
