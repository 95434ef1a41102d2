package io.latticegate.testing;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A clock that moves only when told. It keeps the wall clock and the monotonic clock apart, so that a test can show that
 * durations do not follow a wall clock that jumps. Thread-safe.
 */
public final class FakeTime implements InstantSource {
    /** The start of every clock: the timestamp of the published EIP-712 test vectors. */
    public static final Instant START = Instant.ofEpochSecond(1_700_000_000);

    private record Reading(Instant wall, long nanos) {}

    private final AtomicReference<Reading> now;

    public FakeTime() {
        this(START);
    }

    public FakeTime(Instant start) {
        now = new AtomicReference<>(new Reading(start, 0));
    }

    @Override
    public Instant instant() {
        return now.get().wall();
    }

    /** Monotonic nanoseconds since this clock was made; pass {@code time::nanos} where {@code System::nanoTime} goes. */
    public long nanos() {
        return now.get().nanos();
    }

    /**
     * Lets time pass on both clocks.
     *
     * @throws IllegalArgumentException when {@code step} is negative: monotonic time does not run backwards
     */
    public void advance(Duration step) {
        if (step.isNegative()) {
            throw new IllegalArgumentException(
                    "advance by " + step + ": time passes forwards only; use jumpWallClock to set the wall clock back");
        }
        now.updateAndGet(was -> new Reading(was.wall().plus(step), Math.addExact(was.nanos(), step.toNanos())));
    }

    /** Moves the wall clock alone, forwards or back, as a time server's correction does. */
    public void jumpWallClock(Duration step) {
        now.updateAndGet(was -> new Reading(was.wall().plus(step), was.nanos()));
    }
}
