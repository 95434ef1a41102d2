package io.latticegate.fhe.core.random;

import java.util.Arrays;
import java.util.Objects;

/**
 * BLAKE2Xb, the extendable-output function over BLAKE2b ("BLAKE2X", Aumasson, Neves, Wilcox-O'Hearn, Winnerlein, 2016), for
 * outputs whose length is known beforehand: the length is part of what is hashed. Not safe for use by several threads.
 */
public final class Blake2Xb {
    private static final int NODE_BYTES = Blake2b.DIGEST_BYTES_MAX;
    private static final byte[] NO_KEY = new byte[0];

    private final Blake2b blake = new Blake2b();
    private final byte[] root = new byte[NODE_BYTES];

    /**
     * Fills a range with the output for a keyed message.
     *
     * @param key 0 to {@value Blake2b#KEY_BYTES_MAX} bytes; empty means unkeyed
     * @param length bytes of output, at least 1
     */
    public void expand(byte[] key, byte[] message, byte[] out, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, out.length);
        if (length < 1) {
            throw new IllegalArgumentException("output of " + length + " bytes; allowed: 1 or more");
        }
        long outputLength = (long) length << 32;
        blake.start(NODE_BYTES | (long) key.length << 8 | 1L << 16 | 1L << 24, outputLength, 0, key);
        blake.update(message, 0, message.length);
        blake.finish(root, 0);
        for (int done = 0, node = 0; done < length; done += NODE_BYTES, node++) {
            int bytes = Math.min(NODE_BYTES, length - done);
            blake.start(bytes | (long) NODE_BYTES << 32, outputLength | node, (long) NODE_BYTES << 8, NO_KEY);
            blake.update(root, 0, NODE_BYTES);
            blake.finish(out, offset + done);
        }
    }

    /** Overwrites what is left of the last expansion with zeros. */
    void wipe() {
        blake.wipe();
        Arrays.fill(root, (byte) 0);
    }
}
