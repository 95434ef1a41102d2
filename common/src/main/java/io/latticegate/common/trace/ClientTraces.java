package io.latticegate.common.trace;

import java.util.function.LongSupplier;

/**
 * How many traces clients may still ask for in this second. Whoever can send a request can set the sampled flag, so that
 * without a bound anyone could have every request recorded.
 */
final class ClientTraces {
    private static final long SECOND_NANOS = 1_000_000_000L;

    private final int perSecond;
    private final LongSupplier nanoTime;
    private long secondBegan;
    private int taken;

    ClientTraces(int perSecond, LongSupplier nanoTime) {
        this.perSecond = perSecond;
        this.nanoTime = nanoTime;
        this.secondBegan = nanoTime.getAsLong();
    }

    synchronized boolean take() {
        long now = nanoTime.getAsLong();
        if (now - secondBegan >= SECOND_NANOS) {
            secondBegan = now;
            taken = 0;
        }
        if (taken >= perSecond) {
            return false;
        }
        taken++;
        return true;
    }
}
