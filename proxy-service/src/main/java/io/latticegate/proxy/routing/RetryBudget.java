package io.latticegate.proxy.routing;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps retries from multiplying an outage: over all requests of the process, attempts beyond a request's first may be a share
 * of the requests, and besides a few a second, so that a quiet gateway fails over too. What is not used is saved up to
 * {@link #SAVED_MAX}. Thread-safe.
 */
public final class RetryBudget {
    /** Extra attempts a second whatever the traffic. */
    public static final int FREE_PER_SECOND = 10;

    /** Most extra attempts that are saved up. */
    public static final int SAVED_MAX = 100;

    /** One attempt, in the unit in which they are saved. */
    private static final long ATTEMPT = 1_000_000;

    private static final long NANOS_PER_FREE_UNIT = 1_000_000_000L / FREE_PER_SECOND / ATTEMPT;

    private final long depositPerRequest;
    private final boolean none;
    private final AtomicLong saved = new AtomicLong(SAVED_MAX * ATTEMPT);
    private final AtomicLong refilledNanos = new AtomicLong();

    /** @param share 0 to 1; 0: no attempt beyond the first */
    public RetryBudget(double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("a retry budget is 0 to 1 of the requests, not " + share);
        }
        depositPerRequest = Math.round(share * ATTEMPT);
        none = depositPerRequest == 0;
    }

    /** A request begins. */
    public void deposit() {
        add(depositPerRequest);
    }

    /** Takes leave for one attempt beyond a request's first; false: there is none left. */
    public boolean withdraw(long nowNanos) {
        if (none) {
            return false;
        }
        long since = refilledNanos.get();
        long free = (nowNanos - since) / NANOS_PER_FREE_UNIT;
        if (free > 0 && refilledNanos.compareAndSet(since, since + free * NANOS_PER_FREE_UNIT)) {
            add(Math.min(free, SAVED_MAX * ATTEMPT));
        }
        return saved.getAndUpdate(left -> left >= ATTEMPT ? left - ATTEMPT : left) >= ATTEMPT;
    }

    private void add(long units) {
        saved.accumulateAndGet(units, (left, more) -> Math.min(left + more, SAVED_MAX * ATTEMPT));
    }
}
