package io.latticegate.common.store;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Lets calls fail at once while the store is known to be gone, and lets one at a time find out whether it is back.
 * Without it every call would wait out the pool's whole timeout for a connection that does not come.
 */
final class OutageGate {
    static final long PROBE_INTERVAL_NANOS = 250_000_000;
    /** Longer than a probe takes, so that a probe that never reports does not shut the gate for good. */
    static final long PROBE_DURATION_MAX_NANOS = 3_000_000_000L;

    private static final long WORKING = Long.MIN_VALUE;

    private final LongSupplier nanoClock;
    private final AtomicLong nextProbe = new AtomicLong(WORKING);

    /** @param nanoClock monotonic, such as {@link System#nanoTime} */
    OutageGate(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** Whether the caller may try; after true it reports with {@link #succeeded} or {@link #failed}. */
    boolean admits() {
        long due = nextProbe.get();
        if (due == WORKING) {
            return true;
        }
        long now = nanoClock.getAsLong();
        return now - due >= 0 && nextProbe.compareAndSet(due, now + PROBE_DURATION_MAX_NANOS);
    }

    void succeeded() {
        if (nextProbe.get() != WORKING) {
            nextProbe.set(WORKING);
        }
    }

    void failed() {
        nextProbe.set(nanoClock.getAsLong() + PROBE_INTERVAL_NANOS);
    }

    boolean outage() {
        return nextProbe.get() != WORKING;
    }
}
