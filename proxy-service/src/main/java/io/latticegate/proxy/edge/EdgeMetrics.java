package io.latticegate.proxy.edge;

import io.latticegate.proxy.relay.CacheOutcome;
import io.latticegate.proxy.relay.Outcome;
import io.latticegate.proxy.relay.RequestFacts;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Counts requests by surface, status and provider. Labels come from closed sets, so their number is bounded; the meters
 * are looked up once per combination. Confined to one event loop.
 */
public final class EdgeMetrics {
    private final MeterRegistry registry;
    private final Counter cacheHits;
    private final Counter cacheMisses;
    private final Counter cacheStores;
    private final Counter cacheSemanticHits;
    private final Map<Key, Meters> meters = new HashMap<>();

    public EdgeMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.cacheHits = registry.counter("gateway.cache.hits");
        this.cacheMisses = registry.counter("gateway.cache.misses");
        this.cacheStores = registry.counter("gateway.cache.stores");
        this.cacheSemanticHits = registry.counter("gateway.cache.semantic.hits");
    }

    private record Key(
            String surface,
            String method,
            int status,
            @Nullable String provider) {}

    private record Meters(
            Counter requests,
            Timer duration,
            @Nullable Counter providerRequests,
            Counter tokensIn,
            Counter tokensOut) {}

    void count(RequestFacts facts) {
        Meters of = meters.computeIfAbsent(
                new Key(facts.surface.label(), methodLabel(facts.method), facts.status, facts.provider), this::create);
        of.requests.increment();
        of.duration.record(facts.elapsedNanos, TimeUnit.NANOSECONDS);
        if (of.providerRequests != null && facts.attempts > 0) {
            of.providerRequests.increment(facts.attempts);
        }
        if (facts.cache != CacheOutcome.BYPASS) {
            boolean semantic = facts.cache == CacheOutcome.SEMANTIC;
            (semantic || facts.cache == CacheOutcome.HIT ? cacheHits : cacheMisses).increment();
            if (semantic) {
                cacheSemanticHits.increment();
            }
            if (facts.cache == CacheOutcome.STORED) {
                cacheStores.increment();
            }
        }
        of.tokensIn.increment((double) facts.usage.input());
        of.tokensOut.increment((double) facts.usage.output());
        if (facts.outcome == Outcome.ERROR || facts.outcome == Outcome.DENIED) {
            Counter.builder("gateway.errors")
                    .tag("type", facts.reason == null ? "unknown" : facts.reason)
                    .register(registry)
                    .increment();
        }
    }

    private Meters create(Key key) {
        String status = Integer.toString(key.status);
        String provider = key.provider == null ? "none" : key.provider;
        return new Meters(
                Counter.builder("gateway.requests")
                        .tags("surface", key.surface, "method", key.method, "status", status, "provider", provider)
                        .register(registry),
                Timer.builder("gateway.request.duration")
                        .tags("surface", key.surface, "provider", provider)
                        .serviceLevelObjectives(
                                Duration.ofMillis(5),
                                Duration.ofMillis(25),
                                Duration.ofMillis(100),
                                Duration.ofMillis(500),
                                Duration.ofSeconds(2),
                                Duration.ofSeconds(10),
                                Duration.ofSeconds(60))
                        .register(registry),
                key.provider == null
                        ? null
                        : Counter.builder("gateway.provider.requests")
                                .tags("provider", provider, "status", status)
                                .register(registry),
                Counter.builder("gateway.tokens")
                        .tags("provider", provider, "direction", "input")
                        .register(registry),
                Counter.builder("gateway.tokens")
                        .tags("provider", provider, "direction", "output")
                        .register(registry));
    }

    private static String methodLabel(String method) {
        return switch (method) {
            case "GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS" -> method.toLowerCase(Locale.ROOT);
            default -> "other";
        };
    }
}
