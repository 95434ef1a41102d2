package io.latticegate.proxy.routing;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Each in turn. */
public final class RoundRobin implements Strategy {
    private final AtomicInteger next = new AtomicInteger();

    @Override
    public Candidate choose(List<Candidate> candidates, long nowNanos) {
        return candidates.get(Math.floorMod(next.getAndIncrement(), candidates.size()));
    }
}
