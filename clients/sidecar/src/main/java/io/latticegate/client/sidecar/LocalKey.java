package io.latticegate.client.sidecar;

import io.latticegate.common.value.Secret;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** What applications present to the sidecar, so that other users of the machine cannot ask it. */
final class LocalKey implements AutoCloseable {
    private static final String PREFIX = "sk-local-";
    private static final String SCHEME = "Bearer ";
    private static final int RANDOM_BYTES = 32;

    private final Secret secret;

    /** Takes over a secret. */
    LocalKey(Secret secret) {
        this.secret = secret;
    }

    static LocalKey generate(SecureRandom random) {
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        return new LocalKey(
                Secret.ofText(PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes)));
    }

    /** Whether a header names this key; takes as long for every wrong key of one length. */
    boolean opens(@Nullable String authorization) {
        if (authorization == null || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return false;
        }
        byte[] given = authorization.substring(SCHEME.length()).strip().getBytes(StandardCharsets.UTF_8);
        return secret.expose(bytes -> MessageDigest.isEqual(bytes, given));
    }

    /** The key itself, for the one line that tells the user. */
    String reveal() {
        return secret.expose(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        secret.close();
    }
}
