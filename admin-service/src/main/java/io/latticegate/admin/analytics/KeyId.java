package io.latticegate.admin.analytics;

import java.nio.ByteBuffer;

/** The first 16 bytes of a SHA-256, by which a row of {@code analytics_key} is known. */
record KeyId(long high, long low) implements Comparable<KeyId> {
    static KeyId ofDigest(byte[] digest) {
        ByteBuffer bytes = ByteBuffer.wrap(digest);
        return new KeyId(bytes.getLong(), bytes.getLong());
    }

    byte[] bytes() {
        return ByteBuffer.allocate(16).putLong(high).putLong(low).array();
    }

    @Override
    public int compareTo(KeyId other) {
        int first = Long.compareUnsigned(high, other.high);
        return first != 0 ? first : Long.compareUnsigned(low, other.low);
    }
}
