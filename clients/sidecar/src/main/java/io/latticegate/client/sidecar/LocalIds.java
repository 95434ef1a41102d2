package io.latticegate.client.sidecar;

import java.security.SecureRandom;
import java.util.HexFormat;

/** Names of files and stores: they are folders here and parts of paths, so their form is fixed. */
final class LocalIds {
    private static final int RANDOM_BYTES = 12;
    private static final String FORM = "[0-9a-f]{" + 2 * RANDOM_BYTES + "}";

    private final SecureRandom random;

    LocalIds(SecureRandom random) {
        this.random = random;
    }

    String next(String prefix) {
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        return prefix + HexFormat.of().formatHex(bytes);
    }

    static boolean matches(String prefix, String id) {
        return id.startsWith(prefix) && id.substring(prefix.length()).matches(FORM);
    }
}
