package io.latticegate.vault.kms;

import io.latticegate.common.crypto.AesGcm;
import io.latticegate.common.crypto.PrivateFile;
import io.latticegate.common.value.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/**
 * A 32-byte key-encryption key held in this process. Wraps with AES-256-GCM: 12-byte random nonce, ciphertext, 16-byte
 * tag. One key wraps at most 2^32 data keys (SP 800-38D, 8.3).
 */
public final class StaticKek implements KeyEncryptionKey, AutoCloseable {
    private final String id;
    private final Secret key;
    private final SecureRandom random;

    private StaticKek(String id, Secret key, SecureRandom random) {
        this.id = id;
        this.key = key;
        this.random = random;
    }

    /**
     * @param id never reused for another key: records name the key that protects them by it
     * @param key 32 bytes; this takes ownership
     */
    public static StaticKek of(String id, Secret key, SecureRandom random) {
        if (key.length() != AesGcm.KEY_BYTES) {
            throw new IllegalArgumentException(
                    "the key-encryption key " + id + " has " + key.length() + " bytes, not 32");
        }
        return new StaticKek(id, key, random);
    }

    /**
     * Makes a key file (0600, base64) with a new key where there is none: for the standalone profile only, since a key
     * made in passing on a server is lost with its disk, and every record with it.
     *
     * @throws UncheckedIOException when it cannot be written
     */
    public static void createFileIfMissing(Path file, SecureRandom random) {
        if (Files.exists(file)) {
            return;
        }
        byte[] key = new byte[AesGcm.KEY_BYTES];
        random.nextBytes(key);
        byte[] text = Base64.getEncoder().encode(key);
        try {
            PrivateFile.createIfMissing(file, text);
        } catch (IOException failed) {
            throw new UncheckedIOException("cannot create the key-encryption key " + file, failed);
        } finally {
            Arrays.fill(key, (byte) 0);
            Arrays.fill(text, (byte) 0);
        }
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public byte[] wrap(byte[] dek, byte[] aad) {
        byte[] nonce = new byte[AesGcm.NONCE_BYTES];
        random.nextBytes(nonce);
        byte[] sealed = key.expose(bytes -> AesGcm.seal(bytes, nonce, aad, dek));
        byte[] wrapped = Arrays.copyOf(nonce, nonce.length + sealed.length);
        System.arraycopy(sealed, 0, wrapped, nonce.length, sealed.length);
        return wrapped;
    }

    @Override
    public Optional<byte[]> unwrap(byte[] wrapped, byte[] aad) {
        if (wrapped.length != AesGcm.NONCE_BYTES + AesGcm.KEY_BYTES + AesGcm.TAG_BYTES) {
            return Optional.empty();
        }
        byte[] nonce = Arrays.copyOf(wrapped, AesGcm.NONCE_BYTES);
        byte[] sealed = Arrays.copyOfRange(wrapped, AesGcm.NONCE_BYTES, wrapped.length);
        return key.expose(bytes -> AesGcm.open(bytes, nonce, aad, sealed));
    }

    @Override
    public void close() {
        key.close();
    }

    @Override
    public String toString() {
        return "StaticKek(" + id + ")";
    }
}
