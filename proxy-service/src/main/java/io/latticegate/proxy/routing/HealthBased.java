package io.latticegate.proxy.routing;

import java.util.List;

/** The one that failed least of late; differences below a twentieth do not count, then the faster one. */
public final class HealthBased implements Strategy {
    private static final double STEPS = 20;

    @Override
    public Candidate choose(List<Candidate> candidates, long nowNanos) {
        Candidate best = candidates.getFirst();
        for (Candidate candidate : candidates) {
            if (better(candidate.state(), best.state(), nowNanos)) {
                best = candidate;
            }
        }
        return best;
    }

    private static boolean better(TargetState one, TargetState other, long nowNanos) {
        long failures = Math.round(one.failureShare(nowNanos) * STEPS);
        long failuresOfOther = Math.round(other.failureShare(nowNanos) * STEPS);
        return failures < failuresOfOther
                || failures == failuresOfOther && one.latencyNanos(nowNanos) < other.latencyNanos(nowNanos);
    }
}
