package io.latticegate.proxy.routing;

import java.util.List;

/** The cheapest; among equals the first, so that a list without prices is a list of preferences. */
public final class CostOptimized implements Strategy {
    @Override
    public Candidate choose(List<Candidate> candidates, long nowNanos) {
        Candidate best = candidates.getFirst();
        for (Candidate candidate : candidates) {
            if (candidate.price() < best.price()) {
                best = candidate;
            }
        }
        return best;
    }
}
