package io.latticegate.auth.lease;

import java.time.Duration;

/**
 * For how long a lease binds.
 *
 * @param validity how long an edge may spend from a lease after asking for it, up to 1 s
 * @param grace how long after the end of its validity, or after its last settlement, an unended lease waits to be heard
 *     of before it counts as lost
 * @param lifeMax after this a lease counts as lost however often it is settled
 * @param remembered how long an ended or lost lease is known, so that a settlement repeated late changes nothing
 */
public record LeaseTerms(Duration validity, Duration grace, Duration lifeMax, Duration remembered) {
    public static final LeaseTerms DEFAULT = new LeaseTerms(
            Duration.ofMillis(1_000), Duration.ofSeconds(10), Duration.ofHours(1), Duration.ofMinutes(10));

    public LeaseTerms {
        if (validity.toMillis() < 1 || validity.toMillis() > 1_000) {
            throw new IllegalArgumentException("a lease is valid for 1 ms to 1 s, not " + validity);
        }
        if (grace.compareTo(validity) < 0 || lifeMax.compareTo(validity.plus(grace)) < 0) {
            throw new IllegalArgumentException("grace is no shorter than validity, and the longest life no shorter than"
                    + " both together: " + validity + ", " + grace + ", " + lifeMax);
        }
    }
}
