package io.latticegate.proxy.relay;

import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.SseParser;
import io.latticegate.proxy.dialect.UsageReport;
import io.latticegate.proxy.dialect.UsageScan;
import io.latticegate.proxy.edge.Surface;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * An answer that is forwarded as it comes, with its usage read where there may be any. These streams have no end of their
 * own beyond HTTP's, which tells a cut one from a whole one.
 *
 * <p>An answer that is too large to be read is charged with what a generation without a limit would be, and one that
 * breaks off before its usage came with an estimate, both flagged: neither size nor hanging up is a way around a budget.
 */
final class PassthroughReply implements ReplyPath {
    /** Largest complete answer, and largest event, that is read; images come as base64 in JSON. */
    static final int SCANNED_MAX = 32 * 1024 * 1024;

    private static final long TEXT_BYTES_PER_TOKEN = 4;

    private final Surface surface;
    private final String requestId;
    private final boolean stream;
    private final boolean metered;
    private final UsageReport streamed = new UsageReport();
    private final SseParser events = new SseParser(SCANNED_MAX);
    private final ByteArrayOutputStream complete = new ByteArrayOutputStream(0);
    private @Nullable UsageScan scan;
    private long received;
    private boolean tooLarge;
    private boolean ended;

    /** @param stream whether the provider answers with an event stream */
    PassthroughReply(Passthrough.Metering metering, boolean stream, Surface surface, String requestId) {
        this.surface = surface;
        this.requestId = requestId;
        this.stream = stream;
        this.metered = switch (metering) {
            case TOKENS -> true;
            case STREAMED_TOKENS -> stream;
            case REQUEST, OWN_ACCOUNT -> false;
        };
    }

    @Override
    public @Nullable String contentType() {
        return null;
    }

    @Override
    public Buffer onBytes(Buffer bytes) {
        received += bytes.length();
        if (metered && !tooLarge) {
            byte[] raw = bytes.getBytes();
            if (stream) {
                tooLarge = !events.feed(
                        raw,
                        0,
                        raw.length,
                        frame -> streamed.readAnswer(frame.data(), frame.dataOffset(), frame.dataLength()));
            } else if (complete.size() + raw.length > SCANNED_MAX) {
                tooLarge = true;
                complete.reset();
            } else {
                complete.writeBytes(raw);
            }
        }
        return bytes;
    }

    @Override
    public Ending onEnd() {
        ended = true;
        if (metered && !stream && !tooLarge) {
            scan = UsageScan.of(complete.toByteArray());
        }
        return scan == null || scan.error() == null ? Ending.whole() : new Ending(Ending.NOTHING, scan.error());
    }

    @Override
    public @Nullable Buffer brokenOff(ProviderError error) {
        return stream ? VerbatimStream.errorEvent(surface, requestId, error) : null;
    }

    @Override
    public @Nullable TokenUsage usage() {
        TokenUsage reported = stream ? streamed.usage() : scan == null ? null : scan.usage();
        boolean noneTaken = !metered || ended && !tooLarge;
        return reported == null && noneTaken ? TokenUsage.NONE : reported;
    }

    @Override
    public long outputTextBytes() {
        boolean estimated = metered && (tooLarge || !ended);
        return estimated ? Math.min(received, TokenRelay.OUTPUT_TOKENS_ASSUMED * TEXT_BYTES_PER_TOKEN) : 0;
    }
}
