package io.latticegate.auth.wallet;

import java.time.Duration;

/**
 * At most {@code count} admissions in any stretch of {@code period}, wherever it begins.
 *
 * @param count 1 to 10,000
 * @param period 1 second to 1 day
 */
public record RateLimit(int count, Duration period) {

    /** 10 in any minute. */
    public static final RateLimit DEFAULT = new RateLimit(10, Duration.ofMinutes(1));

    public RateLimit {
        if (count < 1 || count > 10_000) {
            throw new IllegalArgumentException("a rate limit's count must be 1 to 10000, is " + count);
        }
        if (period.compareTo(Duration.ofSeconds(1)) < 0 || period.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException("a rate limit's period must be PT1S to PT24H, is " + period);
        }
    }
}
