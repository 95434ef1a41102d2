package io.latticegate.proxy.relay;

import io.latticegate.proxy.chat.TokenUsage;

/**
 * The stream of a response that its provider kept: it must be whole as any other, but what it shows of usage was counted
 * when it was generated.
 */
final class UnmeteredStream extends WrappedReply {
    UnmeteredStream(ReplyPath path) {
        super(path);
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
