package io.latticegate.fhe.core.random;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;

/**
 * SHAKE256 (FIPS 202, sections 3 and 6.2) for whole messages shorter than one block of {@value #RATE_BYTES} bytes, which is
 * all that seed expansion needs. Not safe for use by several threads.
 */
public final class Shake256 {
    /** Bytes of state that a message block fills and an output block shows. */
    public static final int RATE_BYTES = 136;

    private static final int ROUNDS = 24;
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long[] IOTA = roundConstants();
    private static final int[] RHO = rotations();

    private final long[] a = new long[25];
    private final long[] b = new long[25];
    private final long[] c = new long[5];
    private final byte[] block = new byte[RATE_BYTES];

    /**
     * Fills a range with the first bytes of the output for a message.
     *
     * @param message shorter than {@value #RATE_BYTES} bytes
     */
    public void expand(byte[] message, byte[] out, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, out.length);
        if (message.length >= RATE_BYTES) {
            throw new IllegalArgumentException(
                    "message of " + message.length + " bytes; allowed: up to " + (RATE_BYTES - 1));
        }
        System.arraycopy(message, 0, block, 0, message.length);
        Arrays.fill(block, message.length, RATE_BYTES, (byte) 0);
        block[message.length] = 0x1f;
        block[RATE_BYTES - 1] |= (byte) 0x80;
        Arrays.fill(a, 0);
        for (int i = 0; i < RATE_BYTES / 8; i++) {
            a[i] = (long) LONG.get(block, 8 * i);
        }
        for (int done = 0; done < length; done += RATE_BYTES) {
            permute();
            for (int i = 0; i < RATE_BYTES / 8; i++) {
                LONG.set(block, 8 * i, a[i]);
            }
            System.arraycopy(block, 0, out, offset + done, Math.min(RATE_BYTES, length - done));
        }
    }

    /** Overwrites what is left of the last expansion with zeros. */
    void wipe() {
        Arrays.fill(a, 0);
        Arrays.fill(b, 0);
        Arrays.fill(c, 0);
        Arrays.fill(block, (byte) 0);
    }

    /** Keccak-f[1600]: lane (x, y) of FIPS 202 is word {@code x + 5y}. */
    private void permute() {
        for (int round = 0; round < ROUNDS; round++) {
            for (int x = 0; x < 5; x++) {
                c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
            }
            for (int x = 0; x < 5; x++) {
                long d = c[(x + 4) % 5] ^ Long.rotateLeft(c[(x + 1) % 5], 1);
                for (int y = 0; y < 25; y += 5) {
                    a[x + y] ^= d;
                }
            }
            for (int x = 0; x < 5; x++) {
                for (int y = 0; y < 5; y++) {
                    b[y + 5 * ((2 * x + 3 * y) % 5)] = Long.rotateLeft(a[x + 5 * y], RHO[x + 5 * y]);
                }
            }
            for (int y = 0; y < 25; y += 5) {
                for (int x = 0; x < 5; x++) {
                    a[x + y] = b[x + y] ^ (~b[(x + 1) % 5 + y] & b[(x + 2) % 5 + y]);
                }
            }
            a[0] ^= IOTA[round];
        }
    }

    /** FIPS 202, algorithm 2: lane t of a walk from (1, 0) is turned by the triangular number of t + 1. */
    private static int[] rotations() {
        int[] rotations = new int[25];
        int x = 1;
        int y = 0;
        for (int t = 0; t < 24; t++) {
            rotations[x + 5 * y] = (t + 1) * (t + 2) / 2 % 64;
            int next = (2 * x + 3 * y) % 5;
            x = y;
            y = next;
        }
        return rotations;
    }

    /** FIPS 202, algorithms 5 and 6: bit 2^j - 1 of a round's constant is the next bit of x^8 + x^6 + x^5 + x^4 + 1. */
    private static long[] roundConstants() {
        long[] constants = new long[ROUNDS];
        int register = 1;
        for (int round = 0; round < ROUNDS; round++) {
            for (int j = 0; j < 7; j++) {
                constants[round] |= (long) (register & 1) << (1 << j) - 1;
                register = register << 1 ^ (register >>> 7) * 0x171;
            }
        }
        return constants;
    }
}
