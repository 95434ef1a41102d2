package io.latticegate.proxy.provider;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which provider serves a model: a model named in the configuration, else the longest configured prefix, else the first
 * provider that speaks the surface's own protocol, which then judges the name itself.
 */
public final class Routing {
    /** @param upstreamModel null keeps the client's model name */
    public record Target(Provider provider, @Nullable String upstreamModel) {}

    private record Prefix(String prefix, Provider provider) {}

    private final Map<String, Target> models;
    private final List<Prefix> prefixes;
    private final List<Provider> providers;

    /**
     * @param providers in order of preference
     * @param models exact names
     * @param prefixes model-name prefix to provider name
     */
    public Routing(List<Provider> providers, Map<String, Target> models, Map<String, Provider> prefixes) {
        this.providers = List.copyOf(providers);
        this.models = Map.copyOf(models);
        List<Prefix> longestFirst = new ArrayList<>();
        prefixes.forEach((prefix, provider) -> longestFirst.add(new Prefix(prefix, provider)));
        longestFirst.sort(
                Comparator.comparingInt((Prefix one) -> one.prefix.length()).reversed());
        this.prefixes = List.copyOf(longestFirst);
    }

    /** The target for {@code model}, or null when nothing serves it. */
    public @Nullable Target resolve(@Nullable String model, @Nullable ProviderKind own) {
        Target named = named(model);
        if (named != null) {
            return named;
        }
        Provider fallback = own == null ? null : first(own);
        return fallback == null ? null : new Target(fallback, null);
    }

    /** The target that the configuration names for {@code model}, or null; for surfaces without a protocol of their own. */
    public @Nullable Target named(@Nullable String model) {
        if (model == null) {
            return null;
        }
        Target exact = models.get(model);
        if (exact != null) {
            return exact;
        }
        for (Prefix one : prefixes) {
            if (model.startsWith(one.prefix)) {
                return new Target(one.provider, null);
            }
        }
        return null;
    }

    /** The target that the configuration names for {@code model} at this provider, or null. */
    public @Nullable Target at(String provider, @Nullable String model) {
        Target target = named(model);
        return target != null && target.provider().name().equals(provider) ? target : null;
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

    /** Names of the models that the configuration lists. */
    public Map<String, Target> models() {
        return models;
    }
}
