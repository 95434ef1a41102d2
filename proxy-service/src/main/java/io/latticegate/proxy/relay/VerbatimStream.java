package io.latticegate.proxy.relay;

import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.dialect.StreamScan;
import io.latticegate.proxy.dialect.cohere.CohereChat;
import io.latticegate.proxy.dialect.openai.OpenAiResponses;
import io.latticegate.proxy.edge.ErrorDialect;
import io.latticegate.proxy.edge.Surface;
import io.vertx.core.buffer.Buffer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An event stream in the client's own protocol: forwarded as it comes, and watched for usage, failure and its end. */
final class VerbatimStream implements ReplyPath {
    private final StreamScan scan;
    private final Function<ProviderError, Buffer> errorEvent;

    /** @param hideUsage whether this gateway asked for usage on its own and must take it back out */
    VerbatimStream(Surface surface, String requestId, boolean hideUsage) {
        this.scan = hideUsage ? StreamScan.hidingUsage() : StreamScan.watching();
        this.errorEvent = error -> errorEvent(surface, requestId, error);
    }

    private VerbatimStream(StreamScan scan) {
        this.scan = scan;
        this.errorEvent = error ->
                Buffer.buffer("\n\n").appendBytes(OpenAiResponses.errorEvent(error, scan.sequenceNumber() + 1));
    }

    /** A stream of OpenAI's Responses API, whose error event has a form and a number of its own. */
    static VerbatimStream ofResponses() {
        return new VerbatimStream(StreamScan.watchingResponses());
    }

    @Override
    public @Nullable String contentType() {
        return null;
    }

    /** The scan returns the very array that it was given when nothing is to be changed. */
    @Override
    @SuppressWarnings("ReferenceEquality")
    public Buffer onBytes(Buffer bytes) {
        byte[] raw = bytes.getBytes();
        byte[] forward = scan.feed(raw);
        return forward == raw ? bytes : Buffer.buffer(forward);
    }

    /** An event without end; the provider's own error event is passed on with what follows it. */
    @Override
    public @Nullable ProviderError abandoned() {
        return scan.eventTooLarge() ? scan.failure() : null;
    }

    @Override
    public Ending onEnd() {
        if (scan.failure() != null) {
            return new Ending(Buffer.buffer(scan.finish()), scan.failure());
        }
        if (!scan.complete()) {
            return new Ending(
                    Ending.NOTHING,
                    ProviderError.of(
                            ProviderError.Kind.OUTAGE,
                            "provider_stream_cut",
                            "The provider's stream ended before it was complete"));
        }
        return new Ending(Buffer.buffer(scan.finish()), null);
    }

    @Override
    public Buffer brokenOff(ProviderError error) {
        boolean shown = scan.failure() != null && !scan.eventTooLarge();
        return shown ? Ending.NOTHING : errorEvent.apply(error);
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

    /**
     * The error event of OpenAI's, Anthropic's and Cohere's streams. A blank line first, so that an event that was cut in the
     * middle does not swallow it.
     */
    static Buffer errorEvent(Surface surface, String requestId, ProviderError error) {
        if (surface == Surface.COHERE) {
            return Buffer.buffer("\n\n").appendBytes(CohereChat.errorEvent(error));
        }
        byte[] body = ErrorDialect.encode(
                surface, new Refusal(error.surfaceStatus(), error.code(), error.message(), null), requestId, null);
        Buffer event = Buffer.buffer(body.length + 32).appendString("\n\n");
        if (surface == Surface.ANTHROPIC) {
            event.appendString("event: error\n");
        }
        return event.appendString("data: ").appendBytes(body).appendString("\n\n");
    }
}
