package io.latticegate.common.value;

import java.util.Arrays;

/**
 * A secret encrypted to one receiver's key with HPKE base mode (RFC 9180), DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
 * AES-256-GCM.
 *
 * @param encapsulatedKey the 32-byte KEM share
 * @param ciphertext ciphertext and 16-byte tag
 */
public record SealedSecret(byte[] encapsulatedKey, byte[] ciphertext) {
    /** Length of an X25519 public key and of the KEM share, in bytes. */
    public static final int KEY_BYTES = 32;

    public SealedSecret {
        if (encapsulatedKey.length != KEY_BYTES) {
            throw new IllegalArgumentException("an encapsulated key has 32 bytes, not " + encapsulatedKey.length);
        }
        if (ciphertext.length < 17 || ciphertext.length > Secret.MAX_BYTES + 16) {
            throw new IllegalArgumentException(
                    "a sealed secret has 17 to " + (Secret.MAX_BYTES + 16) + " bytes, not " + ciphertext.length);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SealedSecret sealed
                && Arrays.equals(encapsulatedKey, sealed.encapsulatedKey)
                && Arrays.equals(ciphertext, sealed.ciphertext);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(ciphertext);
    }

    @Override
    public String toString() {
        return "SealedSecret(" + ciphertext.length + " bytes)";
    }
}
