package io.latticegate.proxy.relay;

import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.UsageScan;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/** A complete answer in the client's own protocol: forwarded unchanged, and read for its usage. */
final class VerbatimReply implements ReplyPath {
    /** Answers up to this size are read for usage; the usage of a larger one is estimated. */
    private static final int SCANNED_MAX = 8 * 1024 * 1024;

    private final Operation operation;
    private @Nullable Buffer seen;
    private boolean collected;
    private long bytes;
    private @Nullable UsageScan scan;

    VerbatimReply(Operation operation) {
        this.operation = operation;
    }

    @Override
    public @Nullable String contentType() {
        return null;
    }

    @Override
    public Buffer onBytes(Buffer next) {
        bytes += next.length();
        if (bytes > SCANNED_MAX) {
            seen = null;
        } else if (bytes == next.length()) {
            seen = next;
        } else {
            collect(next);
        }
        return next;
    }

    /** The first bytes are forwarded as they are, so that more go into a buffer of our own, which doubles as it grows. */
    private void collect(Buffer next) {
        Buffer before = seen;
        if (before != null && !collected) {
            before = Buffer.buffer((int) bytes * 2).appendBuffer(before);
            collected = true;
        }
        seen = before == null ? null : before.appendBuffer(next);
    }

    @Override
    public Ending onEnd() {
        if (seen != null) {
            scan = UsageScan.of(seen.getBytes());
        }
        return scan == null || scan.error() == null ? Ending.whole() : new Ending(Ending.NOTHING, scan.error());
    }

    @Override
    public @Nullable Buffer brokenOff(ProviderError error) {
        return null;
    }

    @Override
    public @Nullable TokenUsage usage() {
        if (!operation.usesTokens()) {
            return TokenUsage.NONE;
        }
        return scan == null ? null : scan.usage();
    }

    @Override
    public long outputTextBytes() {
        return operation.generatesText() ? bytes : 0;
    }
}
