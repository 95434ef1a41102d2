package io.latticegate.proxy;

import io.latticegate.proxy.routing.RoutingState;
import io.latticegate.proxy.routing.TargetState;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Collection;
import java.util.Locale;

/** Shows what this process knows of its providers: positions of breakers, keys that are parked. Read when scraped. */
final class RoutingGauges {
    /** Shows these as well; those that are shown already stay. */
    static void register(MeterRegistry registry, RoutingState routing, Collection<String> providers) {
        for (String provider : providers) {
            for (TargetState.Position position : TargetState.Position.values()) {
                Gauge.builder("gateway.breaker.targets", () -> targets(routing, provider, position))
                        .description("Models under a key, by the position of their circuit breaker")
                        .tags("provider", provider, "state", position.name().toLowerCase(Locale.ROOT))
                        .register(registry);
            }
            Gauge.builder("gateway.keys.parked", () -> routing.states().parkedKeys(provider, routing.nowNanos()))
                    .description("Keys that are left alone, for a model or for all, because the provider said so")
                    .tag("provider", provider)
                    .register(registry);
        }
    }

    private static long targets(RoutingState routing, String provider, TargetState.Position position) {
        long now = routing.nowNanos();
        return routing.states().ofProvider(provider).stream()
                .filter(target -> target.position(now) == position)
                .count();
    }

    private RoutingGauges() {}
}
