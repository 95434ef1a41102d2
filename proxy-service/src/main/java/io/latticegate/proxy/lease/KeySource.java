package io.latticegate.proxy.lease;

import io.latticegate.common.trace.TraceSpan;
import java.util.List;

/** Where the keys for one request are looked for. Confined to one event loop. */
@FunctionalInterface
public interface KeySource {
    /** One that has none. */
    KeySource NONE = (provider, outcomes) -> outcomes.none();

    /** Finds the keys for a provider. */
    void findAll(String provider, KeyLeases.Outcomes outcomes);

    /**
     * Finds one key for a provider: always the first by name, so that what belongs to an account at the provider is asked for
     * with the key that made it.
     */
    default void find(String provider, KeyLeases.Outcome outcome) {
        findAll(provider, new KeyLeases.Outcomes() {
            @Override
            public void leased(List<KeyLease> leases) {
                leases.subList(1, leases.size()).forEach(KeyLease::release);
                outcome.leased(leases.getFirst());
            }

            @Override
            public void none() {
                outcome.none();
            }

            @Override
            public void unavailable(String reason) {
                outcome.unavailable(reason);
            }

            @Override
            public TraceSpan span() {
                return outcome.span();
            }
        });
    }
}
