package io.latticegate.common.trace;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which trace a request belongs to, as {@code traceparent} carries it (W3C Trace Context, Recommendation of 23 November 2021,
 * section 3.2).
 *
 * @param traceId 32 hexadecimal digits in lower case, not all zero
 * @param spanId of whoever asks: 16 hexadecimal digits in lower case, not all zero
 * @param sampled whether the asker records its part
 */
public record TraceContext(String traceId, String spanId, boolean sampled) {
    /** Name of the header. */
    public static final String HEADER = "traceparent";

    private static final int TRACE_ID_AT = 3;
    private static final int SPAN_ID_AT = 36;
    private static final int FLAGS_AT = 53;
    private static final int LENGTH = 55;

    /** Longest header that is read; a later version than 00 may have more fields. */
    private static final int LENGTH_MAX = 512;

    private static final int SAMPLED = 1;

    public TraceContext {
        if (!isId(traceId, 0, 32) || traceId.length() != 32 || !isId(spanId, 0, 16) || spanId.length() != 16) {
            throw new IllegalArgumentException("not a trace context: " + traceId.length() + " and " + spanId.length());
        }
    }

    /** Reads all lines of the header; null where there is none, several, or one that is malformed: a new trace begins. */
    public static @Nullable TraceContext read(List<String> lines) {
        return lines.size() == 1 ? parse(lines.getFirst()) : null;
    }

    /** Reads one header; null where it is malformed. */
    public static @Nullable TraceContext parse(@Nullable String header) {
        if (header == null || header.length() < LENGTH || header.length() > LENGTH_MAX) {
            return null;
        }
        int version = hexByte(header, 0);
        boolean fits = version == 0
                ? header.length() == LENGTH
                : version > 0 && version < 0xff && (header.length() == LENGTH || header.charAt(LENGTH) == '-');
        int flags = hexByte(header, FLAGS_AT);
        if (!fits
                || flags < 0
                || header.charAt(TRACE_ID_AT - 1) != '-'
                || header.charAt(SPAN_ID_AT - 1) != '-'
                || header.charAt(FLAGS_AT - 1) != '-'
                || !isId(header, TRACE_ID_AT, 32)
                || !isId(header, SPAN_ID_AT, 16)) {
            return null;
        }
        return new TraceContext(
                header.substring(TRACE_ID_AT, TRACE_ID_AT + 32),
                header.substring(SPAN_ID_AT, SPAN_ID_AT + 16),
                (flags & SAMPLED) != 0);
    }

    /** The header, in version 00 with no flag but the sampled one. */
    public String header() {
        return "00-" + traceId + "-" + spanId + (sampled ? "-01" : "-00");
    }

    /** The same trace, of which the asker records nothing. */
    public TraceContext unsampled() {
        return sampled ? new TraceContext(traceId, spanId, false) : this;
    }

    private static boolean isId(String text, int from, int length) {
        if (text.length() < from + length) {
            return false;
        }
        boolean zero = true;
        for (int i = from; i < from + length; i++) {
            int digit = digit(text.charAt(i));
            if (digit < 0) {
                return false;
            }
            zero &= digit == 0;
        }
        return !zero;
    }

    private static int hexByte(String text, int at) {
        int high = digit(text.charAt(at));
        int low = digit(text.charAt(at + 1));
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }

    /** The value of a digit in lower case, the only one that the Recommendation allows, or -1. */
    private static int digit(char c) {
        return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    }
}
