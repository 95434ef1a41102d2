package io.latticegate.admin.session;

import io.latticegate.common.crypto.Hkdf;
import io.latticegate.common.crypto.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The 256 random bits in a browser's cookie. The store knows only their SHA-256; what else a session needs is derived from
 * them (HKDF, RFC 5869), each use under its own label, so that neither the store nor one derived value gives away another.
 */
public final class SessionKey {
    private static final int BYTES = 32;
    private static final Pattern TEXT = Pattern.compile("[A-Za-z0-9_-]{43}");

    private final byte[] bits;

    private SessionKey(byte[] bits) {
        this.bits = bits;
    }

    /** A new one. */
    public static SessionKey create(SecureRandom random) {
        byte[] bits = new byte[BYTES];
        random.nextBytes(bits);
        return new SessionKey(bits);
    }

    /** The one that a cookie's value holds; empty where it cannot be one of ours. */
    public static Optional<SessionKey> parse(String cookie) {
        if (!TEXT.matcher(cookie).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new SessionKey(Base64.getUrlDecoder().decode(cookie)));
        } catch (IllegalArgumentException malformed) {
            return Optional.empty();
        }
    }

    /** The cookie's value. */
    public String cookie() {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
    }

    /** What the store knows it by. */
    byte[] digest() {
        return Sha256.of(bits);
    }

    /**
     * 32 bytes for one use.
     *
     * @param use a label that no other use has
     * @param context what the value is bound to, may be empty
     */
    byte[] derive(String use, byte[] context) {
        byte[] label = ("latticegate admin " + use).getBytes(StandardCharsets.US_ASCII);
        byte[] info = Arrays.copyOf(label, label.length + 1 + context.length);
        System.arraycopy(context, 0, info, label.length + 1, context.length);
        return Hkdf.derive(bits, new byte[0], info, BYTES);
    }

    /** {@link #derive} as 43 characters of base64url. */
    String derivedText(String use) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(derive(use, new byte[0]));
    }

    /** What a page sends back in {@code X-CSRF-Token} with each change. */
    public String csrfToken() {
        return derivedText("csrf");
    }

    @Override
    public String toString() {
        return "SessionKey(****)";
    }
}
