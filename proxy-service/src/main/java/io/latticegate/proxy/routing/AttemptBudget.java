package io.latticegate.proxy.routing;

import java.util.random.RandomGenerator;

/** The attempts of one request: how many there may be, and how long to wait before the same target is asked again. */
public final class AttemptBudget {
    private static final long BACKOFF_MILLIS = 100;
    private static final long BACKOFF_MILLIS_MAX = 2_000;

    private final int attemptsMax;
    private int begun;

    /** @param retriesMax attempts beyond the first */
    public AttemptBudget(int retriesMax) {
        this.attemptsMax = 1 + retriesMax;
    }

    public void begin() {
        begun++;
    }

    public int begun() {
        return begun;
    }

    public boolean left() {
        return begun < attemptsMax;
    }

    /** Milliseconds before the next attempt at the same target: up to 100, 200, 400 …, at random so that clients part. */
    public long backoffMillis(RandomGenerator random) {
        int doublings = Math.clamp(begun - 1L, 0, 10);
        return random.nextLong(1 + Math.min(BACKOFF_MILLIS_MAX, BACKOFF_MILLIS << doublings));
    }
}
