package io.latticegate.fhe.core.wire.zstd;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** XXH64 with seed 0, the checksum of a Zstandard frame (RFC 8878, section 3.1.1; the xxHash specification, version 0.1.1). */
final class XxHash64 {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int STRIPE_BYTES = 32;
    private static final long P1 = 0x9E3779B185EBCA87L;
    private static final long P1_PLUS_P2 = 0x60EA27EEADC0B5D6L;
    private static final long P2 = 0xC2B2AE3D27D4EB4FL;
    private static final long P3 = 0x165667B19E3779F9L;
    private static final long P4 = 0x85EBCA77C2B2AE63L;
    private static final long P5 = 0x27D4EB2F165667C5L;

    private final long[] lanes = new long[4];
    private final byte[] stripe = new byte[STRIPE_BYTES];
    private int stripeLength;
    private long total;

    void reset() {
        lanes[0] = P1_PLUS_P2;
        lanes[1] = P2;
        lanes[2] = 0;
        lanes[3] = -P1;
        stripeLength = 0;
        total = 0;
    }

    void update(byte[] bytes, int offset, int count) {
        total += count;
        int at = offset;
        int left = count;
        while (left > 0) {
            if (stripeLength == 0 && left >= STRIPE_BYTES) {
                mix(bytes, at);
                at += STRIPE_BYTES;
                left -= STRIPE_BYTES;
                continue;
            }
            int run = Math.min(left, STRIPE_BYTES - stripeLength);
            System.arraycopy(bytes, at, stripe, stripeLength, run);
            stripeLength += run;
            at += run;
            left -= run;
            if (stripeLength == STRIPE_BYTES) {
                mix(stripe, 0);
                stripeLength = 0;
            }
        }
    }

    long digest() {
        long hash;
        if (total >= STRIPE_BYTES) {
            hash = Long.rotateLeft(lanes[0], 1)
                    + Long.rotateLeft(lanes[1], 7)
                    + Long.rotateLeft(lanes[2], 12)
                    + Long.rotateLeft(lanes[3], 18);
            for (long lane : lanes) {
                hash = (hash ^ round(0, lane)) * P1 + P4;
            }
        } else {
            hash = P5;
        }
        hash += total;
        int at = 0;
        for (; at + 8 <= stripeLength; at += 8) {
            hash = Long.rotateLeft(hash ^ round(0, (long) LONG.get(stripe, at)), 27) * P1 + P4;
        }
        if (at + 4 <= stripeLength) {
            hash = Long.rotateLeft(hash ^ ((int) INT.get(stripe, at) & 0xffffffffL) * P1, 23) * P2 + P3;
            at += 4;
        }
        for (; at < stripeLength; at++) {
            hash = Long.rotateLeft(hash ^ (stripe[at] & 0xff) * P5, 11) * P1;
        }
        hash = (hash ^ hash >>> 33) * P2;
        hash = (hash ^ hash >>> 29) * P3;
        return hash ^ hash >>> 32;
    }

    private void mix(byte[] bytes, int at) {
        for (int lane = 0; lane < 4; lane++) {
            lanes[lane] = round(lanes[lane], (long) LONG.get(bytes, at + 8 * lane));
        }
    }

    private static long round(long accumulator, long input) {
        return Long.rotateLeft(accumulator + input * P2, 31) * P1;
    }
}
