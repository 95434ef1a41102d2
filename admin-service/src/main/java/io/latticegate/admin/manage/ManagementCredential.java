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

    /** What exactly one {@code Authorization} header bears, for the caller to wipe; empty bytes: anything else came. */
    static byte[] bearer(List<String> authorization) {
        boolean oneBearer = authorization.size() == 1
                && authorization.getFirst().regionMatches(true, 0, SCHEME, 0, SCHEME.length());
        return (oneBearer ? authorization.getFirst().substring(SCHEME.length()) : "").getBytes(StandardCharsets.UTF_8);
    }

    /** Whether exactly one {@code Authorization} header came and bears the management token. */
    boolean admits(List<String> authorization) {
        byte[] presented = bearer(authorization);
        boolean same = matches(presented);
        Arrays.fill(presented, (byte) 0);
        return same;
    }

    /** Whether {@code presented} is the management token. */
    boolean matches(byte[] presented) {
        return MessageDigest.isEqual(expected, Sha256.of(presented)) && presented.length > 0;
    }

    /** Tells one management token from another, for what is bound to it. */
    byte[] digest() {
        return expected.clone();
    }

    @Override
    public String toString() {
        return "ManagementCredential(****)";
    }
}
