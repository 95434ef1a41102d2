package io.latticegate.common.crypto;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * 32 bytes read as a big-endian unsigned number: a Keccak-256 or SHA-256 value, or a scalar of a signature. Ordered as
 * unsigned numbers.
 *
 * @param word0 bytes 0 to 7, the most significant
 * @param word1 bytes 8 to 15
 * @param word2 bytes 16 to 23
 * @param word3 bytes 24 to 31
 */
public record Hash32(long word0, long word1, long word2, long word3) implements Comparable<Hash32> {

    /** Bytes in a value. */
    public static final int BYTES = 32;

    /** The value whose bytes are all zero. */
    public static final Hash32 ZERO = new Hash32(0, 0, 0, 0);

    /**
     * The 32 bytes that start at {@code offset}.
     *
     * @throws IndexOutOfBoundsException when fewer than 32 bytes are left
     */
    public static Hash32 of(byte[] bytes, int offset) {
        ByteBuffer words = ByteBuffer.wrap(bytes, offset, BYTES);
        return new Hash32(words.getLong(), words.getLong(), words.getLong(), words.getLong());
    }

    /**
     * Reads {@code 0x} and 64 hexadecimal digits.
     *
     * @throws IllegalArgumentException for any other text
     */
    public static Hash32 parse(String text) {
        if (text.length() != 2 + 2 * BYTES || !text.startsWith("0x")) {
            throw new IllegalArgumentException("a 32-byte value is 0x and 64 hexadecimal digits");
        }
        return of(HexFormat.of().parseHex(text, 2, text.length()), 0);
    }

    /** A new array of the 32 bytes. */
    public byte[] toBytes() {
        byte[] bytes = new byte[BYTES];
        copyTo(bytes, 0);
        return bytes;
    }

    /** Writes the 32 bytes into {@code target} from {@code offset} on. */
    public void copyTo(byte[] target, int offset) {
        ByteBuffer.wrap(target, offset, BYTES)
                .putLong(word0)
                .putLong(word1)
                .putLong(word2)
                .putLong(word3);
    }

    @Override
    public int compareTo(Hash32 other) {
        int order = Long.compareUnsigned(word0, other.word0);
        order = order != 0 ? order : Long.compareUnsigned(word1, other.word1);
        order = order != 0 ? order : Long.compareUnsigned(word2, other.word2);
        return order != 0 ? order : Long.compareUnsigned(word3, other.word3);
    }

    /** {@code 0x} and 64 lower-case hexadecimal digits. */
    @Override
    public String toString() {
        return "0x" + HexFormat.of().formatHex(toBytes());
    }
}
