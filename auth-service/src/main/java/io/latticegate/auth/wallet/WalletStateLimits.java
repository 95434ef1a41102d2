package io.latticegate.auth.wallet;

import java.time.Duration;

/**
 * Bounds of what is remembered of wallets.
 *
 * @param rate how often one wallet is admitted, for chat requests and for vault actions each
 * @param strictNonces whether a nonce must be above every accepted one instead of merely unused
 * @param retention how long an idle wallet is remembered, replay horizon to 7 days
 * @param replayHorizon how long a message can be admitted at most; within it nothing is forgotten
 * @param walletsMax remembered wallets, at least 1
 * @param digestsMax remembered digests, at least 1
 */
public record WalletStateLimits(
        RateLimit rate,
        boolean strictNonces,
        Duration retention,
        Duration replayHorizon,
        int walletsMax,
        int digestsMax) {

    public WalletStateLimits {
        if (retention.compareTo(replayHorizon) < 0 || retention.compareTo(Duration.ofDays(7)) > 0) {
            throw new IllegalArgumentException(
                    "retention must be the replay horizon, " + replayHorizon + ", to P7D, is " + retention);
        }
        if (walletsMax < 1 || digestsMax < 1) {
            throw new IllegalArgumentException("walletsMax and digestsMax must be at least 1");
        }
    }

    /** 10 per minute, window of nonces, one hour, the default tolerance's horizon, 100,000 wallets and digests. */
    public static WalletStateLimits defaults() {
        return new WalletStateLimits(
                RateLimit.DEFAULT, false, Duration.ofHours(1), TimeTolerance.DEFAULT.replayHorizon(), 100_000, 100_000);
    }
}
