package io.latticegate.admin.session;

import io.latticegate.common.crypto.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.function.Function;

/**
 * The token of a principal: {@code lgm_} and 32 characters of base64url, which are 192 random bits. Shown once; only its
 * SHA-256 is kept, which for so many random bits is as good as a slow hash.
 */
public final class PrincipalToken implements AutoCloseable {
    /** Length of every token, in characters. */
    public static final int LENGTH = 36;

    private static final String PREFIX = "lgm_";
    private static final int RANDOM_BYTES = 24;

    private final byte[] ascii;

    private PrincipalToken(byte[] ascii) {
        this.ascii = ascii;
    }

    /** A new token. */
    public static PrincipalToken create(SecureRandom random) {
        byte[] bits = new byte[RANDOM_BYTES];
        random.nextBytes(bits);
        byte[] encoded = Base64.getUrlEncoder().withoutPadding().encode(bits);
        byte[] ascii = new byte[LENGTH];
        System.arraycopy(PREFIX.getBytes(StandardCharsets.US_ASCII), 0, ascii, 0, PREFIX.length());
        System.arraycopy(encoded, 0, ascii, PREFIX.length(), encoded.length);
        Arrays.fill(bits, (byte) 0);
        Arrays.fill(encoded, (byte) 0);
        return new PrincipalToken(ascii);
    }

    /** Whether the bytes read {@code ^lgm_[A-Za-z0-9_-]{32}$}; does not say that such a token exists. */
    public static boolean matches(byte[] presented) {
        if (presented.length != LENGTH) {
            return false;
        }
        for (int i = 0; i < LENGTH; i++) {
            byte c = presented[i];
            boolean allowed = i < PREFIX.length()
                    ? c == PREFIX.charAt(i)
                    : (c >= 'a' && c <= 'z')
                            || (c >= 'A' && c <= 'Z')
                            || (c >= '0' && c <= '9')
                            || c == '_'
                            || c == '-';
            if (!allowed) {
                return false;
            }
        }
        return true;
    }

    /** What is kept of a token. */
    public static byte[] digest(byte[] presented) {
        return Sha256.of(presented);
    }

    /** What is kept of this token. */
    public byte[] digest() {
        return digest(ascii);
    }

    /** Lends the token's ASCII bytes to {@code use}, which must not keep them: to show it once. */
    public <T> T expose(Function<byte[], T> use) {
        return use.apply(ascii);
    }

    /** Overwrites the token with zeros. */
    @Override
    public void close() {
        Arrays.fill(ascii, (byte) 0);
    }

    @Override
    public String toString() {
        return "PrincipalToken(****)";
    }
}
