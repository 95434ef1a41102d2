package io.latticegate.common.crypto;

import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES-256-GCM (NIST SP 800-38D) with a 96-bit nonce and a 128-bit tag.
 *
 * <p>GCM does not commit to its key: one ciphertext can be made to open under two keys. Whoever lets others choose
 * ciphertexts adds a commitment. The JCA keeps a copy of the key that nothing can wipe before it is collected.
 */
public final class AesGcm {
    public static final int KEY_BYTES = 32;
    public static final int NONCE_BYTES = 12;
    public static final int TAG_BYTES = 16;

    private static final String ALGORITHM = "AES/GCM/NoPadding";

    /**
     * Ciphertext followed by the tag.
     *
     * @param nonce 12 bytes, never used twice under one key
     */
    public static byte[] seal(byte[] key, byte[] nonce, byte[] aad, byte[] plaintext) {
        return new Engine().seal(key(key), nonce, aad, plaintext);
    }

    /** The plaintext, which the caller owns and wipes, or nothing when the tag does not fit. */
    public static Optional<byte[]> open(byte[] key, byte[] nonce, byte[] aad, byte[] sealed) {
        return new Engine().open(key(key), nonce, aad, sealed);
    }

    /** A key for {@link Engine}; it copies {@code key}, which has 32 bytes. */
    public static SecretKey key(byte[] key) {
        if (key.length != KEY_BYTES) {
            throw new IllegalArgumentException("AES-256-GCM takes a key of 32 bytes, not " + key.length);
        }
        return new SecretKeySpec(key, "AES");
    }

    /** One cipher for many texts, since looking it up costs more than sealing a few hundred bytes. Not thread-safe. */
    public static final class Engine {
        private final Cipher cipher;

        public Engine() {
            try {
                cipher = Cipher.getInstance(ALGORITHM);
            } catch (GeneralSecurityException missing) {
                throw new IllegalStateException("this JDK has no AES-256-GCM", missing);
            }
        }

        /** As {@link AesGcm#seal}, under a key of {@link AesGcm#key}. */
        public byte[] seal(SecretKey key, byte[] nonce, byte[] aad, byte[] plaintext) {
            try {
                cipher.init(Cipher.ENCRYPT_MODE, key, parameters(nonce));
                cipher.updateAAD(aad);
                return cipher.doFinal(plaintext);
            } catch (GeneralSecurityException impossible) {
                throw new IllegalStateException("AES-256-GCM failed to encrypt", impossible);
            }
        }

        /** As {@link AesGcm#open}, under a key of {@link AesGcm#key}. */
        public Optional<byte[]> open(SecretKey key, byte[] nonce, byte[] aad, byte[] sealed) {
            try {
                cipher.init(Cipher.DECRYPT_MODE, key, parameters(nonce));
                cipher.updateAAD(aad);
                return Optional.of(cipher.doFinal(sealed));
            } catch (AEADBadTagException forged) {
                return Optional.empty();
            } catch (GeneralSecurityException impossible) {
                throw new IllegalStateException("AES-256-GCM failed to decrypt", impossible);
            }
        }
    }

    private static GCMParameterSpec parameters(byte[] nonce) {
        if (nonce.length != NONCE_BYTES) {
            throw new IllegalArgumentException("AES-256-GCM takes a nonce of 12 bytes, not " + nonce.length);
        }
        return new GCMParameterSpec(TAG_BYTES * 8, nonce);
    }

    private AesGcm() {}
}
