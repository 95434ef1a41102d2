package io.latticegate.proxy.relay;

import io.latticegate.common.config.ProjectConfig;
import io.latticegate.proxy.edge.Cors;
import io.latticegate.proxy.provider.Provider;
import io.latticegate.proxy.provider.ProviderKind;
import io.latticegate.proxy.provider.Routing;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * By what an edge verticle judges and routes requests: one version of what may change at run time. A request keeps the rules
 * under which it began; they learn when the last such request has ended. Confined to one event loop.
 */
public final class Rules {
    private final long version;
    private final Routing routing;
    private final PriceList prices;
    private final Map<String, ProviderApiRelay.Upstream> upstreams;
    private final Map<String, ProjectAccess> projects;
    private final ProjectAccess others;
    private final Cors cors;
    private @Nullable Runnable whenUnused;
    private int requests;

    /**
     * @param version 1 and more
     * @param upstreams by the provider's name
     * @param projects by id, or {@link ProjectConfig#DEFAULT} for those that have no entry
     */
    public Rules(
            long version,
            Routing routing,
            PriceList prices,
            Map<String, ProviderApiRelay.Upstream> upstreams,
            Map<String, ProjectAccess> projects,
            Cors cors) {
        this.version = version;
        this.routing = routing;
        this.prices = prices;
        this.upstreams = Map.copyOf(upstreams);
        this.projects = Map.copyOf(projects);
        this.others = projects.getOrDefault(ProjectConfig.DEFAULT, ProjectAccess.everything(routing));
        this.cors = cors;
    }

    /** The rules of a node that does not know which are in force: it serves nothing. */
    public static Rules unknown() {
        return new Rules(
                0,
                new Routing(List.of(), Map.of(), Map.of()),
                new PriceList(),
                Map.of(),
                Map.of(),
                new Cors(List.of(), Duration.ZERO));
    }

    /** Whether these are rules by which requests may be served. */
    public boolean known() {
        return version > 0;
    }

    /** Number of the version that is in force; 0: unknown. */
    public long version() {
        return version;
    }

    public Routing routing() {
        return routing;
    }

    /** What the requests of a project may be put to; null: of none, such as a wallet's. */
    ProjectAccess access(@Nullable String project) {
        ProjectAccess own = project == null || projects.isEmpty() ? null : projects.get(project);
        return own == null ? others : own;
    }

    public PriceList prices() {
        return prices;
    }

    public Cors cors() {
        return cors;
    }

    /** What clients may ask of a provider's own API; null: nothing. */
    ProviderApiRelay.@Nullable Upstream upstream(String provider) {
        return upstreams.get(provider);
    }

    /** Whether {@code /api/<provider>} is a path of the token stream. */
    public boolean streamsTokensOf(String provider) {
        for (Provider one : routing.providers()) {
            if (one.name().equals(provider)) {
                return one.kind() != ProviderKind.GENERIC;
            }
        }
        return false;
    }

    /** A request begins under these rules. */
    public void enter() {
        requests++;
    }

    /** A request that has entered has ended. */
    public void leave() {
        requests--;
        if (requests == 0 && whenUnused != null) {
            Runnable last = whenUnused;
            whenUnused = null;
            last.run();
        }
    }

    /** No request begins under these rules any longer; runs {@code then} when none is left. */
    public void retire(Runnable then) {
        if (requests == 0) {
            then.run();
        } else {
            whenUnused = then;
        }
    }
}
