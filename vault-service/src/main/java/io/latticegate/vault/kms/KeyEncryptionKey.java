package io.latticegate.vault.kms;

import java.util.Optional;

/**
 * A key that wraps data keys. It may live in this process or in a device or service that never gives it out; the latter
 * throw an unchecked exception of their own when they cannot be reached, which is never taken for a forged record.
 */
public interface KeyEncryptionKey {
    /** Longest id, in ASCII characters. */
    int ID_MAX_LENGTH = 64;

    /** Names this key in records: 1 to {@link #ID_MAX_LENGTH} letters, digits, dots, hyphens, colons, underscores. */
    String id();

    /**
     * Encrypts a data key.
     *
     * @param dek 32 bytes, left unchanged
     * @param aad what the result is bound to
     */
    byte[] wrap(byte[] dek, byte[] aad);

    /** The data key, which the caller owns and wipes, or nothing when {@code wrapped} is not what this key wrapped. */
    Optional<byte[]> unwrap(byte[] wrapped, byte[] aad);
}
