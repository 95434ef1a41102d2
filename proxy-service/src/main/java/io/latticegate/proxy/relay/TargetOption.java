package io.latticegate.proxy.relay;

import io.latticegate.proxy.lease.KeyLease;
import io.latticegate.proxy.provider.Routing;
import io.latticegate.proxy.routing.Candidate;
import io.latticegate.proxy.routing.TargetState;
import org.jspecify.annotations.Nullable;

/** A target under one of the keys that may be used for a request, and what the request's attempts have shown of it. */
final class TargetOption {
    final Routing.Target target;
    final Candidate candidate;
    final TargetState credential;
    final int keyWeight;
    final int sourceRank;
    private final String source;
    private final String keyName;

    @Nullable
    UpstreamPlan plan;

    boolean tried;
    boolean barred;

    /**
     * @param sourceRank 0 for the keys of the first source, which are used before those of the next
     * @param credential what is known of the key as a whole
     */
    TargetOption(Routing.Target target, KeyLease key, int sourceRank, Candidate candidate, TargetState credential) {
        this.sourceRank = sourceRank;
        this.target = target;
        this.source = key.source();
        this.keyName = key.name();
        this.keyWeight = key.weight();
        this.candidate = candidate;
        this.credential = credential;
    }

    String provider() {
        return target.provider().name();
    }

    boolean isUnder(KeyLease key) {
        return key.name().equals(keyName) && key.source().equals(source);
    }

    /** Whether both are the same target, under whatever keys. */
    boolean isOf(TargetOption other) {
        return candidate.index() == other.candidate.index();
    }

    /** What is known of the target under this key. */
    TargetState state() {
        return candidate.state();
    }

    /** Until it may be asked again; 0: now. */
    long waitNanos(long now) {
        return Math.max(candidate.state().waitNanos(now), credential.waitNanos(now));
    }

    /** Whether nothing is left under this key for now. */
    boolean exhausted(long now) {
        return credential.exhausted(now) || candidate.state().exhausted(now);
    }

    /** Whether it rests because of a rate limit and nothing else. */
    boolean limited(long now) {
        return credential.waitNanos(now) == 0 && candidate.state().limited(now);
    }
}
