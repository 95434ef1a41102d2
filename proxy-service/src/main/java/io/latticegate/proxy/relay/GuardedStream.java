package io.latticegate.proxy.relay;

import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.dialect.SseFrame;
import io.latticegate.proxy.dialect.SseParser;
import io.latticegate.proxy.guard.AnswerGuard;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * An event stream in the client's own protocol, whose last events are withheld until the texts in them are judged. Events in
 * which nothing is redacted are forwarded byte for byte. The wrapped path sees what is let go, so that a stream which is
 * blocked is never seen to be complete.
 */
final class GuardedStream extends WrappedReply {
    private static final int RESPONSES_EVENT_BYTES_MAX = 32 * 1024 * 1024;

    private final AnswerGuard guard;
    private final AnswerGuard.Events events;
    private final SseParser parser;
    private @Nullable ProviderError tooLarge;

    GuardedStream(ReplyPath path, AnswerGuard guard, Operation operation) {
        super(path);
        this.guard = guard;
        this.events = guard.events();
        this.parser =
                new SseParser(operation == Operation.RESPONSES ? RESPONSES_EVENT_BYTES_MAX : SseParser.EVENT_BYTES_MAX);
    }

    @Override
    public Buffer onBytes(Buffer bytes) {
        byte[] raw = bytes.getBytes();
        if (!parser.feed(raw, 0, raw.length, this::frame)) {
            tooLarge = ProviderError.of(
                    ProviderError.Kind.OUTAGE,
                    "provider_event_too_large",
                    "The provider sent a stream event that is too large");
        }
        return released();
    }

    private void frame(SseFrame frame) {
        if (!frame.isEvent() || frame.dataIs("[DONE]")) {
            events.addPlain(frame.bytes());
        } else {
            events.add(frame.bytes(), frame.name(), frame.data(), frame.dataOffset(), frame.dataLength());
        }
    }

    private Buffer released() {
        Buffer released = Buffer.buffer();
        events.release(event -> {
            byte[] changed = event.changed();
            if (changed == null) {
                released.appendBytes(event.bytes());
                return;
            }
            if (!event.name().isEmpty()) {
                released.appendString("event: " + event.name() + "\n", StandardCharsets.UTF_8.name());
            }
            released.appendString("data: ").appendBytes(changed).appendString("\n\n");
        });
        return released.length() == 0 ? Ending.NOTHING : super.onBytes(released);
    }

    @Override
    public @Nullable ProviderError abandoned() {
        ProviderError refusal = guard.refusal();
        return refusal != null ? refusal : tooLarge != null ? tooLarge : super.abandoned();
    }

    @Override
    public Ending onEnd() {
        events.end();
        Buffer last = released();
        ProviderError refusal = guard.refusal();
        if (refusal != null) {
            return new Ending(Ending.NOTHING, refusal);
        }
        Ending ending = super.onEnd();
        Buffer rest = last.length() == 0 ? ending.rest() : last.copy().appendBuffer(ending.rest());
        return new Ending(rest, ending.failure());
    }

    /** What was withheld was generated too. */
    @Override
    public long outputTextBytes() {
        return Math.max(super.outputTextBytes(), guard.chars());
    }
}
