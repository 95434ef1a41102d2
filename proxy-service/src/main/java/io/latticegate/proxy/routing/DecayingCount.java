package io.latticegate.proxy.routing;

import java.util.concurrent.atomic.AtomicReference;

/** Counts what happened of late: each event weighs 1 at first and 1/e after {@link #DECAY_NANOS}. Thread-safe. */
final class DecayingCount {
    /** A minute. */
    static final double DECAY_NANOS = 60e9;

    private final AtomicReference<Sample> last = new AtomicReference<>(new Sample(0, 0));

    private record Sample(double value, long atNanos) {
        double at(long nowNanos) {
            return value * Math.exp(-Math.max(0, nowNanos - atNanos) / DECAY_NANOS);
        }
    }

    void increment(long nowNanos) {
        last.updateAndGet(sample -> new Sample(sample.at(nowNanos) + 1, nowNanos));
    }

    double at(long nowNanos) {
        return last.get().at(nowNanos);
    }
}
