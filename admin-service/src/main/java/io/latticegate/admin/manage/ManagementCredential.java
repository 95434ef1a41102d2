package io.latticegate.admin.manage;

import io.latticegate.common.crypto.Sha256;
import io.latticegate.common.value.Secret;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;

/**
 * The management token, kept as its SHA-256. What a client presents is hashed too and the two digests are compared in
 * constant time, so that neither the length nor a matching beginning shows.
 */
final class ManagementCredential {
    private static final String SCHEME = "Bearer ";

    private final byte[] expected;

    /** @param token stays the caller's */
    ManagementCredential(Secret token) {
        expected = token.expose(Sha256::of);
    }

    /** Whether exactly one {@code Authorization} header came and bears the management token. */
    boolean admits(List<String> authorization) {
        boolean oneBearer = authorization.size() == 1
                && authorization.getFirst().regionMatches(true, 0, SCHEME, 0, SCHEME.length());
        byte[] presented =
                (oneBearer ? authorization.getFirst().substring(SCHEME.length()) : "").getBytes(StandardCharsets.UTF_8);
        byte[] digest = Sha256.of(presented);
        Arrays.fill(presented, (byte) 0);
        return MessageDigest.isEqual(expected, digest) && oneBearer;
    }

    @Override
    public String toString() {
        return "ManagementCredential(****)";
    }
}
