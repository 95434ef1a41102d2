package io.latticegate.proxy.relay;

import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/** Another reply path in everything that a subclass does not say itself. */
abstract class WrappedReply implements ReplyPath {
    private final ReplyPath path;

    WrappedReply(ReplyPath path) {
        this.path = path;
    }

    @Override
    public @Nullable String contentType() {
        return path.contentType();
    }

    @Override
    public boolean streams(boolean eventStream) {
        return path.streams(eventStream);
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
    public boolean withholdsFailed() {
        return path.withholdsFailed();
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
    public @Nullable TokenUsage usage() {
        return path.usage();
    }

    @Override
    public long outputTextBytes() {
        return path.outputTextBytes();
    }
}
