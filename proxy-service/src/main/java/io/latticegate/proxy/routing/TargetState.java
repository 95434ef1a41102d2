package io.latticegate.proxy.routing;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one target, that is of one model at one provider under one credential: whether it may be asked, how fast
 * it answers, how much is on its way.
 *
 * <p>A circuit breaker that needs no timer: closed while fewer than {@link Breaker#failures} requests in a row failed; then
 * open for {@link Breaker#cooldownNanos}; then half open, which lets one request through at a time, until one succeeds.
 * Besides, a target is parked for as long as its provider has said.
 *
 * <p>Shared by all event loops, without locks: each fact is one atomic value. Two loops that look at the same moment may both
 * send a request that a lock would have held back; none is lost. Times are nanoseconds of the clock of {@link
 * RoutingState}, which starts at 0.
 */
public final class TargetState {
    private static final long OVERUSE_NANOS = 1_000_000_000L;
    private static final int OVERUSE_DOUBLINGS_MAX = 5;

    /** A wait for a probe's answer is told as this at most. */
    private static final long PROBE_NANOS = 1_000_000_000L;

    /** Below this a state's failures are too long ago to be remembered. */
    private static final double FAILURES_FORGOTTEN = 0.05;

    private volatile Breaker breaker;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicInteger failuresInRow = new AtomicInteger();
    private final AtomicInteger overusesInRow = new AtomicInteger();
    private final AtomicLong openUntilNanos = new AtomicLong();
    private final AtomicBoolean probing = new AtomicBoolean();
    private final AtomicLong parkedUntilNanos = new AtomicLong();
    private final AtomicLong spentUntilNanos = new AtomicLong();
    private final AtomicLong usedUpUntilNanos = new AtomicLong();
    private final AtomicBoolean parkedByRate = new AtomicBoolean();
    private final PeakEwma latency = new PeakEwma();
    private final DecayingCount uses = new DecayingCount();
    private final DecayingCount failures = new DecayingCount();

    /**
     * When the breaker opens and for how long.
     *
     * @param failures failed requests in a row
     */
    public record Breaker(int failures, long cooldownNanos) {}

    /** What the breaker lets through. */
    public enum Position {
        CLOSED,
        OPEN,
        HALF_OPEN
    }

    TargetState(Breaker breaker) {
        this.breaker = breaker;
    }

    /** What it knows stays; from the next failure on, other bounds hold. */
    void breaker(Breaker other) {
        breaker = other;
    }

    /** Whether {@link #tryUse} would be granted. */
    public boolean available(long nowNanos) {
        return waitNanos(nowNanos) == 0;
    }

    /** Whether it is available and its provider has not said that its allowance is used up. */
    public boolean preferable(long nowNanos) {
        return available(nowNanos) && spentUntilNanos.get() <= nowNanos;
    }

    /** Until the target may be asked again; 0: now. */
    public long waitNanos(long nowNanos) {
        long until = Math.max(parkedUntilNanos.get(), openUntilNanos.get());
        if (until > nowNanos) {
            return until - nowNanos;
        }
        return openUntilNanos.get() != 0 && probing.get() ? Math.min(breaker.cooldownNanos, PROBE_NANOS) : 0;
    }

    /** Whether it is parked because it was asked too often, rather than because it fails. */
    public boolean limited(long nowNanos) {
        return parkedUntilNanos.get() > nowNanos && parkedByRate.get() && openUntilNanos.get() <= nowNanos;
    }

    /** Whether its provider has said to leave it alone until later. */
    public boolean parked(long nowNanos) {
        return parkedUntilNanos.get() > nowNanos;
    }

    /** What the breaker does. */
    public Position position(long nowNanos) {
        long until = openUntilNanos.get();
        if (until == 0) {
            return Position.CLOSED;
        }
        return until > nowNanos ? Position.OPEN : Position.HALF_OPEN;
    }

    /** Leave to ask the target once, or null; whoever has it calls {@link Use#close}. */
    public @Nullable Use tryUse(long nowNanos) {
        if (!available(nowNanos)) {
            return null;
        }
        boolean probe = openUntilNanos.get() != 0;
        if (probe && !probing.compareAndSet(false, true)) {
            return null;
        }
        inFlight.incrementAndGet();
        uses.increment(nowNanos);
        return new Use(nowNanos, probe);
    }

    /**
     * Leaves the target alone for a while. A longer park stands.
     *
     * @param byRate whether because it was asked too often
     */
    public void park(long untilNanos, boolean byRate) {
        if (parkedUntilNanos.getAndAccumulate(untilNanos, Math::max) < untilNanos) {
            parkedByRate.set(byRate);
        }
    }

    /** Its allowance is used up: it is left alone until then. */
    public void usedUp(long untilNanos) {
        park(untilNanos, false);
        usedUpUntilNanos.accumulateAndGet(untilNanos, Math::max);
    }

    /** Whether nothing is left of its allowance for now, as its provider has said, in whatever words. */
    public boolean exhausted(long nowNanos) {
        return usedUpUntilNanos.get() > nowNanos || spentUntilNanos.get() > nowNanos || limited(nowNanos);
    }

    /** Its provider has said that nothing is left until then: others are asked first, where there are any. */
    public void spent(long untilNanos) {
        spentUntilNanos.accumulateAndGet(untilNanos, Math::max);
    }

    /**
     * It was asked too often, and its provider did not say until when: others are asked first for a second, twice as long with
     * each such period in a row. Refusals within a period count once.
     */
    public void overused(long nowNanos) {
        if (spentUntilNanos.get() <= nowNanos) {
            int doublings = Math.min(overusesInRow.getAndIncrement(), OVERUSE_DOUBLINGS_MAX);
            spent(nowNanos + (OVERUSE_NANOS << doublings));
        }
    }

    /** Requests on their way. */
    public int inFlight() {
        return inFlight.get();
    }

    /** Time to the first byte, in nanoseconds; 0: not observed of late. */
    public double latencyNanos(long nowNanos) {
        return latency.at(nowNanos);
    }

    /** Share of the requests that failed of late, 0 to 1. */
    public double failureShare(long nowNanos) {
        double used = uses.at(nowNanos);
        return used < 1e-9 ? 0 : Math.min(1, failures.at(nowNanos) / used);
    }

    /** Requests of late; older ones weigh less. */
    public double recentUses(long nowNanos) {
        return uses.at(nowNanos);
    }

    /** Whether nothing would be lost by forgetting this state. */
    boolean idle(long nowNanos) {
        return inFlight.get() == 0
                && failures.at(nowNanos) < FAILURES_FORGOTTEN
                && openUntilNanos.get() <= nowNanos
                && parkedUntilNanos.get() <= nowNanos
                && spentUntilNanos.get() <= nowNanos;
    }

    /** One request to the target. Belongs to one event loop. */
    public final class Use {
        private final boolean probe;
        private long startedNanos;
        private boolean settled;
        private boolean closed;

        private Use(long startedNanos, boolean probe) {
            this.startedNanos = startedNanos;
            this.probe = probe;
        }

        /** The request goes out now, where that is later than {@link TargetState#tryUse}. */
        public void begins(long nowNanos) {
            startedNanos = nowNanos;
        }

        /** The first bytes of a good answer are there: the target works. */
        public void answered(long nowNanos) {
            latency.observe(Math.max(1, nowNanos - startedNanos), nowNanos);
            works();
        }

        /** The target works, whatever it says: it refused this request, which says nothing about others. */
        public void works() {
            failuresInRow.set(0);
            overusesInRow.set(0);
            openUntilNanos.set(0);
            settle();
        }

        /** The target failed; opens the breaker where that was one failure too many. */
        public void failed(long nowNanos) {
            failures.increment(nowNanos);
            int inRow = failuresInRow.incrementAndGet();
            if (probe || inRow >= breaker.failures) {
                openUntilNanos.set(nowNanos + breaker.cooldownNanos);
            }
            settle();
        }

        /** The request is over. Harmless the second time. */
        public void close() {
            if (!closed) {
                closed = true;
                inFlight.decrementAndGet();
                settle();
            }
        }

        private void settle() {
            if (probe && !settled) {
                settled = true;
                probing.set(false);
            }
        }
    }
}
