package io.latticegate.auth.wallet;

import java.time.Duration;

/**
 * Bounds of what is remembered of wallets.
 *
 * @param rate how often one wallet is admitted, for chat requests and for vault actions each
 * @param nonces how nonces are judged
 * @param retention how long an idle wallet is remembered while there is room, up to 30 days
 * @param replayHorizon how long a message can be admitted at most; within it nothing is forgotten
 * @param walletsMax remembered wallets, at least 1
 * @param digestsMax remembered digests, at least 1
 */
public record WalletStateLimits(
        RateLimit rate, NonceRule nonces, Duration retention, Duration replayHorizon, int walletsMax, int digestsMax) {

    public WalletStateLimits {
        if (retention.isNegative() || retention.compareTo(Duration.ofDays(30)) > 0) {
            throw new IllegalArgumentException("retention must be PT0S to P30D, is " + retention);
        }
        if (!replayHorizon.isPositive() || replayHorizon.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException("the replay horizon must be above PT0S, up to P1D, is " + replayHorizon);
        }
        if (walletsMax < 1 || digestsMax < 1) {
            throw new IllegalArgumentException("walletsMax and digestsMax must be at least 1");
        }
    }

    /** 10 per minute, window of nonces, one hour, the default tolerance's horizon, 100,000 wallets and digests. */
    public static WalletStateLimits defaults() {
        return new WalletStateLimits(
                RateLimit.DEFAULT,
                NonceRule.DEFAULT,
                Duration.ofHours(1),
                TimeTolerance.DEFAULT.replayHorizon(),
                100_000,
                100_000);
    }

    /** After how long without an admission a wallet is forgotten: never within the replay horizon. */
    Duration forgetAfter() {
        return retention.compareTo(replayHorizon) > 0 ? retention : replayHorizon;
    }
}
