package io.latticegate.proxy.relay;

import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.bedrock.ConverseErrors;
import io.latticegate.proxy.dialect.bedrock.ConverseStreamScan;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/** A stream of Bedrock's in the client's own protocol: forwarded as it comes, and watched for usage, failure and its end. */
final class VerbatimConverse implements ReplyPath {
    private final ConverseStreamScan scan = new ConverseStreamScan();

    @Override
    public @Nullable String contentType() {
        return null;
    }

    @Override
    public Buffer onBytes(Buffer bytes) {
        scan.feed(bytes.getBytes());
        return bytes;
    }

    /** What is no event stream; the provider's own exception is passed on. */
    @Override
    public @Nullable ProviderError abandoned() {
        return scan.malformed() ? scan.failure() : null;
    }

    @Override
    public Ending onEnd() {
        if (scan.failure() != null) {
            return new Ending(Ending.NOTHING, scan.failure());
        }
        if (!scan.complete()) {
            return new Ending(
                    Ending.NOTHING,
                    ProviderError.of(
                            ProviderError.Kind.OUTAGE,
                            "provider_stream_cut",
                            "The provider's stream ended before it was complete"));
        }
        return Ending.whole();
    }

    /** The failure as the stream's last message, where one can stand. */
    @Override
    public @Nullable Buffer brokenOff(ProviderError error) {
        if (scan.failure() != null && !scan.malformed()) {
            return Ending.NOTHING;
        }
        return scan.betweenMessages() ? Buffer.buffer(ConverseErrors.message(error)) : null;
    }

    @Override
    public @Nullable ProviderError failure() {
        return scan.failure();
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
