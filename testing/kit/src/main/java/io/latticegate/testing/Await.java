package io.latticegate.testing;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for something that another thread or process does, with a deadline, so that no test body sleeps. */
public final class Await {
    private static final long PAUSE_NANOS = 2_000_000;

    /**
     * Returns as soon as {@code condition} holds.
     *
     * @param what completes the sentence "waited … for", for the failure message
     * @throws AssertionError when the deadline passes first or the thread is interrupted
     */
    public static void until(Duration deadline, String what, BooleanSupplier condition) {
        value(deadline, what, () -> condition.getAsBoolean() ? Optional.of(true) : Optional.empty());
    }

    /**
     * Returns the first value that {@code attempt} yields.
     *
     * @throws AssertionError when the deadline passes first or the thread is interrupted
     */
    public static <T> T value(Duration deadline, String what, Supplier<Optional<T>> attempt) {
        long end = System.nanoTime() + deadline.toNanos();
        while (true) {
            Optional<T> value = attempt.get();
            if (value.isPresent()) {
                return value.get();
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new AssertionError("interrupted while waiting for " + what);
            }
            if (System.nanoTime() - end >= 0) {
                throw new AssertionError("waited " + deadline + " for " + what);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private Await() {}
}
