package io.latticegate.common.value;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.function.Function;

/**
 * A bearer token: {@code sk-} and 22 characters of base64url, which are 128 bits from a {@link SecureRandom}. The shape
 * is that of llm-proxy, whose tokens were UUIDv7 and thereby told their time of creation; these tell nothing.
 *
 * <p>Whoever verifies tokens handles only their {@link TokenDigest}.
 */
public final class AccessToken implements AutoCloseable {
    /** Length of every token, in characters. */
    public static final int LENGTH = 25;

    private static final String PREFIX = "sk-";
    private static final int RANDOM_BYTES = 16;
    private static final int SHOWN = 4;

    private final byte[] ascii;

    private AccessToken(byte[] ascii) {
        this.ascii = ascii;
    }

    /** A new token. */
    public static AccessToken create(SecureRandom random) {
        byte[] bits = new byte[RANDOM_BYTES];
        random.nextBytes(bits);
        byte[] encoded = Base64.getUrlEncoder().withoutPadding().encode(bits);
        byte[] ascii = new byte[LENGTH];
        System.arraycopy(PREFIX.getBytes(StandardCharsets.US_ASCII), 0, ascii, 0, PREFIX.length());
        System.arraycopy(encoded, 0, ascii, PREFIX.length(), encoded.length);
        Arrays.fill(bits, (byte) 0);
        Arrays.fill(encoded, (byte) 0);
        return new AccessToken(ascii);
    }

    /** Whether {@code text} reads {@code ^sk-[A-Za-z0-9_-]{22}$}; does not say that such a token exists. */
    public static boolean matches(CharSequence text) {
        if (text.length() != LENGTH || text.charAt(0) != 's' || text.charAt(1) != 'k' || text.charAt(2) != '-') {
            return false;
        }
        for (int i = PREFIX.length(); i < LENGTH; i++) {
            char c = text.charAt(i);
            boolean allowed =
                    (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
            if (!allowed) {
                return false;
            }
        }
        return true;
    }

    /** @throws IllegalArgumentException unless {@link #matches} */
    public static AccessToken of(CharSequence text) {
        if (!matches(text)) {
            throw new IllegalArgumentException("an access token reads sk- and 22 characters of base64url");
        }
        byte[] ascii = new byte[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            ascii[i] = (byte) text.charAt(i);
        }
        return new AccessToken(ascii);
    }

    /** SHA-256 of the whole token with its prefix. */
    public TokenDigest digest() {
        try {
            return TokenDigest.of(MessageDigest.getInstance("SHA-256").digest(ascii));
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("this JDK lacks SHA-256, which every JDK has", missing);
        }
    }

    /** What may be shown later: the prefix, four characters, an asterisk for each of fourteen, the last four. */
    public String obfuscated() {
        String first = new String(ascii, 0, PREFIX.length() + SHOWN, StandardCharsets.US_ASCII);
        String last = new String(ascii, LENGTH - SHOWN, SHOWN, StandardCharsets.US_ASCII);
        return first + "*".repeat(LENGTH - PREFIX.length() - 2 * SHOWN) + last;
    }

    /** Lends the token's 25 ASCII bytes to {@code use}, which must not keep them: to show it once. */
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
        return "AccessToken(****)";
    }
}
