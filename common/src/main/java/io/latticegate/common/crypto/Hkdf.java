package io.latticegate.common.crypto;

import java.util.Arrays;

/** HKDF with SHA-256 (RFC 5869): extract, then expand. */
public final class Hkdf {
    /** Longest output: 255 blocks of 32 bytes. */
    public static final int OUTPUT_MAX_BYTES = 255 * HmacSha256.BYTES;

    /**
     * Derives {@code length} bytes; the caller owns and wipes them.
     *
     * @param keyMaterial the input keying material, left unchanged
     * @param salt public, may be empty
     * @param info what the output is for, may be empty
     * @param length 1 to {@link #OUTPUT_MAX_BYTES}
     */
    public static byte[] derive(byte[] keyMaterial, byte[] salt, byte[] info, int length) {
        if (length < 1 || length > OUTPUT_MAX_BYTES) {
            throw new IllegalArgumentException("HKDF-SHA256 yields 1 to " + OUTPUT_MAX_BYTES + " bytes, not " + length);
        }
        byte[] pseudorandomKey = HmacSha256.of(salt, keyMaterial);
        byte[] block = new byte[0];
        byte[] output = new byte[length];
        try {
            for (int done = 0, counter = 1; done < length; counter++) {
                byte[] next = HmacSha256.of(pseudorandomKey, block, info, new byte[] {(byte) counter});
                Arrays.fill(block, (byte) 0);
                block = next;
                int taken = Math.min(block.length, length - done);
                System.arraycopy(block, 0, output, done, taken);
                done += taken;
            }
            return output;
        } finally {
            Arrays.fill(pseudorandomKey, (byte) 0);
            Arrays.fill(block, (byte) 0);
        }
    }

    private Hkdf() {}
}
