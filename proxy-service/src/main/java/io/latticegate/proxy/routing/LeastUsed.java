package io.latticegate.proxy.routing;

import java.util.List;

/** The one that was used least of late, in proportion to the weights; evens out what credentials spend. */
public final class LeastUsed implements Strategy {
    @Override
    public Candidate choose(List<Candidate> candidates, long nowNanos) {
        Candidate best = candidates.getFirst();
        double least = Double.MAX_VALUE;
        for (Candidate candidate : candidates) {
            double share = candidate.state().recentUses(nowNanos) / candidate.weight();
            if (share < least) {
                least = share;
                best = candidate;
            }
        }
        return best;
    }
}
