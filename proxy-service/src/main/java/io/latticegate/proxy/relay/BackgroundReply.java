package io.latticegate.proxy.relay;

import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a request that the provider goes on with when the connection is gone (OpenAI's {@code background}). Where
 * the answer does not show its usage, its end is not seen here; it then counts with its whole output limit, as an estimate,
 * so that no budget is passed over.
 */
final class BackgroundReply implements ReplyPath {
    /** What an estimate of tokens divides bytes of text by. */
    private static final long BYTES_PER_TOKEN = 4;

    private final ReplyPath path;
    private final long outputTokensMax;

    /** @param outputTokensMax the most tokens that the provider may generate */
    BackgroundReply(ReplyPath path, long outputTokensMax) {
        this.path = path;
        this.outputTokensMax = outputTokensMax;
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
    public @Nullable TokenUsage usage() {
        return path.usage();
    }

    @Override
    public long outputTextBytes() {
        return path.usage() == null ? outputTokensMax * BYTES_PER_TOKEN : path.outputTextBytes();
    }
}
