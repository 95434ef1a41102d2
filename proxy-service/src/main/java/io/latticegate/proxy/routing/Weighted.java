package io.latticegate.proxy.routing;

import java.util.List;
import java.util.random.RandomGenerator;

/** At random, in proportion to the weights. */
public final class Weighted implements Strategy {
    private final RandomGenerator random;

    public Weighted(RandomGenerator random) {
        this.random = random;
    }

    @Override
    public Candidate choose(List<Candidate> candidates, long nowNanos) {
        int total = 0;
        for (Candidate candidate : candidates) {
            total += candidate.weight();
        }
        int drawn = random.nextInt(total);
        for (Candidate candidate : candidates) {
            drawn -= candidate.weight();
            if (drawn < 0) {
                return candidate;
            }
        }
        throw new IllegalStateException("weights add up to " + total + ", yet none was drawn");
    }
}
