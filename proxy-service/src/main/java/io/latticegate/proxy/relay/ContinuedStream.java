package io.latticegate.proxy.relay;

import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.StreamEncoder;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The client's one stream over several attempts: remembers the text that the client has, and lets a further attempt add to it
 * as if nothing had happened. The client sees one start, one text, the sum of what was consumed, and a comment where another
 * attempt went on (comments are ignored by every reader of event streams: WHATWG HTML, "Server-sent events").
 */
final class ContinuedStream implements StreamEncoder {
    /** Longest text that is remembered, in characters; a longer one is not gone on with. */
    static final int TEXT_CHARS_MAX = 256 * 1024;

    private static final byte[] NOTHING = {};

    private final Supplier<StreamEncoder> encoders;
    private final StringBuilder text = new StringBuilder();
    private StreamEncoder client;
    private @Nullable Overlap overlap;
    private TokenUsage before = TokenUsage.NONE;
    private int textPart;
    private int times;
    private boolean marked;
    private boolean started;
    private boolean finished;
    private boolean textOnly = true;

    /** @param encoders begins the client's answer */
    ContinuedStream(Supplier<StreamEncoder> encoders) {
        this.encoders = encoders;
        this.client = encoders.get();
    }

    /** Begins anew, unless the client has seen the beginning of the answer. */
    ContinuedStream forAttempt() {
        if (times == 0) {
            client = encoders.get();
            text.setLength(0);
            started = false;
            finished = false;
            textOnly = true;
        }
        return this;
    }

    /** The text that the client has. */
    String text() {
        return text.toString();
    }

    /** How often another attempt has gone on. */
    int times() {
        return times;
    }

    /**
     * Whether what the client has is a text that can be gone on with: begun, not ended, nothing but text, and not broken off
     * inside a character.
     */
    boolean open() {
        return started
                && !finished
                && textOnly
                && (text.isEmpty() || !Character.isHighSurrogate(text.charAt(text.length() - 1)));
    }

    /**
     * Another attempt goes on.
     *
     * @param used by all attempts so far
     */
    void goOn(TokenUsage used) {
        times++;
        before = used;
        overlap = new Overlap(text);
        marked = false;
    }

    @Override
    public String contentType() {
        return client.contentType();
    }

    @Override
    public byte[] encode(ChatEvent event) {
        return switch (event) {
            case ChatEvent.Started begun -> start(begun);
            case ChatEvent.TextDelta(int index, String more) -> say(index, more);
            case ChatEvent.UsageReported(TokenUsage usage) ->
                client.encode(new ChatEvent.UsageReported(before.plus(usage)));
            case ChatEvent.Finished ended -> {
                finished = true;
                yield afterHeld(client.encode(ended));
            }
            case ChatEvent.Failed failed -> client.encode(failed);
            case ChatEvent.ReasoningDelta _,
                    ChatEvent.ReasoningSignature _,
                    ChatEvent.ReasoningRedacted _,
                    ChatEvent.ToolCallStarted _,
                    ChatEvent.ToolCallArguments _ -> other(event);
        };
    }

    @Override
    public byte[] finish() {
        return afterHeld(client.finish());
    }

    private byte[] start(ChatEvent.Started begun) {
        started = true;
        return times == 0 ? client.encode(begun) : mark();
    }

    private byte[] mark() {
        if (marked) {
            return NOTHING;
        }
        marked = true;
        return (": x-latticegate-continued: " + times + "\n\n").getBytes(StandardCharsets.US_ASCII);
    }

    private byte[] say(int index, String more) {
        Overlap repeated = overlap;
        if (repeated != null) {
            return write(repeated.add(more));
        }
        if (text.isEmpty()) {
            textPart = index;
        }
        textOnly &= index == textPart;
        remember(more);
        return client.encode(new ChatEvent.TextDelta(index, more));
    }

    private byte[] write(String fresh) {
        if (fresh.isEmpty()) {
            return NOTHING;
        }
        remember(fresh);
        return client.encode(new ChatEvent.TextDelta(textPart, fresh));
    }

    private void remember(String more) {
        if (textOnly && text.length() + more.length() <= TEXT_CHARS_MAX) {
            text.append(more);
        } else {
            textOnly = false;
        }
    }

    /** What is no text ends the chance to go on; the reasoning of a further attempt is about a text that is already there. */
    private byte[] other(ChatEvent event) {
        if (times > 0) {
            return NOTHING;
        }
        textOnly = false;
        return client.encode(event);
    }

    private byte[] afterHeld(byte[] bytes) {
        Overlap repeated = overlap;
        byte[] rest = repeated == null ? NOTHING : write(repeated.rest());
        if (rest.length == 0) {
            return bytes;
        }
        var both = new ByteArrayOutputStream();
        both.writeBytes(rest);
        both.writeBytes(bytes);
        return both.toByteArray();
    }
}
