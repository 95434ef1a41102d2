package io.latticegate.proxy;

import io.latticegate.common.config.RoutingConfig;
import io.latticegate.proxy.routing.RoutingState;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Puts rules into force in everything of this process that goes by them. What is known of targets that are still configured,
 * such as open breakers and latencies, stays.
 */
final class LiveRules {
    private final List<EdgeVerticle> edges;
    private final RoutingState state;
    private final ProviderHealth health;
    private final MeterRegistry metrics;
    private final AtomicReference<@Nullable RoutingConfig> routing = new AtomicReference<>();

    LiveRules(List<EdgeVerticle> edges, RoutingState state, ProviderHealth health, MeterRegistry metrics) {
        this.metrics = metrics;
        this.edges = edges;
        this.state = state;
        this.health = health;
    }

    /**
     * Completes when no request begins under the former rules.
     *
     * @param applied null: none are in force
     */
    Future<Void> apply(RulesFollower.@Nullable Applied applied) {
        if (applied != null) {
            RoutingConfig next = applied.config().routing();
            if (!next.equals(routing.getAndSet(next))) {
                ProviderTable.reconfigure(state, next);
            }
            health.apply(applied.config());
            RoutingGauges.register(metrics, state, applied.config().providers().keySet());
        }
        return Future.all(edges.stream().map(edge -> edge.apply(applied)).toList())
                .onSuccess(inForce -> forget(applied))
                .mapEmpty();
    }

    private void forget(RulesFollower.@Nullable Applied applied) {
        if (applied != null) {
            Predicate<String> configured = applied.config().providers()::containsKey;
            state.forgetAllBut(configured);
        }
    }
}
