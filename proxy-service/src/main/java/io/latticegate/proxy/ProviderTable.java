package io.latticegate.proxy;

import io.latticegate.common.config.LatticegateConfig;
import io.latticegate.common.config.ModelConfig;
import io.latticegate.common.config.ProviderConfig;
import io.latticegate.proxy.provider.AllowedCalls;
import io.latticegate.proxy.provider.Provider;
import io.latticegate.proxy.provider.ProviderKind;
import io.latticegate.proxy.provider.Routing;
import io.latticegate.proxy.relay.PriceList;
import io.latticegate.proxy.relay.ProviderApiRelay;
import io.latticegate.proxy.relay.ServedPaths;
import io.vertx.core.Vertx;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;

/** Builds providers, routes and prices from the configuration. */
final class ProviderTable {
    static Routing routing(Vertx vertx, LatticegateConfig config) {
        Map<String, Provider> providers = new LinkedHashMap<>();
        for (ProviderConfig one : config.providers().values()) {
            if (one.enabled()) {
                providers.put(one.name(), provider(vertx, config, one));
            }
        }
        Map<String, Routing.Target> models = new LinkedHashMap<>();
        Map<String, Provider> prefixes = new LinkedHashMap<>();
        config.relay().providerPrefixes().forEach((prefix, name) -> {
            Provider provider = providers.get(name);
            if (provider != null) {
                prefixes.put(prefix, provider);
            }
        });
        for (Provider provider : providers.values()) {
            if (provider.kind() == ProviderKind.ECHO) {
                models.put("echo", new Routing.Target(provider, null));
            }
        }
        for (ModelConfig model : config.models().values()) {
            Provider provider = providers.get(model.provider());
            if (provider == null) {
                continue;
            }
            if (model.isPrefix()) {
                prefixes.put(model.prefix(), provider);
            } else {
                models.put(model.pattern(), new Routing.Target(provider, model.upstreamModel()));
            }
        }
        return new Routing(providers.values().stream().toList(), models, prefixes);
    }

    /** The providers of which clients may call anything at all, by name. */
    static Map<String, ProviderApiRelay.Upstream> upstreams(Routing routing, LatticegateConfig config) {
        Map<String, ProviderApiRelay.Upstream> upstreams = new LinkedHashMap<>();
        for (Provider provider : routing.providers()) {
            ProviderConfig one = config.providers().get(provider.name());
            if (one == null || one.allowedEndpoints().isEmpty()) {
                continue;
            }
            AllowedCalls calls = new AllowedCalls(
                    one.allowedMethods(),
                    one.allowedEndpoints(),
                    path -> ServedPaths.contain(provider.kind(), path),
                    one.paramAllowlist(),
                    one.requiredHeaders());
            upstreams.put(provider.name(), new ProviderApiRelay.Upstream(provider, calls));
        }
        return upstreams;
    }

    static PriceList prices(LatticegateConfig config) {
        PriceList prices = new PriceList();
        for (ModelConfig model : config.models().values()) {
            BigDecimal in = model.priceIn();
            BigDecimal out = model.priceOut();
            if (in != null || out != null) {
                prices.put(
                        model.isPrefix() ? model.prefix() : model.pattern(),
                        in == null ? BigDecimal.ZERO : in,
                        out == null ? BigDecimal.ZERO : out);
            }
        }
        return prices;
    }

    private static Provider provider(Vertx vertx, LatticegateConfig config, ProviderConfig one) {
        return new Provider(
                vertx,
                new Provider.Settings(
                        one.name(),
                        ProviderKind.valueOf(one.kind().name()),
                        one.baseUrl(),
                        one.version(),
                        config.server().timeouts().connect(),
                        one.timeout(),
                        one.maxConnectionsPerHost(),
                        one.connectionIdle(),
                        one.scope(),
                        one.credential().header(),
                        one.credential().scheme()));
    }

    private ProviderTable() {}
}
