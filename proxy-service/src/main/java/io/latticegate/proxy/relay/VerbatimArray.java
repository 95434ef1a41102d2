package io.latticegate.proxy.relay;

import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.JsonArrayStream;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.dialect.StreamScan;
import io.latticegate.proxy.edge.ErrorDialect;
import io.latticegate.proxy.edge.Surface;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * A Gemini stream in its other form, a JSON array of responses: forwarded as it comes, and watched for usage, failure and
 * its end.
 */
final class VerbatimArray implements ReplyPath {
    private final String requestId;
    private final JsonArrayStream array = new JsonArrayStream();
    private final StreamScan scan = StreamScan.watching();

    VerbatimArray(String requestId) {
        this.requestId = requestId;
    }

    @Override
    public @Nullable String contentType() {
        return null;
    }

    @Override
    public boolean streams(boolean eventStream) {
        return true;
    }

    @Override
    public Buffer onBytes(Buffer bytes) {
        array.feed(bytes.getBytes(), scan::response);
        return bytes;
    }

    @Override
    public Ending onEnd() {
        if (scan.failure() != null) {
            return new Ending(Ending.NOTHING, scan.failure());
        }
        if (!array.ended() || !scan.complete()) {
            return new Ending(
                    Ending.NOTHING,
                    ProviderError.of(
                            ProviderError.Kind.OUTAGE,
                            "provider_stream_cut",
                            "The provider's stream ended before it was complete"));
        }
        return Ending.whole();
    }

    /** The error as the array's last element, where one can stand. */
    @Override
    public @Nullable Buffer brokenOff(ProviderError error) {
        if (scan.failure() != null) {
            return Ending.NOTHING;
        }
        if (!array.takesElement()) {
            return null;
        }
        byte[] element = ErrorDialect.encode(
                Surface.GEMINI,
                new Refusal(error.surfaceStatus(), error.code(), error.message(), null),
                requestId,
                null);
        return Buffer.buffer(array.beforeElement()).appendBytes(element).appendString("]");
    }

    @Override
    public @Nullable TokenUsage usage() {
        return scan.usage();
    }

    @Override
    public long outputTextBytes() {
        return scan.outputTextBytes();
    }
}
