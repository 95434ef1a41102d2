package io.latticegate.admin.subject;

import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** The random name of a subject's key, which says nothing about the subject. */
final class KeyId {
    static final int BYTES = 16;

    private final byte[] bytes;

    /** Takes the array over. */
    KeyId(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("the name of a key has " + BYTES + " bytes, not " + bytes.length);
        }
        this.bytes = bytes;
    }

    /** Not to be changed. */
    byte[] bytes() {
        return bytes;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof KeyId id && Arrays.equals(bytes, id.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }
}
