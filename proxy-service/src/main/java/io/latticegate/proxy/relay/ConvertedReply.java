package io.latticegate.proxy.relay;

import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.UsageScan;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/** A complete answer that is no chat, rewritten as a whole in the client's protocol. */
final class ConvertedReply implements ReplyPath {
    /** Largest answer of a provider that is rewritten. */
    private static final int BYTES_MAX = 32 * 1024 * 1024;

    private final Conversion conversion;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private boolean tooLarge;
    private @Nullable UsageScan scan;

    /** Rewrites one document. */
    @FunctionalInterface
    interface Conversion {
        /** The client's document, or null when {@code reply} is none of the provider's protocol. */
        byte @Nullable [] convert(byte[] reply);
    }

    ConvertedReply(Conversion conversion) {
        this.conversion = conversion;
    }

    @Override
    public String contentType() {
        return "application/json";
    }

    @Override
    public boolean streams(boolean eventStream) {
        return false;
    }

    @Override
    public Buffer onBytes(Buffer bytes) {
        if (tooLarge || body.size() + bytes.length() > BYTES_MAX) {
            tooLarge = true;
            body.reset();
        } else {
            body.writeBytes(bytes.getBytes());
        }
        return Ending.NOTHING;
    }

    @Override
    public Ending onEnd() {
        if (tooLarge) {
            return failed("provider_reply_too_large", "The provider's answer is too large");
        }
        byte[] reply = body.toByteArray();
        scan = UsageScan.of(reply);
        if (scan.error() != null) {
            return new Ending(Ending.NOTHING, scan.error());
        }
        byte[] converted = conversion.convert(reply);
        return converted == null
                ? failed("provider_protocol_error", "The provider sent no answer of its protocol")
                : new Ending(Buffer.buffer(converted), null);
    }

    @Override
    public @Nullable Buffer brokenOff(ProviderError error) {
        return null;
    }

    @Override
    public @Nullable TokenUsage usage() {
        return scan == null ? null : scan.usage();
    }

    @Override
    public long outputTextBytes() {
        return 0;
    }

    private static Ending failed(String code, String message) {
        return new Ending(Ending.NOTHING, ProviderError.of(ProviderError.Kind.OUTAGE, code, message));
    }
}
