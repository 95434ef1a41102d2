package io.latticegate.proxy.routing;

import java.util.List;

/** What makes one target better than another. Shared by the event loops. */
public interface Strategy {
    /**
     * One of the candidates.
     *
     * @param candidates at least one, in the order of the configuration
     */
    Candidate choose(List<Candidate> candidates, long nowNanos);
}
