package io.latticegate.auth.wallet;

import java.time.Duration;
import java.util.Arrays;

/**
 * The admissions of one wallet within the last period of its {@link RateLimit}: an exact sliding window. The state is
 * the instants of the last {@code count} admissions, on a monotonic clock in nanoseconds.
 *
 * <p>GCRA with the same rate and burst keeps one instant instead, but refills while the burst is being spent: with 10
 * per minute it lets 19 through in the first minute. Whatever this window admits, that GCRA would admit too.
 */
public final class RateWindow {

    /** A wallet that has not been admitted within the period. */
    public static final RateWindow EMPTY = new RateWindow(new long[0]);

    private final long[] admittedNanos;

    /** @param admittedNanos oldest first */
    private RateWindow(long[] admittedNanos) {
        this.admittedNanos = admittedNanos;
    }

    /** What the window says of one more admission. */
    public sealed interface Verdict {
        /** Within the limit; {@code next} is the state in which it counts. */
        record Admitted(RateWindow next) implements Verdict {}

        /** Over the limit; the same attempt would pass after {@code retryAfter}. */
        record Exceeded(Duration retryAfter) implements Verdict {}
    }

    /** Judges one more admission at {@code nowNanos} of a clock like {@link System#nanoTime()}. */
    public Verdict admit(RateLimit limit, long nowNanos) {
        long periodNanos = limit.period().toNanos();
        if (admittedNanos.length >= limit.count()) {
            long age = nowNanos - admittedNanos[admittedNanos.length - limit.count()];
            if (age < periodNanos) {
                return new Verdict.Exceeded(Duration.ofNanos(periodNanos - age));
            }
        }
        int kept = 0;
        while (kept < Math.min(admittedNanos.length, limit.count() - 1)
                && nowNanos - admittedNanos[admittedNanos.length - 1 - kept] < periodNanos) {
            kept++;
        }
        long[] next = Arrays.copyOfRange(admittedNanos, admittedNanos.length - kept, admittedNanos.length + 1);
        next[kept] = nowNanos;
        return new Verdict.Admitted(new RateWindow(next));
    }
}
