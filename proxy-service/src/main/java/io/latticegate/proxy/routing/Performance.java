package io.latticegate.proxy.routing;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The better of two that are drawn at random, where better means less time to the first byte for as many as are waiting
 * already: the power of two choices (Mitzenmacher, 2001), which neither sends everything to the fastest at once nor looks at
 * all of them.
 */
public final class Performance implements Strategy {
    private final RandomGenerator random;

    public Performance(RandomGenerator random) {
        this.random = random;
    }

    @Override
    public Candidate choose(List<Candidate> candidates, long nowNanos) {
        if (candidates.size() == 1) {
            return candidates.getFirst();
        }
        int one = random.nextInt(candidates.size());
        int other = random.nextInt(candidates.size() - 1);
        Candidate left = candidates.get(one);
        Candidate right = candidates.get(other < one ? other : other + 1);
        return load(right.state(), nowNanos) < load(left.state(), nowNanos) ? right : left;
    }

    private static double load(TargetState state, long nowNanos) {
        return state.latencyNanos(nowNanos) * (state.inFlight() + 1);
    }
}
