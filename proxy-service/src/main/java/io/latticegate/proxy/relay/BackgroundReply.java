package io.latticegate.proxy.relay;

/**
 * The answer to a request that the provider goes on with when the connection is gone (OpenAI's {@code background}). Where
 * the answer does not show its usage, its end is not seen here; it then counts with its whole output limit, as an estimate,
 * so that no budget is passed over.
 */
final class BackgroundReply extends WrappedReply {
    /** What an estimate of tokens divides bytes of text by. */
    private static final long BYTES_PER_TOKEN = 4;

    private final long outputTokensMax;

    /** @param outputTokensMax the most tokens that the provider may generate */
    BackgroundReply(ReplyPath path, long outputTokensMax) {
        super(path);
        this.outputTokensMax = outputTokensMax;
    }

    @Override
    public long outputTextBytes() {
        return usage() == null ? outputTokensMax * BYTES_PER_TOKEN : super.outputTextBytes();
    }
}
