package io.latticegate.common.value;

import java.nio.ByteBuffer;

/**
 * SHA-256 of an access token: what services pass on instead of the token. Four longs, big-endian, so that it is a cheap
 * map key.
 */
public record TokenDigest(long a, long b, long c, long d) {
    /** Reads 32 bytes. */
    public static TokenDigest of(byte[] sha256) {
        if (sha256.length != 32) {
            throw new IllegalArgumentException("a token digest has 32 bytes, not " + sha256.length);
        }
        ByteBuffer bytes = ByteBuffer.wrap(sha256);
        return new TokenDigest(bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong());
    }

    /** The digest as 32 bytes. */
    public byte[] bytes() {
        return ByteBuffer.allocate(32)
                .putLong(a)
                .putLong(b)
                .putLong(c)
                .putLong(d)
                .array();
    }

    @Override
    public int hashCode() {
        return Long.hashCode(a);
    }

    @Override
    public String toString() {
        return "TokenDigest(****)";
    }
}
