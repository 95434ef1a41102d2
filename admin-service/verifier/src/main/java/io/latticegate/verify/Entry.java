package io.latticegate.verify;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalLong;

/**
 * An entry of the log.
 *
 * @param node the journal that it comes from
 * @param sequence its number there, from 1
 * @param occurredAtMicros microseconds since 1970 UTC, where the entry says so in the clear
 */
record Entry(String node, long sequence, OptionalLong occurredAtMicros) {
    private static final byte WHOLE = 1;
    private static final byte DIGEST = 2;
    private static final int NODE_BYTES_MAX = 64;
    private static final byte PLAIN_RECORD = 1;
    private static final byte SEALED_RECORD = 2;
    private static final int TIMESTAMP_FIELD = 2;

    /**
     * Reads leaf data: format byte, node with its length, sequence, payload with its length.
     *
     * @throws IllegalArgumentException when it is not exactly that
     */
    static Entry parse(byte[] data) {
        ByteBuffer rest = ByteBuffer.wrap(data);
        byte format = data.length < 15 ? 0 : rest.get();
        int length = format == 0 ? 0 : Short.toUnsignedInt(rest.getShort());
        if ((format != WHOLE && format != DIGEST)
                || length < 1
                || length > NODE_BYTES_MAX
                || rest.remaining() < length + 12) {
            throw new IllegalArgumentException("the data of a leaf is malformed");
        }
        byte[] node = new byte[length];
        rest.get(node);
        long sequence = rest.getLong();
        int payload = rest.getInt();
        int expected = format == WHOLE ? payload : Merkle.HASH_BYTES;
        if (sequence < 1 || payload < 0 || rest.remaining() != expected) {
            throw new IllegalArgumentException("the data of a leaf is malformed");
        }
        OptionalLong time = format == WHOLE
                ? timestamp(Arrays.copyOfRange(data, rest.position(), data.length))
                : OptionalLong.empty();
        return new Entry(new String(node, StandardCharsets.UTF_8), sequence, time);
    }

    /**
     * The timestamp among the fields of a record: each a varint {@code number * 2 + kind}, then for kind 0 a varint, for kind
     * 1 a length and that many bytes. They begin behind the format byte 1, or, of a sealed record, behind the format byte 2
     * and the u32 length of what is in the clear.
     */
    private static OptionalLong timestamp(byte[] payload) {
        byte format = payload.length < 6 ? 0 : payload[0];
        if (format != PLAIN_RECORD && format != SEALED_RECORD) {
            return OptionalLong.empty();
        }
        Varints fields = new Varints(payload, format == PLAIN_RECORD ? 1 : 1 + Integer.BYTES);
        while (fields.more()) {
            long key = fields.next();
            long value = fields.next();
            if (key == TIMESTAMP_FIELD * 2L) {
                return fields.sound() ? OptionalLong.of(value) : OptionalLong.empty();
            }
            if ((key & 1) == 1) {
                fields.skip(value);
            }
        }
        return OptionalLong.empty();
    }

    /** Base-128 numbers, lowest group first. Reading past the end yields 0 and is remembered. */
    private static final class Varints {
        private final byte[] bytes;
        private int at;
        private boolean sound = true;

        Varints(byte[] bytes, int from) {
            this.bytes = bytes;
            this.at = from;
        }

        boolean more() {
            return sound && at < bytes.length;
        }

        boolean sound() {
            return sound;
        }

        long next() {
            long value = 0;
            for (int shift = 0; shift < 64 && at < bytes.length; shift += 7) {
                byte group = bytes[at++];
                value |= (long) (group & 0x7f) << shift;
                if (group >= 0) {
                    return value;
                }
            }
            sound = false;
            return 0;
        }

        void skip(long count) {
            if (count < 0 || count > bytes.length - at) {
                sound = false;
            } else {
                at += (int) count;
            }
        }
    }
}
