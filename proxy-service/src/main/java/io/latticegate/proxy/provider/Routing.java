package io.latticegate.proxy.provider;

import io.latticegate.common.config.ModelConfig.Prefill;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which providers serve a model: those that the configuration lists for it, else the one of the longest configured prefix,
 * else the first provider that speaks the surface's own protocol, which then judges the name itself. A listed model never
 * reaches a provider that is not in its list (C-98).
 */
public final class Routing {
    /**
     * A provider and the model to ask it for.
     *
     * @param upstreamModel null keeps the client's model name
     * @param weight its share of the requests, 1 and more
     * @param price of a million input and a million output tokens together, in US dollars; infinite: unknown
     * @param pricedAs its name in the price list; null: that of the client's model
     * @param prefill how it goes on with a text that was begun
     */
    public record Target(
            Provider provider,
            @Nullable String upstreamModel,
            int weight,
            double price,
            @Nullable String pricedAs,
            Prefill prefill) {
        public Target(Provider provider, @Nullable String upstreamModel) {
            this(provider, upstreamModel, 1, Double.POSITIVE_INFINITY, null, Prefill.NONE);
        }
    }

    /**
     * Where a request may go.
     *
     * @param name of the model in the configuration, or of the provider where it lists none; a bounded set
     * @param targets in the order of the configuration; empty: all of them are disabled
     * @param continuation whether a streamed text that breaks off is gone on with unless the client says otherwise
     */
    public record Route(String name, List<Target> targets, boolean continuation) {
        public Route {
            targets = List.copyOf(targets);
        }

        /** A route on which no answer is gone on with. */
        public Route(String name, List<Target> targets) {
            this(name, targets, false);
        }

        /** The same with targets at these providers only; may be left without any. */
        Route only(Predicate<String> permitted) {
            return new Route(
                    name,
                    targets.stream()
                            .filter(target -> permitted.test(target.provider().name()))
                            .toList(),
                    continuation);
        }

        /** The only target, or the first of several; null when there is none. */
        public @Nullable Target first() {
            return targets.isEmpty() ? null : targets.getFirst();
        }

        /** The names of the providers, for a message. */
        public String providers() {
            return targets.stream()
                    .map(target -> target.provider().name())
                    .distinct()
                    .collect(Collectors.joining(" or "));
        }
    }

    private record Prefix(String prefix, Route route) {}

    private final Map<String, Route> routes;
    private final Map<String, Target> models;
    private final List<Prefix> prefixes;
    private final List<Provider> providers;

    /**
     * @param providers in order of preference
     * @param models by their names and aliases
     * @param prefixes model-name prefix to where such models are served
     */
    public Routing(List<Provider> providers, Map<String, Route> models, Map<String, Route> prefixes) {
        this.providers = List.copyOf(providers);
        this.routes = Map.copyOf(models);
        Map<String, Target> first = new LinkedHashMap<>();
        models.forEach((name, route) -> {
            Target target = route.first();
            if (target != null) {
                first.put(name, target);
            }
        });
        this.models = Map.copyOf(first);
        List<Prefix> longestFirst = new ArrayList<>();
        prefixes.forEach((prefix, route) -> longestFirst.add(new Prefix(prefix, route)));
        longestFirst.sort(
                Comparator.comparingInt((Prefix one) -> one.prefix.length()).reversed());
        this.prefixes = List.copyOf(longestFirst);
    }

    /** The same with these providers only: nothing leads to another one, not even where it is all that serves a model. */
    public Routing only(Predicate<String> permitted) {
        Map<String, Route> keptRoutes = new LinkedHashMap<>();
        routes.forEach((name, route) -> keptRoutes.put(name, route.only(permitted)));
        Map<String, Route> keptPrefixes = new LinkedHashMap<>();
        prefixes.forEach(one -> keptPrefixes.put(one.prefix, one.route.only(permitted)));
        return new Routing(
                providers.stream()
                        .filter(provider -> permitted.test(provider.name()))
                        .toList(),
                keptRoutes,
                keptPrefixes);
    }

    /** Where a request for {@code model} may go, or null when nothing serves it; never without a target. */
    public @Nullable Route route(@Nullable String model, @Nullable ProviderKind own) {
        Route named = namedRoute(model);
        if (named != null) {
            return named.targets.isEmpty() ? null : named;
        }
        Provider fallback = own == null ? null : first(own);
        return fallback == null ? null : new Route(fallback.name(), List.of(new Target(fallback, null)));
    }

    /** The configuration's name for where {@code model} is served, or null when nothing serves it. */
    public @Nullable String nameOf(@Nullable String model, @Nullable ProviderKind own) {
        Route route = route(model, own);
        return route == null ? null : route.name();
    }

    /** The first target for {@code model}, or null when nothing serves it. */
    public @Nullable Target resolve(@Nullable String model, @Nullable ProviderKind own) {
        Route route = route(model, own);
        return route == null ? null : route.first();
    }

    /**
     * The route that the configuration names for {@code model}, or null; for surfaces without a protocol of their own. It may
     * have no target.
     */
    public @Nullable Route namedRoute(@Nullable String model) {
        if (model == null) {
            return null;
        }
        Route exact = routes.get(model);
        if (exact != null) {
            return exact;
        }
        for (Prefix one : prefixes) {
            if (model.startsWith(one.prefix)) {
                return one.route;
            }
        }
        return null;
    }

    /** Where the configuration sends {@code model} at this provider, or null. */
    public @Nullable Route at(String provider, @Nullable String model) {
        Route named = namedRoute(model);
        if (named == null) {
            return null;
        }
        List<Target> targets = named.targets.stream()
                .filter(target -> target.provider().name().equals(provider))
                .toList();
        return targets.isEmpty() ? null : new Route(named.name, targets, named.continuation);
    }

    /** The first provider of this kind, or null. */
    public @Nullable Provider first(ProviderKind kind) {
        for (Provider provider : providers) {
            if (provider.kind() == kind) {
                return provider;
            }
        }
        return null;
    }

    public List<Provider> providers() {
        return providers;
    }

    /** Names and aliases of the models that the configuration lists, each with its first target. */
    public Map<String, Target> models() {
        return models;
    }
}
