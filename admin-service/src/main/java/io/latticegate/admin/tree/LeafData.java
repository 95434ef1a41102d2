package io.latticegate.admin.tree;

import io.latticegate.common.crypto.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

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
        boolean whole = FIXED_BYTES + name.length + storedPayload.length <= BYTES_MAX;
        byte[] body = whole ? storedPayload : Sha256.of(storedPayload);
        return ByteBuffer.allocate(FIXED_BYTES + name.length + body.length)
                .put(whole ? WHOLE : DIGEST)
                .putShort((short) name.length)
                .put(name)
                .putLong(sequence)
                .putInt(storedPayload.length)
                .put(body)
                .array();
    }

    private LeafData() {}
}
