package io.latticegate.proxy.routing;

import java.util.concurrent.atomic.AtomicReference;

/**
 * The latency of a target: an exponentially weighted moving average that follows a slower answer at once and a faster one
 * slowly, so that a target that begins to slow down is left early. Thread-safe.
 */
final class PeakEwma {
    /** Ten seconds: by then an observation weighs 1/e. */
    static final double DECAY_NANOS = 10e9;

    private final AtomicReference<Sample> last = new AtomicReference<>(new Sample(0, 0));

    private record Sample(double nanos, long atNanos) {}

    void observe(long latencyNanos, long nowNanos) {
        last.updateAndGet(sample -> {
            if (latencyNanos >= sample.nanos) {
                return new Sample(latencyNanos, nowNanos);
            }
            double kept = Math.exp(-Math.max(0, nowNanos - sample.atNanos) / DECAY_NANOS);
            return new Sample(sample.nanos * kept + latencyNanos * (1 - kept), nowNanos);
        });
    }

    /** Nanoseconds; fades while nothing is observed, so that a target that was slow once is tried again. 0: never observed. */
    double at(long nowNanos) {
        Sample sample = last.get();
        return sample.nanos * Math.exp(-Math.max(0, nowNanos - sample.atNanos) / DECAY_NANOS);
    }
}
