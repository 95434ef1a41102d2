package io.latticegate.common.contract;

import io.latticegate.common.value.ServiceRole;
import java.time.Duration;
import java.util.Set;

/**
 * One question that a service answers over the bus.
 *
 * @param address {@code <service>.<verb>.v<n>}; the version is raised when a change is more than an added component
 * @param request type of the question
 * @param reply type of the answer, usually a sealed interface
 * @param timeout how long the asker waits; no question is without a deadline
 * @param server the only service whose instances may answer
 * @param askers the only services that may ask with a signature; empty where the bus' own mutual TLS is enough
 */
public record Endpoint<Q extends Record, R>(
        String address,
        Class<Q> request,
        Class<R> reply,
        Duration timeout,
        ServiceRole server,
        Set<ServiceRole> askers) {

    public Endpoint(String address, Class<Q> request, Class<R> reply, Duration timeout, ServiceRole server) {
        this(address, request, reply, timeout, server, Set.of());
    }

    public Endpoint {
        if (!address.matches("[a-z]+\\.[a-z-]+\\.v[1-9][0-9]*")) {
            throw new IllegalArgumentException("an address reads <service>.<verb>.v<n>, not " + address);
        }
        askers = Set.copyOf(askers);
    }

    /** Whether questions are signed by the asker and answers by the server (architecture decision 5). */
    public boolean signed() {
        return !askers.isEmpty();
    }
}
