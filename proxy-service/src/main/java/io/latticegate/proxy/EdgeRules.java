package io.latticegate.proxy;

import io.latticegate.common.config.LatticegateConfig;
import io.latticegate.proxy.lease.KeyLeases;
import io.latticegate.proxy.provider.Provider;
import io.latticegate.proxy.relay.Rules;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rules of one edge verticle. A change replaces them for the next request in one assignment. A provider that is
 * configured as before keeps its connections; those of the others are closed when the last request has ended that began
 * under rules which name it. Confined to one event loop.
 */
final class EdgeRules {
    private final Vertx vertx;
    private final KeyLeases keys;
    private final List<Rules> live = new ArrayList<>();
    private Rules current = Rules.unknown();

    EdgeRules(Vertx vertx, KeyLeases keys) {
        this.vertx = vertx;
        this.keys = keys;
    }

    /** Under which a request begins now. */
    Rules current() {
        return current;
    }

    /** @param applied null: nobody knows what is in force, so nothing is served */
    void apply(RulesFollower.@Nullable Applied applied) {
        Rules former = current;
        if (applied == null) {
            current = Rules.unknown();
        } else {
            LatticegateConfig config = applied.config();
            Map<String, Provider> open = new LinkedHashMap<>();
            former.routing().providers().forEach(provider -> open.put(provider.name(), provider));
            current = ProviderTable.rules(vertx, config, applied.version(), open);
            live.add(current);
        }
        keys.forgetAllBut(name -> current.routing().providers().stream()
                .anyMatch(provider -> provider.name().equals(name)));
        former.retire(() -> {
            live.remove(former);
            closeUnused(former);
        });
    }

    private void closeUnused(Rules former) {
        Set<Provider> used = Collections.newSetFromMap(new IdentityHashMap<>());
        live.forEach(rules -> used.addAll(rules.routing().providers()));
        for (Provider provider : former.routing().providers()) {
            if (!used.contains(provider)) {
                provider.close();
            }
        }
    }
}
