package io.latticegate.vault.kms;

import io.latticegate.common.crypto.AesGcm;
import io.latticegate.common.crypto.Fingerprint;
import io.latticegate.common.crypto.PrivateFile;
import io.latticegate.common.value.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/**
 * A 32-byte key-encryption key held in this process, from a file or an environment variable in base64. Wraps with
 * AES-256-GCM: 12-byte random nonce, ciphertext, 16-byte tag. One key wraps at most 2³² data keys (SP 800-38D, 8.3).
 *
 * <p>Its id is derived from the key itself, so that a wrong key is reported as an unknown one and not as damaged records.
 */
public final class StaticKek implements KeyEncryptionKey, AutoCloseable {
    private static final int FILE_MAX_BYTES = 256;
    private static final Secret ID_LABEL = Secret.ofText("latticegate/vault/kek-id/v1");

    private final String id;
    private final Secret key;
    private final SecureRandom random;

    private StaticKek(Secret key, SecureRandom random) {
        this.key = key;
        this.random = random;
        try (Fingerprint namer = new Fingerprint(key.copy())) {
            this.id = "static-" + namer.of(ID_LABEL);
        }
    }

    /** @param key 32 bytes; this takes ownership */
    public static StaticKek of(Secret key, SecureRandom random) {
        if (key.length() != AesGcm.KEY_BYTES) {
            throw new IllegalArgumentException("a key-encryption key has 32 bytes, not " + key.length());
        }
        return new StaticKek(key, random);
    }

    /**
     * Reads a key from base64 text, which stays the caller's.
     *
     * @param origin where the text comes from, for the error message
     */
    public static StaticKek ofBase64(byte[] text, String origin, SecureRandom random) {
        byte[] key = decoded(text);
        if (key.length != AesGcm.KEY_BYTES) {
            Arrays.fill(key, (byte) 0);
            throw new IllegalArgumentException(
                    origin + " must hold 32 bytes in base64 (44 characters); `openssl rand -base64 32` makes them");
        }
        return new StaticKek(Secret.owning(key), random);
    }

    /** Reads a key from an environment variable's value, which already exists as a string. */
    public static StaticKek ofBase64(String value, String origin, SecureRandom random) {
        byte[] text = value.getBytes(StandardCharsets.UTF_8);
        try {
            return ofBase64(text, origin, random);
        } finally {
            Arrays.fill(text, (byte) 0);
        }
    }

    /**
     * Reads a key file.
     *
     * @throws UncheckedIOException when it cannot be read
     */
    public static StaticKek read(Path file, SecureRandom random) {
        byte[] text = {};
        try {
            if (Files.size(file) > FILE_MAX_BYTES) {
                throw new IllegalArgumentException(file + " is too large for a key of 32 bytes in base64");
            }
            text = Files.readAllBytes(file);
            return ofBase64(text, file.toString(), random);
        } catch (IOException failed) {
            throw new UncheckedIOException("cannot read the key-encryption key " + file, failed);
        } finally {
            Arrays.fill(text, (byte) 0);
        }
    }

    /**
     * Reads a key file, or makes one (0600) with a new key where there is none: for the standalone profile only, since a
     * key made in passing on a server is lost with its disk, and every record with it.
     */
    public static StaticKek readOrCreate(Path file, SecureRandom random) {
        if (!Files.exists(file)) {
            byte[] key = new byte[AesGcm.KEY_BYTES];
            random.nextBytes(key);
            byte[] text = Base64.getEncoder().encode(key);
            try {
                PrivateFile.create(file, text);
            } catch (FileAlreadyExistsException madeMeanwhile) {
                return read(file, random);
            } catch (IOException failed) {
                throw new UncheckedIOException("cannot create the key-encryption key " + file, failed);
            } finally {
                Arrays.fill(key, (byte) 0);
                Arrays.fill(text, (byte) 0);
            }
        }
        return read(file, random);
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

    /** The decoded bytes, none when {@code text} is not base64. */
    private static byte[] decoded(byte[] text) {
        byte[] trimmed = withoutWhitespaceAround(text);
        try {
            return Base64.getDecoder().decode(trimmed);
        } catch (IllegalArgumentException notBase64) {
            return new byte[0];
        } finally {
            Arrays.fill(trimmed, (byte) 0);
        }
    }

    private static byte[] withoutWhitespaceAround(byte[] text) {
        int from = 0;
        int to = text.length;
        while (from < to && text[from] <= ' ' && text[from] >= 0) {
            from++;
        }
        while (to > from && text[to - 1] <= ' ' && text[to - 1] >= 0) {
            to--;
        }
        return Arrays.copyOfRange(text, from, to);
    }
}
