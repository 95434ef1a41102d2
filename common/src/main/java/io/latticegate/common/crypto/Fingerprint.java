package io.latticegate.common.crypto;

import io.latticegate.common.value.Secret;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Short names for secrets: the first 12 hex digits of HMAC-SHA256 under a key that only the vault has, or one process. A bare hash would
 * let anyone who sees the name test guesses of the secret.
 */
public final class Fingerprint implements AutoCloseable {
    private static final int NAME_BYTES = 6;

    private final Secret key;

    /** @param key at least 32 bytes; this takes ownership */
    public Fingerprint(Secret key) {
        if (key.length() < HmacSha256.BYTES) {
            throw new IllegalArgumentException("a fingerprint key has at least 32 bytes, not " + key.length());
        }
        this.key = key;
    }

    /** One whose names mean nothing outside of this process. */
    public static Fingerprint random(SecureRandom random) {
        byte[] key = new byte[HmacSha256.BYTES];
        random.nextBytes(key);
        return new Fingerprint(Secret.owning(key));
    }

    /** The 12 lower-case hex digits that name {@code secret}. */
    public String of(Secret secret) {
        byte[] mac = key.expose(keyBytes -> secret.expose(bytes -> HmacSha256.of(keyBytes, bytes)));
        try {
            return HexFormat.of().formatHex(mac, 0, NAME_BYTES);
        } finally {
            Arrays.fill(mac, (byte) 0);
        }
    }

    @Override
    public void close() {
        key.close();
    }

    @Override
    public String toString() {
        return "Fingerprint(****)";
    }
}
