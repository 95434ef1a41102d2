package io.latticegate.proxy.relay;

import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.dialect.JsonArrayStream;
import io.latticegate.proxy.guard.AnswerGuard;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * A Gemini stream in its form of a JSON array, whose last elements are withheld until the texts in them are judged. The
 * elements are forwarded as they came, with commas of this gateway between them.
 */
final class GuardedArray extends WrappedReply {
    private static final byte[] COMMA = {',', '\n'};

    private final AnswerGuard guard;
    private final AnswerGuard.Events events;
    private final JsonArrayStream array = new JsonArrayStream();
    private boolean begun;
    private boolean any;

    GuardedArray(ReplyPath path, AnswerGuard guard) {
        super(path);
        this.guard = guard;
        this.events = guard.events();
    }

    @Override
    public Buffer onBytes(Buffer bytes) {
        array.feed(bytes.getBytes(), element -> events.add(element, "", element, 0, element.length));
        return forwarded(Buffer.buffer());
    }

    private Buffer forwarded(Buffer released) {
        events.release(event -> {
            if (!begun) {
                released.appendString("[");
                begun = true;
            }
            byte[] changed = event.changed();
            if (any) {
                released.appendBytes(COMMA);
            }
            any = true;
            released.appendBytes(changed == null ? event.bytes() : changed);
        });
        return released.length() == 0 ? Ending.NOTHING : super.onBytes(released);
    }

    @Override
    public @Nullable ProviderError abandoned() {
        ProviderError refusal = guard.refusal();
        if (refusal != null) {
            return refusal;
        }
        return array.broken()
                ? ProviderError.of(
                        ProviderError.Kind.OUTAGE, "provider_protocol_error", "The provider sent no array of responses")
                : super.abandoned();
    }

    @Override
    public Ending onEnd() {
        events.end();
        Buffer last = forwarded(Buffer.buffer());
        ProviderError refusal = guard.refusal();
        if (refusal != null) {
            return new Ending(Ending.NOTHING, refusal);
        }
        Buffer rest = last.copy();
        if (array.ended()) {
            rest.appendBuffer(super.onBytes(Buffer.buffer(begun ? "]" : "[]")));
        }
        Ending ending = super.onEnd();
        return new Ending(rest.appendBuffer(ending.rest()), ending.failure());
    }

    /** What was withheld was generated too. */
    @Override
    public long outputTextBytes() {
        return Math.max(super.outputTextBytes(), guard.chars());
    }
}
