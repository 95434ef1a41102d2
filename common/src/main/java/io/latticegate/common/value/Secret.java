package io.latticegate.common.value;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.function.Function;

/**
 * Bytes that must not be printed, compared in variable time, or serialised: a provider key, a KEK, a pepper.
 *
 * <p>Not a record, because a record prints itself. The holder owns its bytes; {@link #expose} lends them for the length
 * of one call so that every use is found by one search, and {@link #close} wipes them. Using a wiped secret throws
 * {@link IllegalStateException}. The bytes live on the Java heap until wiped; a moving collector may leave copies.
 */
public final class Secret implements AutoCloseable {
    /** Longest secret that the product accepts from outside, in bytes. */
    public static final int MAX_BYTES = 8 * 1024;

    private final byte[] bytes;
    private volatile boolean wiped;

    private Secret(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Takes ownership of {@code bytes}: the caller must not keep or change them. */
    public static Secret owning(byte[] bytes) {
        if (bytes.length == 0 || bytes.length > MAX_BYTES) {
            throw new IllegalArgumentException("a secret has 1 to " + MAX_BYTES + " bytes, not " + bytes.length);
        }
        return new Secret(bytes);
    }

    /** A secret from text that already exists as a string, such as an environment variable. */
    public static Secret ofText(String text) {
        return owning(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Lends the bytes to {@code use}, which must not keep them. */
    public <T> T expose(Function<byte[], T> use) {
        if (wiped) {
            throw new IllegalStateException("this secret was wiped");
        }
        return use.apply(bytes);
    }

    /** Length in bytes. */
    public int length() {
        return bytes.length;
    }

    /** An independent copy with a life of its own. */
    public Secret copy() {
        return expose(raw -> new Secret(raw.clone()));
    }

    /** Overwrites the bytes with zeros. Safe to call twice. */
    @Override
    public void close() {
        wiped = true;
        Arrays.fill(bytes, (byte) 0);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret secret && MessageDigest.isEqual(bytes, secret.bytes);
    }

    /** Constant, so that a hash table never reveals anything about the content. */
    @Override
    public int hashCode() {
        return Secret.class.hashCode();
    }

    @Override
    public String toString() {
        return "Secret(****)";
    }
}
