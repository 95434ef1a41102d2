package io.latticegate.vault.record;

import io.latticegate.common.contract.VaultApi;
import java.time.Duration;

/**
 * How long keys live.
 *
 * @param walletIdle a wallet's key becomes unreadable when it was not used for this long; 1 s to 10 years
 * @param refreshedByUse whether a lease makes a wallet's key live for another {@code walletIdle}
 * @param walletTotal a wallet's key becomes unreadable this long after it was stored, however much it is used; not
 *     shorter than {@code walletIdle}
 * @param projectLease how long an edge may hold a project's key; 0 (ask for every request) to 60 s
 */
public record Lifetimes(Duration walletIdle, boolean refreshedByUse, Duration walletTotal, Duration projectLease) {
    private static final Duration LONGEST = Duration.ofDays(3_650);

    public static final Lifetimes DEFAULT =
            new Lifetimes(Duration.ofHours(24), true, Duration.ofDays(90), Duration.ofSeconds(60));

    public Lifetimes {
        if (walletIdle.toMillis() < 1_000 || walletTotal.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("wallet keys live between 1 s idle and " + LONGEST + " in all, not "
                    + walletIdle + ", " + walletTotal);
        }
        if (walletTotal.compareTo(walletIdle) < 0) {
            throw new IllegalArgumentException(
                    "walletTotal (" + walletTotal + ") must not be shorter than walletIdle (" + walletIdle + ")");
        }
        if (projectLease.isNegative() || projectLease.toMillis() > VaultApi.LEASE_MILLIS_MAX) {
            throw new IllegalArgumentException(
                    "a lease of a project's key lasts 0 to " + VaultApi.LEASE_MILLIS_MAX + " ms, not " + projectLease);
        }
    }
}
