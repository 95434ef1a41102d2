package io.latticegate.admin.tree;

import io.latticegate.common.crypto.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * What the hash of a leaf is taken of: which entry of which journal, and its stored payload.
 *
 * <p>Format 1, big-endian: {@code 0x01 | u16 length of the node id | node id | u64 sequence | u32 length of the payload |
 * payload}. An entry bundle gives an entry 65,535 bytes (C2SP tlog-tiles), so a payload that does not fit stands in format 2
 * as its digest: {@code 0x02 | … | u32 length of the payload | SHA-256 of the payload}.
 */
final class LeafData {
    /** The longest leaf data, in bytes. */
    static final int BYTES_MAX = 65_535;

    private static final byte WHOLE = 1;
    private static final byte DIGEST = 2;
    private static final int FIXED_BYTES = 1 + Short.BYTES + Long.BYTES + Integer.BYTES;

    static byte[] of(String node, long sequence, byte[] storedPayload) {
        byte[] name = node.getBytes(StandardCharsets.UTF_8);
        byte[] head = head(name, sequence, storedPayload);
        byte[] body = body(name, storedPayload);
        return ByteBuffer.allocate(head.length + body.length)
                .put(head)
                .put(body)
                .array();
    }

    /**
     * The hash of the leaf, as {@link TreeHash#leaf} gives it for {@link #of}, without putting the data together.
     *
     * @param digest SHA-256, reset; it is again afterwards
     * @param name the node id in UTF-8
     */
    static byte[] hash(MessageDigest digest, byte[] name, long sequence, byte[] storedPayload) {
        digest.update(TreeHash.LEAF);
        digest.update(head(name, sequence, storedPayload));
        return digest.digest(body(name, storedPayload));
    }

    private static boolean whole(byte[] name, byte[] storedPayload) {
        return FIXED_BYTES + name.length + storedPayload.length <= BYTES_MAX;
    }

    private static byte[] head(byte[] name, long sequence, byte[] storedPayload) {
        return ByteBuffer.allocate(FIXED_BYTES + name.length)
                .put(whole(name, storedPayload) ? WHOLE : DIGEST)
                .putShort((short) name.length)
                .put(name)
                .putLong(sequence)
                .putInt(storedPayload.length)
                .array();
    }

    private static byte[] body(byte[] name, byte[] storedPayload) {
        return whole(name, storedPayload) ? storedPayload : Sha256.of(storedPayload);
    }

    private LeafData() {}
}
