package io.latticegate.auth.wallet;

import java.time.Duration;
import java.time.Instant;

/**
 * How far the time in a message may be from the server's clock; both bounds are inclusive.
 *
 * @param past 1 second to 1 hour
 * @param future 0 to 1 hour
 */
public record TimeTolerance(Duration past, Duration future) {

    private static final Duration MAX = Duration.ofHours(1);

    /** 300 seconds either way. */
    public static final TimeTolerance DEFAULT = new TimeTolerance(Duration.ofMinutes(5), Duration.ofMinutes(5));

    public TimeTolerance {
        if (past.compareTo(Duration.ofSeconds(1)) < 0 || past.compareTo(MAX) > 0) {
            throw new IllegalArgumentException("the tolerance for past times must be PT1S to PT1H, is " + past);
        }
        if (future.isNegative() || future.compareTo(MAX) > 0) {
            throw new IllegalArgumentException("the tolerance for future times must be PT0S to PT1H, is " + future);
        }
    }

    /** Whether a message with this time, in seconds since 1970, may be admitted now. */
    public boolean allows(long timestampSeconds, Instant now) {
        long nowSeconds = now.getEpochSecond();
        return timestampSeconds >= nowSeconds - past.toSeconds() && timestampSeconds <= nowSeconds + future.toSeconds();
    }

    /** The longest time for which one message can be admitted: what has been used up must be remembered longer. */
    public Duration replayHorizon() {
        return past.plus(future).plusSeconds(1);
    }
}
