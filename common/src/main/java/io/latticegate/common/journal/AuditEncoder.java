package io.latticegate.common.journal;

import java.util.Arrays;
import java.util.Map;

/**
 * Writes {@link AuditRecord}s into a buffer that it keeps. One encoder per event loop; not thread-safe.
 *
 * <p>Format: version byte 1, then fields in the manner of Protocol Buffers: a varint {@code number * 2 + kind}, then for kind
 * 0 a varint, for kind 1 a length varint and that many bytes. Absent fields are empty or 0. Unknown fields are skipped by a
 * reader, so fields can be added without another version. Lengths of text take two bytes always, which saves moving the text.
 */
public final class AuditEncoder {
    /** No encoded record is longer, in bytes. */
    public static final int MAX_ENCODED_BYTES = 16 << 10;

    static final byte VERSION = 1;
    static final int VARINT = 0;
    static final int BYTES = 1;

    static final int PHASE = 1;
    static final int TIMESTAMP_MICROS = 2;
    static final int ACTION = 3;
    static final int ACTOR_KIND = 4;
    static final int ACTOR_ID = 5;
    static final int REQUEST_ID = 6;
    static final int CORRELATION_ID = 7;
    static final int PROJECT_ID = 8;
    static final int TOKEN_ID = 9;
    static final int CLIENT_IP = 10;
    static final int METHOD = 11;
    static final int PATH = 12;
    static final int USER_AGENT = 13;
    static final int SURFACE = 14;
    static final int MODEL = 15;
    static final int PROVIDER = 16;
    static final int CREDENTIAL_SOURCE = 17;
    static final int KEY_FINGERPRINT = 18;
    static final int STATUS = 19;
    static final int OUTCOME = 20;
    static final int REASON = 21;
    static final int TOKENS_IN = 22;
    static final int TOKENS_OUT = 23;
    static final int TOKENS_CACHED = 24;
    static final int USAGE_ESTIMATED = 25;
    static final int COST_MICRO_USD = 26;
    static final int ATTEMPTS = 27;
    static final int ELAPSED_MICROS = 28;
    static final int METADATA = 29;

    private static final int MAX_KEY = 64;
    private static final int MAX_VALUE = 256;
    private static final char REPLACEMENT = '\uFFFD';

    private final byte[] buffer = new byte[MAX_ENCODED_BYTES];
    private int end;

    /** Where {@link #encode} wrote; from index 0. */
    public byte[] buffer() {
        return buffer;
    }

    /** Writes the record to the start of {@link #buffer()}. Returns its length in bytes. */
    public int encode(AuditRecord record) {
        buffer[0] = VERSION;
        end = 1;
        number(PHASE, record.phase().code());
        number(ACTOR_KIND, record.actor().kind().code());
        text(ACTOR_ID, record.actor().id(), 128);
        number(OUTCOME, record.outcome().code());
        number(TIMESTAMP_MICROS, record.timestampMicros());
        number(STATUS, record.status());
        number(TOKENS_IN, record.tokensIn());
        number(TOKENS_OUT, record.tokensOut());
        number(TOKENS_CACHED, record.tokensCached());
        number(USAGE_ESTIMATED, record.usageEstimated() ? 1 : 0);
        number(COST_MICRO_USD, record.costMicroUsd());
        number(ATTEMPTS, record.attempts());
        number(ELAPSED_MICROS, record.elapsedMicros());
        text(ACTION, record.action(), 64);
        text(REQUEST_ID, record.requestId(), 128);
        text(CORRELATION_ID, record.correlationId(), 128);
        text(PROJECT_ID, record.projectId(), 64);
        text(TOKEN_ID, record.tokenId(), 64);
        text(CLIENT_IP, record.clientIp(), 64);
        text(METHOD, record.method(), 16);
        text(PATH, record.path(), 1024);
        text(USER_AGENT, record.userAgent(), 256);
        text(SURFACE, record.surface(), 32);
        text(MODEL, record.model(), 128);
        text(PROVIDER, record.provider(), 64);
        text(CREDENTIAL_SOURCE, record.credentialSource(), 32);
        text(KEY_FINGERPRINT, record.keyFingerprint(), 64);
        text(REASON, record.reason(), 256);
        for (Map.Entry<String, String> entry : record.metadata().entrySet()) {
            metadata(entry.getKey(), entry.getValue());
        }
        return end;
    }

    /** The record in an array of its own. */
    public static byte[] bytes(AuditRecord record) {
        AuditEncoder encoder = new AuditEncoder();
        return Arrays.copyOf(encoder.buffer, encoder.encode(record));
    }

    private void number(int field, long value) {
        if (value != 0) {
            varint(field * 2L + VARINT);
            varint(value);
        }
    }

    private void varint(long value) {
        long rest = value;
        while ((rest & -128L) != 0) {
            buffer[end++] = (byte) (rest | 128);
            rest >>>= 7;
        }
        buffer[end++] = (byte) rest;
    }

    private void text(int field, String value, int maxBytes) {
        if (!value.isEmpty()) {
            varint(field * 2L + BYTES);
            sized(value, maxBytes);
        }
    }

    /** Key with its length, then the value up to the end of the field. */
    private void metadata(String key, String value) {
        varint(METADATA * 2L + BYTES);
        int lengthAt = end;
        end += 2;
        sized(key, MAX_KEY);
        utf8(value, MAX_VALUE);
        length(lengthAt, end - lengthAt - 2);
    }

    private void sized(String value, int maxBytes) {
        int lengthAt = end;
        end += 2;
        utf8(value, maxBytes);
        length(lengthAt, end - lengthAt - 2);
    }

    private void length(int at, int bytes) {
        buffer[at] = (byte) (bytes | 128);
        buffer[at + 1] = (byte) (bytes >> 7);
    }

    /** Writes whole characters only, as many as fit. */
    private void utf8(String value, int maxBytes) {
        int limit = end + maxBytes;
        int at = 0;
        while (at < value.length()) {
            char unit = value.charAt(at);
            if (unit >= ' ' && unit < 0x7F) {
                if (end >= limit) {
                    return;
                }
                buffer[end++] = (byte) unit;
                at++;
            } else {
                int point = value.codePointAt(at);
                int shown = harmless(point) ? point : REPLACEMENT;
                if (end + utf8Length(shown) > limit) {
                    return;
                }
                put(shown);
                at += Character.charCount(point);
            }
        }
    }

    private static boolean harmless(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> false;
            default -> true;
        };
    }

    private static int utf8Length(int point) {
        if (point < 0x800) {
            return 2;
        }
        return point < 0x10000 ? 3 : 4;
    }

    private void put(int point) {
        if (point < 0x800) {
            buffer[end++] = (byte) (0xC0 | (point >> 6));
        } else {
            if (point < 0x10000) {
                buffer[end++] = (byte) (0xE0 | (point >> 12));
            } else {
                buffer[end++] = (byte) (0xF0 | (point >> 18));
                buffer[end++] = (byte) (0x80 | ((point >> 12) & 0x3F));
            }
            buffer[end++] = (byte) (0x80 | ((point >> 6) & 0x3F));
        }
        buffer[end++] = (byte) (0x80 | (point & 0x3F));
    }
}
