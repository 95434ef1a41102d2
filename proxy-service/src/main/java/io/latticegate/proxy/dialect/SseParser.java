package io.latticegate.proxy.dialect;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads an event stream as bytes arrive (WHATWG HTML, section 9.2.6 "Interpreting an event stream"): lines end with LF,
 * CR or CRLF, a leading byte order mark is skipped, a blank line dispatches, an event that the stream ends within is
 * dropped. Chunks may be split anywhere, also inside a CRLF or a UTF-8 sequence.
 *
 * <p>An event that lies within one chunk is handed out in place, without a copy; only an event that spans chunks is
 * collected, up to a bound. A frame reaches from the end of the one before to the end of its blank line, so that the
 * frames together are all complete bytes of the stream in order.
 *
 * <p>Not thread-safe; one instance per stream.
 */
public final class SseParser {

    /** The bound on one event unless another is given: 1 MiB. */
    public static final int EVENT_BYTES_MAX = 1024 * 1024;

    private static final int BUFFER_BYTES_MIN = 1024;
    private static final int BUFFER_BYTES_KEPT = 64 * 1024;

    private final int eventBytesMax;
    private final SseFrame frame = new SseFrame();
    private byte[] held = {};
    private int heldLength;
    private boolean atLineStart = true;
    private boolean afterCarriageReturn;
    private boolean first = true;
    private boolean overflowed;
    private byte[] joined = {};

    /** Receives the frames of a stream in order. */
    @FunctionalInterface
    public interface Sink {
        /** {@code frame} is only valid until this returns. */
        void frame(SseFrame frame);
    }

    /** A parser with the bound {@link #EVENT_BYTES_MAX}. */
    public SseParser() {
        this(EVENT_BYTES_MAX);
    }

    /** A parser that gives up on an event of more than {@code eventBytesMax} bytes. */
    public SseParser(int eventBytesMax) {
        this.eventBytesMax = eventBytesMax;
    }

    /**
     * Takes the next bytes and hands out every frame that they complete. The array is not kept.
     *
     * @return false when an event exceeded the bound, now or before; nothing is handed out from then on
     */
    public boolean feed(byte[] chunk, int offset, int length, Sink sink) {
        int end = offset + length;
        int frameStart = offset;
        for (int i = offset; i < end && !overflowed; i++) {
            byte b = chunk[i];
            if (b == '\n') {
                if (afterCarriageReturn) {
                    afterCarriageReturn = false;
                    if (i == frameStart && heldLength == 0 && !first) {
                        // The CR before already ended the frame; this LF belongs to the same line end.
                        frameStart = skipLineFeed(chunk, i, sink);
                    }
                    continue;
                }
            } else if (b != '\r') {
                atLineStart = false;
                afterCarriageReturn = false;
                continue;
            }
            afterCarriageReturn = b == '\r';
            if (!atLineStart) {
                atLineStart = true;
                continue;
            }
            int frameEnd = i + 1;
            if (b == '\r' && frameEnd < end && chunk[frameEnd] == '\n') {
                frameEnd++;
                i++;
                afterCarriageReturn = false;
            }
            complete(chunk, frameStart, frameEnd, sink);
            frameStart = frameEnd;
        }
        if (!overflowed && frameStart < end) {
            hold(chunk, frameStart, end);
        }
        return !overflowed;
    }

    /** Bytes of an event that is not complete yet. More than 0 at the end of the stream: it was cut inside an event. */
    public int pendingBytes() {
        return heldLength;
    }

    /** A copy of the bytes that {@link #pendingBytes()} counts. */
    public byte[] pending() {
        return Arrays.copyOf(held, heldLength);
    }

    /** Whether an event exceeded the bound. */
    public boolean overflowed() {
        return overflowed;
    }

    /** Hands the lone LF on as a frame of its own, so that no byte of the stream is lost to a sink that forwards. */
    private int skipLineFeed(byte[] chunk, int at, Sink sink) {
        frame.raw = chunk;
        frame.rawOffset = at;
        frame.rawLength = 1;
        frame.inPlace = true;
        frame.dispatched = false;
        frame.name = "";
        frame.dataLength = 0;
        sink.frame(frame);
        return at + 1;
    }

    private void complete(byte[] chunk, int from, int to, Sink sink) {
        if (heldLength == 0) {
            if (to - from > eventBytesMax) {
                overflow();
                return;
            }
            frame.inPlace = true;
            dispatch(chunk, from, to - from, sink);
            return;
        }
        hold(chunk, from, to);
        if (overflowed) {
            return;
        }
        int length = heldLength;
        heldLength = 0;
        frame.inPlace = false;
        dispatch(held, 0, length, sink);
        if (held.length > BUFFER_BYTES_KEPT) {
            held = new byte[0];
        }
    }

    private void hold(byte[] chunk, int from, int to) {
        int length = to - from;
        if (length > eventBytesMax - heldLength) {
            overflow();
            return;
        }
        int needed = heldLength + length;
        if (needed > held.length) {
            int doubled = Math.max(BUFFER_BYTES_MIN, Math.max(needed, held.length * 2));
            held = Arrays.copyOf(held, Math.max(needed, Math.min(doubled, eventBytesMax)));
        }
        System.arraycopy(chunk, from, held, heldLength, length);
        heldLength = needed;
    }

    private void overflow() {
        overflowed = true;
        held = new byte[0];
        heldLength = 0;
    }

    private void dispatch(byte[] bytes, int offset, int length, Sink sink) {
        frame.raw = bytes;
        frame.rawOffset = offset;
        frame.rawLength = length;
        frame.joined = false;
        frame.name = "";
        frame.dispatched = false;
        frame.dataLength = 0;
        int end = offset + length;
        int line = offset;
        if (first
                && length >= 3
                && bytes[line] == (byte) 0xEF
                && bytes[line + 1] == (byte) 0xBB
                && bytes[line + 2] == (byte) 0xBF) {
            line += 3;
        }
        first = false;
        while (line < end) {
            int lineEnd = line;
            while (lineEnd < end && bytes[lineEnd] != '\n' && bytes[lineEnd] != '\r') {
                lineEnd++;
            }
            field(bytes, line, lineEnd);
            line = lineEnd + 1;
        }
        sink.frame(frame);
        if (joined.length > BUFFER_BYTES_KEPT) {
            joined = new byte[0];
        }
    }

    private void field(byte[] bytes, int from, int to) {
        if (startsWith(bytes, from, to, "data")) {
            data(bytes, valueStart(bytes, from + 4, to), to);
        } else if (startsWith(bytes, from, to, "event")) {
            int value = valueStart(bytes, from + 5, to);
            frame.name = new String(bytes, value, to - value, StandardCharsets.UTF_8);
        }
    }

    private void data(byte[] bytes, int from, int to) {
        if (!frame.dispatched) {
            frame.dispatched = true;
            frame.data = bytes;
            frame.dataOffset = from;
            frame.dataLength = to - from;
            return;
        }
        int needed = frame.dataLength + 1 + to - from;
        if (!frame.joined || joined.length < needed) {
            byte[] larger = joined.length >= needed ? joined : new byte[Math.max(needed, joined.length * 2)];
            System.arraycopy(frame.data, frame.dataOffset, larger, 0, frame.dataLength);
            joined = larger;
            frame.joined = true;
            frame.data = larger;
            frame.dataOffset = 0;
        }
        joined[frame.dataLength] = '\n';
        System.arraycopy(bytes, from, joined, frame.dataLength + 1, to - from);
        frame.dataLength = needed;
    }

    /** Whether the line is field {@code name}: the name and nothing, or the name and a colon. */
    private static boolean startsWith(byte[] bytes, int from, int to, String name) {
        int length = name.length();
        if (to - from < length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (bytes[from + i] != name.charAt(i)) {
                return false;
            }
        }
        return to - from == length || bytes[from + length] == ':';
    }

    private static int valueStart(byte[] bytes, int colon, int to) {
        if (colon >= to) {
            return to;
        }
        int value = colon + 1;
        return value < to && bytes[value] == ' ' ? value + 1 : value;
    }
}
