package io.latticegate.proxy.edge;

import io.latticegate.common.journal.AuditActor;
import io.latticegate.common.telemetry.BoundedLabel;
import io.latticegate.proxy.relay.CacheOutcome;
import io.latticegate.proxy.relay.ErrorType;
import io.latticegate.proxy.relay.Outcome;
import io.latticegate.proxy.relay.RequestFacts;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Counts requests when they have ended. Labels come from closed sets, from names of the configuration, or are bounded; the
 * meters are looked up without making anything. Confined to one event loop.
 */
public final class EdgeMetrics {
    private static final String NONE = "none";
    private static final int ERROR_TYPES_MAX = 100;
    private static final int FAMILIES_MAX = 1_000;
    private static final int STATUS_MAX = 599;
    private static final Duration[] BUCKETS =
            List.of(5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000).stream()
                    .map(Duration::ofMillis)
                    .toArray(Duration[]::new);

    private final MeterRegistry registry;
    private final WalletLabel wallets;
    private final BoundedLabel families = new BoundedLabel("model", FAMILIES_MAX);
    private final BoundedLabel errorTypes = new BoundedLabel("type", ERROR_TYPES_MAX);
    private final Counter cacheHits;
    private final Counter cacheMisses;
    private final Counter cacheStores;
    private final Counter cacheSemanticHits;
    private final Map<Surface, Map<String, Map<String, Map<String, Counter[]>>>> requests =
            new EnumMap<>(Surface.class);
    private final Map<Surface, Map<String, Timer>> durations = new EnumMap<>(Surface.class);
    private final Map<String, Consumed> consumed = new HashMap<>();
    private final Map<String, Map<String, Counter>> ofWallets = new HashMap<>();

    /** What a provider's answers have cost. */
    private record Consumed(Counter input, Counter output, Counter cachedInput, Counter costMicroUsd) {}

    /** @param wallets shared by all event loops */
    public EdgeMetrics(MeterRegistry registry, WalletLabel wallets) {
        this.registry = registry;
        this.wallets = wallets;
        this.cacheHits = counter("gateway.cache.hits", "Requests answered with a kept answer");
        this.cacheMisses = counter("gateway.cache.misses", "Requests that a kept answer was looked for in vain");
        this.cacheStores = counter("gateway.cache.stores", "Answers that were kept");
        this.cacheSemanticHits =
                counter("gateway.cache.semantic.hits", "Requests answered with the kept answer to a similar one");
    }

    private Counter counter(String name, String description) {
        return Counter.builder(name).description(description).register(registry);
    }

    void count(RequestFacts facts) {
        String provider = facts.provider == null ? NONE : facts.provider;
        requests(facts, provider).increment();
        duration(facts.surface, provider).record(facts.elapsedNanos, TimeUnit.NANOSECONDS);
        countCache(facts.cache);
        countConsumed(facts, provider);
        ofWallet(
                        facts.actorKind == AuditActor.Kind.WALLET ? wallets.of(facts.actorId) : WalletLabel.NONE,
                        facts.family == null ? NONE : facts.family)
                .increment();
        if (facts.outcome == Outcome.ERROR || facts.outcome == Outcome.DENIED) {
            Counter.builder("gateway.errors")
                    .description("Requests that were refused or failed, by why")
                    .tags(List.of(errorTypes.of(ErrorType.of(facts.reason))))
                    .register(registry)
                    .increment();
        }
    }

    private Counter requests(RequestFacts facts, String provider) {
        String method = methodLabel(facts.method);
        Counter[] byStatus = requests.computeIfAbsent(facts.surface, unused -> new HashMap<>())
                .computeIfAbsent(facts.route, unused -> new HashMap<>())
                .computeIfAbsent(method, unused -> new HashMap<>())
                .computeIfAbsent(provider, unused -> new Counter[STATUS_MAX + 1]);
        int status = facts.status < 0 || facts.status > STATUS_MAX ? 0 : facts.status;
        Counter counter = byStatus[status];
        if (counter == null) {
            counter = Counter.builder("gateway.requests")
                    .description("Requests that have ended")
                    .tags(
                            "surface",
                            facts.surface.label(),
                            "route",
                            facts.route,
                            "method",
                            method,
                            "status",
                            Integer.toString(status),
                            "provider",
                            provider)
                    .register(registry);
            byStatus[status] = counter;
        }
        return counter;
    }

    private Timer duration(Surface surface, String provider) {
        Map<String, Timer> byProvider = durations.computeIfAbsent(surface, unused -> new HashMap<>());
        Timer timer = byProvider.get(provider);
        if (timer == null) {
            timer = Timer.builder("gateway.request.duration")
                    .description("Time from a request's head to the last byte of its answer")
                    .tags("surface", surface.label(), "provider", provider)
                    .serviceLevelObjectives(BUCKETS)
                    .register(registry);
            byProvider.put(provider, timer);
        }
        return timer;
    }

    private void countCache(CacheOutcome outcome) {
        switch (outcome) {
            case BYPASS -> {}
            case HIT -> cacheHits.increment();
            case SEMANTIC -> {
                cacheHits.increment();
                cacheSemanticHits.increment();
            }
            case MISS -> cacheMisses.increment();
            case STORED -> {
                cacheMisses.increment();
                cacheStores.increment();
            }
        }
    }

    private void countConsumed(RequestFacts facts, String provider) {
        Consumed of = consumed.get(provider);
        if (of == null) {
            of = consumed(provider);
            consumed.put(provider, of);
        }
        of.input.increment((double) facts.usage.input());
        of.output.increment((double) facts.usage.output());
        if (facts.usage.cachedInput() > 0) {
            of.cachedInput.increment((double) facts.usage.cachedInput());
        }
        if (facts.costMicroUsd > 0) {
            of.costMicroUsd.increment((double) facts.costMicroUsd);
        }
    }

    private Consumed consumed(String provider) {
        return new Consumed(
                tokens(provider, "input"),
                tokens(provider, "output"),
                Counter.builder("gateway.cached.tokens")
                        .description("Input tokens that providers read from their own prompt caches")
                        .tag("provider", provider)
                        .register(registry),
                Counter.builder("gateway.cost.micro.usd")
                        .description("Cost of all answers by the price list, in millionths of a US dollar")
                        .tag("provider", provider)
                        .register(registry));
    }

    private Counter tokens(String provider, String direction) {
        return Counter.builder("gateway.tokens")
                .description("Tokens that requests have used")
                .tags("provider", provider, "direction", direction)
                .register(registry);
    }

    private Counter ofWallet(String wallet, String family) {
        Map<String, Counter> byFamily = ofWallets.computeIfAbsent(wallet, unused -> new HashMap<>());
        Counter counter = byFamily.get(family);
        if (counter == null) {
            Tag model = families.of(family);
            counter = Counter.builder("llm.requests")
                    .description("Requests by wallet, hashed and bounded, and by the model's name in the configuration")
                    .tags("wallet", wallet)
                    .tags(List.of(model))
                    .register(registry);
            byFamily.put(family, counter);
        }
        return counter;
    }

    private static String methodLabel(String method) {
        return switch (method) {
            case "GET" -> "get";
            case "POST" -> "post";
            case "DELETE" -> "delete";
            case "PUT" -> "put";
            case "PATCH" -> "patch";
            case "HEAD" -> "head";
            case "OPTIONS" -> "options";
            default -> "other";
        };
    }
}
