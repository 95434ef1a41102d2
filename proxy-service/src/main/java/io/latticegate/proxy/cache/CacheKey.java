package io.latticegate.proxy.cache;

import io.latticegate.common.crypto.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Names one request of one project: SHA-256 over everything that may change the answer, each part preceded by its length,
 * so that two different requests have the same name only by a collision of SHA-256. Never leaves the process.
 */
public record CacheKey(long first, long second, long third, long fourth) {
    /** Length of {@link #toBytes}. */
    public static final int BYTES = 32;

    /** The hash. */
    public byte[] toBytes() {
        return ByteBuffer.allocate(BYTES)
                .putLong(first)
                .putLong(second)
                .putLong(third)
                .putLong(fourth)
                .array();
    }

    /** Collects the parts of a key, in a fixed order. Not thread-safe. */
    public static final class Builder {
        private static final byte[] DOMAIN = "latticegate/cache/v1".getBytes(StandardCharsets.US_ASCII);

        private final List<byte[]> parts = new ArrayList<>();

        public Builder() {
            add(DOMAIN);
        }

        public Builder add(String part) {
            return add(part.getBytes(StandardCharsets.UTF_8));
        }

        /** {@code part} is read when the key is built. */
        public Builder add(byte[] part) {
            parts.add(ByteBuffer.allocate(Integer.BYTES).putInt(part.length).array());
            parts.add(part);
            return this;
        }

        public CacheKey build() {
            ByteBuffer hash = ByteBuffer.wrap(Sha256.of(parts.toArray(new byte[0][])));
            return new CacheKey(hash.getLong(), hash.getLong(), hash.getLong(), hash.getLong());
        }
    }
}
