package io.latticegate.common.journal;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Takes the bytes of an encoded record apart by whom its fields tell of, and puts them together again. A field's bytes stay
 * as they are, also those of fields that a newer writer added; their order may change, which says nothing.
 */
public final class AuditFields {
    /** What a field tells of. */
    public enum Part {
        /** The deed, not a person. */
        DEED,
        /** Who did it: the actor's id. */
        WHO,
        /** From where: the client's address and what it calls itself. */
        FROM,
        /** About what: the token, free text, and fields that this version does not know. */
        ABOUT
    }

    private final byte[] bytes;
    private int at = 1;

    private AuditFields(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * The fields of each part, in the order of the record; a part without fields is empty.
     *
     * @param record as {@link AuditEncoder} wrote it
     * @param pathTellsOfSomebody whether the path belongs to {@link Part#ABOUT} instead of {@link Part#DEED}
     * @throws IllegalArgumentException if these are not the bytes of an audit record
     */
    public static Map<Part, byte[]> split(byte[] record, boolean pathTellsOfSomebody) {
        if (record.length < 1 || record[0] != AuditEncoder.VERSION) {
            throw new IllegalArgumentException("not an audit record: " + record.length + " bytes");
        }
        return new AuditFields(record).split(pathTellsOfSomebody);
    }

    /** A record of the fields in {@code parts}. */
    public static byte[] join(List<byte[]> parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        joined.write(AuditEncoder.VERSION);
        parts.forEach(joined::writeBytes);
        return joined.toByteArray();
    }

    private Map<Part, byte[]> split(boolean pathTellsOfSomebody) {
        Map<Part, ByteBuffer> fields = new EnumMap<>(Part.class);
        for (Part part : Part.values()) {
            fields.put(part, ByteBuffer.allocate(bytes.length));
        }
        while (at < bytes.length) {
            int from = at;
            long tag = varint();
            long value = varint();
            if ((tag & 1) == AuditEncoder.BYTES) {
                if (value < 0 || value > bytes.length - at) {
                    throw malformed();
                }
                at += (int) value;
            }
            Part part = part(tag >>> 1, pathTellsOfSomebody);
            fields.computeIfAbsent(part, none -> ByteBuffer.allocate(bytes.length))
                    .put(bytes, from, at - from);
        }
        Map<Part, byte[]> split = new EnumMap<>(Part.class);
        fields.forEach((part, all) -> {
            byte[] own = new byte[all.position()];
            all.flip().get(own);
            split.put(part, own);
        });
        return split;
    }

    private static Part part(long field, boolean pathTellsOfSomebody) {
        if (field == AuditEncoder.ACTOR_ID) {
            return Part.WHO;
        }
        if (field == AuditEncoder.CLIENT_IP || field == AuditEncoder.USER_AGENT) {
            return Part.FROM;
        }
        if (field == AuditEncoder.TOKEN_ID
                || field == AuditEncoder.REASON
                || field >= AuditEncoder.METADATA
                || (field == AuditEncoder.PATH && pathTellsOfSomebody)) {
            return Part.ABOUT;
        }
        return Part.DEED;
    }

    private long varint() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at >= bytes.length) {
                throw malformed();
            }
            byte one = bytes[at++];
            value |= (one & 127L) << shift;
            if (one >= 0) {
                return value;
            }
        }
        throw malformed();
    }

    private IllegalArgumentException malformed() {
        return new IllegalArgumentException("audit record with a malformed field at byte " + at);
    }
}
