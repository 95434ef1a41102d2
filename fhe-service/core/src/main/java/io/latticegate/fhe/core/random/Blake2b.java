package io.latticegate.fhe.core.random;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;

/**
 * BLAKE2b with its parameter block (RFC 7693, sections 2.5 and 3; "BLAKE2: simpler, smaller, fast as MD5", section 2.8). One
 * instance hashes any number of messages, one after the other, and allocates nothing after its construction; it is not safe
 * for use by several threads. The code branches on lengths only, never on the data.
 */
public final class Blake2b {
    /** The longest digest, in bytes. */
    public static final int DIGEST_BYTES_MAX = 64;

    /** The longest key, in bytes. */
    public static final int KEY_BYTES_MAX = 64;

    private static final int BLOCK_BYTES = 128;
    private static final int ROUNDS = 12;
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long IV0 = 0x6a09e667f3bcc908L;
    private static final long IV1 = 0xbb67ae8584caa73bL;
    private static final long IV2 = 0x3c6ef372fe94f82bL;
    private static final long IV3 = 0xa54ff53a5f1d36f1L;
    private static final long IV4 = 0x510e527fade682d1L;
    private static final long IV5 = 0x9b05688c2b3e6c1fL;
    private static final long IV6 = 0x1f83d9abfb41bd6bL;
    private static final long IV7 = 0x5be0cd19137e2179L;

    /** The message schedule of RFC 7693, section 2.7, with rounds 10 and 11 repeating rounds 0 and 1. */
    private static final byte[] SIGMA = {
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3,
        11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4,
        7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8,
        9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13,
        2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9,
        12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11,
        13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10,
        6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5,
        10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0,
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3,
    };

    private final long[] h = new long[8];
    private final long[] m = new long[16];
    private final byte[] block = new byte[BLOCK_BYTES];
    private int blockLength;
    private long hashedBytes;
    private int digestBytes;

    /** The unkeyed digest of a message in sequential mode. */
    public static byte[] digest(int digestBytes, byte[] message) {
        Blake2b blake = new Blake2b();
        blake.start(digestBytes, new byte[0]);
        blake.update(message, 0, message.length);
        byte[] digest = new byte[digestBytes];
        blake.finish(digest, 0);
        return digest;
    }

    /**
     * Starts a message in sequential mode (fanout and depth 1).
     *
     * @param digestBytes 1 to {@value #DIGEST_BYTES_MAX}
     * @param key 0 to {@value #KEY_BYTES_MAX} bytes; empty means unkeyed
     */
    public void start(int digestBytes, byte[] key) {
        start(digestBytes | (long) key.length << 8 | 1L << 16 | 1L << 24, 0, 0, key);
    }

    /**
     * Starts a message whose parameter block has these first three words; salt and personalisation are zero.
     *
     * @param word0 digest length, key length, fanout, depth (a byte each) and leaf length (four bytes)
     * @param word1 node offset and, in BLAKE2X, output length (four bytes each)
     * @param word2 node depth and inner length (a byte each)
     * @param key as long as word 0 says
     */
    void start(long word0, long word1, long word2, byte[] key) {
        int length = (int) (word0 & 0xff);
        if (length < 1 || length > DIGEST_BYTES_MAX) {
            throw new IllegalArgumentException("digest of " + length + " bytes; allowed: 1 to " + DIGEST_BYTES_MAX);
        }
        if (key.length > KEY_BYTES_MAX) {
            throw new IllegalArgumentException("key of " + key.length + " bytes; allowed: 0 to " + KEY_BYTES_MAX);
        }
        h[0] = IV0 ^ word0;
        h[1] = IV1 ^ word1;
        h[2] = IV2 ^ word2;
        h[3] = IV3;
        h[4] = IV4;
        h[5] = IV5;
        h[6] = IV6;
        h[7] = IV7;
        digestBytes = length;
        hashedBytes = 0;
        blockLength = 0;
        if (key.length > 0) {
            System.arraycopy(key, 0, block, 0, key.length);
            Arrays.fill(block, key.length, BLOCK_BYTES, (byte) 0);
            blockLength = BLOCK_BYTES;
        }
    }

    /** Takes more of the message. */
    public void update(byte[] bytes, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        int from = offset;
        int left = length;
        while (left > 0) {
            if (blockLength == BLOCK_BYTES) {
                hashedBytes += BLOCK_BYTES;
                compress(0);
                blockLength = 0;
            }
            int taken = Math.min(left, BLOCK_BYTES - blockLength);
            System.arraycopy(bytes, from, block, blockLength, taken);
            blockLength += taken;
            from += taken;
            left -= taken;
        }
    }

    /** Ends the message and writes its digest, as many bytes as {@code start} was told. */
    public void finish(byte[] out, int offset) {
        Objects.checkFromIndexSize(offset, digestBytes, out.length);
        Arrays.fill(block, blockLength, BLOCK_BYTES, (byte) 0);
        hashedBytes += blockLength;
        compress(-1L);
        int whole = digestBytes >>> 3;
        for (int i = 0; i < whole; i++) {
            LONG.set(out, offset + 8 * i, h[i]);
        }
        for (int i = whole << 3; i < digestBytes; i++) {
            out[offset + i] = (byte) (h[whole] >>> 8 * (i & 7));
        }
    }

    /** Overwrites the state and the buffered message with zeros. */
    void wipe() {
        Arrays.fill(h, 0);
        Arrays.fill(m, 0);
        Arrays.fill(block, (byte) 0);
        blockLength = 0;
        hashedBytes = 0;
    }

    private void compress(long lastBlock) {
        long[] m = this.m;
        for (int i = 0; i < 16; i++) {
            m[i] = (long) LONG.get(block, 8 * i);
        }
        long v0 = h[0];
        long v1 = h[1];
        long v2 = h[2];
        long v3 = h[3];
        long v4 = h[4];
        long v5 = h[5];
        long v6 = h[6];
        long v7 = h[7];
        long v8 = IV0;
        long v9 = IV1;
        long v10 = IV2;
        long v11 = IV3;
        long v12 = IV4 ^ hashedBytes;
        long v13 = IV5;
        long v14 = IV6 ^ lastBlock;
        long v15 = IV7;
        for (int s = 0; s < ROUNDS * 16; s += 16) {
            v0 += v4 + m[SIGMA[s]];
            v12 = Long.rotateRight(v12 ^ v0, 32);
            v8 += v12;
            v4 = Long.rotateRight(v4 ^ v8, 24);
            v0 += v4 + m[SIGMA[s + 1]];
            v12 = Long.rotateRight(v12 ^ v0, 16);
            v8 += v12;
            v4 = Long.rotateRight(v4 ^ v8, 63);

            v1 += v5 + m[SIGMA[s + 2]];
            v13 = Long.rotateRight(v13 ^ v1, 32);
            v9 += v13;
            v5 = Long.rotateRight(v5 ^ v9, 24);
            v1 += v5 + m[SIGMA[s + 3]];
            v13 = Long.rotateRight(v13 ^ v1, 16);
            v9 += v13;
            v5 = Long.rotateRight(v5 ^ v9, 63);

            v2 += v6 + m[SIGMA[s + 4]];
            v14 = Long.rotateRight(v14 ^ v2, 32);
            v10 += v14;
            v6 = Long.rotateRight(v6 ^ v10, 24);
            v2 += v6 + m[SIGMA[s + 5]];
            v14 = Long.rotateRight(v14 ^ v2, 16);
            v10 += v14;
            v6 = Long.rotateRight(v6 ^ v10, 63);

            v3 += v7 + m[SIGMA[s + 6]];
            v15 = Long.rotateRight(v15 ^ v3, 32);
            v11 += v15;
            v7 = Long.rotateRight(v7 ^ v11, 24);
            v3 += v7 + m[SIGMA[s + 7]];
            v15 = Long.rotateRight(v15 ^ v3, 16);
            v11 += v15;
            v7 = Long.rotateRight(v7 ^ v11, 63);

            v0 += v5 + m[SIGMA[s + 8]];
            v15 = Long.rotateRight(v15 ^ v0, 32);
            v10 += v15;
            v5 = Long.rotateRight(v5 ^ v10, 24);
            v0 += v5 + m[SIGMA[s + 9]];
            v15 = Long.rotateRight(v15 ^ v0, 16);
            v10 += v15;
            v5 = Long.rotateRight(v5 ^ v10, 63);

            v1 += v6 + m[SIGMA[s + 10]];
            v12 = Long.rotateRight(v12 ^ v1, 32);
            v11 += v12;
            v6 = Long.rotateRight(v6 ^ v11, 24);
            v1 += v6 + m[SIGMA[s + 11]];
            v12 = Long.rotateRight(v12 ^ v1, 16);
            v11 += v12;
            v6 = Long.rotateRight(v6 ^ v11, 63);

            v2 += v7 + m[SIGMA[s + 12]];
            v13 = Long.rotateRight(v13 ^ v2, 32);
            v8 += v13;
            v7 = Long.rotateRight(v7 ^ v8, 24);
            v2 += v7 + m[SIGMA[s + 13]];
            v13 = Long.rotateRight(v13 ^ v2, 16);
            v8 += v13;
            v7 = Long.rotateRight(v7 ^ v8, 63);

            v3 += v4 + m[SIGMA[s + 14]];
            v14 = Long.rotateRight(v14 ^ v3, 32);
            v9 += v14;
            v4 = Long.rotateRight(v4 ^ v9, 24);
            v3 += v4 + m[SIGMA[s + 15]];
            v14 = Long.rotateRight(v14 ^ v3, 16);
            v9 += v14;
            v4 = Long.rotateRight(v4 ^ v9, 63);
        }
        h[0] ^= v0 ^ v8;
        h[1] ^= v1 ^ v9;
        h[2] ^= v2 ^ v10;
        h[3] ^= v3 ^ v11;
        h[4] ^= v4 ^ v12;
        h[5] ^= v5 ^ v13;
        h[6] ^= v6 ^ v14;
        h[7] ^= v7 ^ v15;
    }
}
