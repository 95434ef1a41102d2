package io.latticegate.proxy.dialect;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One event of a stream, as a view on the parser's bytes: valid only during the call that hands it out. Copy what must
 * live longer.
 */
public final class SseFrame {
    byte[] raw = {};
    int rawOffset;
    int rawLength;
    String name = "";
    byte[] data = {};
    int dataOffset;
    int dataLength;
    boolean dispatched;

    /** Whether the raw bytes lie in the chunk that was fed, not in the parser's own buffer. */
    boolean inPlace;

    /** Whether the data were put together from several lines, so that they are no part of the raw bytes. */
    boolean joined;

    SseFrame() {}

    /** False for a frame that browsers would not dispatch: only comments, only {@code retry}, or blank. */
    public boolean isEvent() {
        return dispatched;
    }

    /** The {@code event} field, or empty when there is none. */
    public String name() {
        return name;
    }

    /** The array that holds the data; see {@link #dataOffset()}. */
    public byte[] data() {
        return data;
    }

    /** Where the data begin in {@link #data()}. */
    public int dataOffset() {
        return dataOffset;
    }

    /** How many bytes of data there are; the lines of a multi-line event are joined by one LF. */
    public int dataLength() {
        return dataLength;
    }

    /** A copy of the event's own bytes, from its first line to the end of its blank line. */
    public byte[] bytes() {
        return Arrays.copyOfRange(raw, rawOffset, rawOffset + rawLength);
    }

    /** The data as text; bytes that are no UTF-8 become U+FFFD. */
    public String text() {
        return new String(data, dataOffset, dataLength, StandardCharsets.UTF_8);
    }

    /** Whether the data are exactly this ASCII text. */
    public boolean dataIs(String ascii) {
        if (dataLength != ascii.length()) {
            return false;
        }
        for (int i = 0; i < dataLength; i++) {
            if (data[dataOffset + i] != ascii.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
