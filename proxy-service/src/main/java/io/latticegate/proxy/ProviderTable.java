package io.latticegate.proxy;

import io.latticegate.common.config.AuthConfig;
import io.latticegate.common.config.LatticegateConfig;
import io.latticegate.common.config.ModelConfig;
import io.latticegate.common.config.ProjectConfig;
import io.latticegate.common.config.ProviderConfig;
import io.latticegate.common.config.RoutingConfig;
import io.latticegate.common.config.SecurityConfig;
import io.latticegate.common.contract.VaultApi.OwnerKind;
import io.latticegate.proxy.dialect.openai.OpenAiChat;
import io.latticegate.proxy.edge.Cors;
import io.latticegate.proxy.provider.AllowedCalls;
import io.latticegate.proxy.provider.AzurePaths;
import io.latticegate.proxy.provider.OpenAiVariant;
import io.latticegate.proxy.provider.Provider;
import io.latticegate.proxy.provider.ProviderKind;
import io.latticegate.proxy.provider.Routing;
import io.latticegate.proxy.relay.PriceList;
import io.latticegate.proxy.relay.ProjectAccess;
import io.latticegate.proxy.relay.ProviderApiRelay;
import io.latticegate.proxy.relay.Rules;
import io.latticegate.proxy.relay.ServedPaths;
import io.latticegate.proxy.routing.CostOptimized;
import io.latticegate.proxy.routing.HealthBased;
import io.latticegate.proxy.routing.LeastUsed;
import io.latticegate.proxy.routing.Performance;
import io.latticegate.proxy.routing.RetryBudget;
import io.latticegate.proxy.routing.RoundRobin;
import io.latticegate.proxy.routing.RoutingState;
import io.latticegate.proxy.routing.Strategy;
import io.latticegate.proxy.routing.TargetState;
import io.latticegate.proxy.routing.Weighted;
import io.vertx.core.Vertx;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** Builds from the configuration what requests are judged and routed by. */
final class ProviderTable {
    private static final String AZURE_KEY_HEADER = "api-key";

    private static final RandomGenerator RANDOM =
            () -> ThreadLocalRandom.current().nextLong();

    /** @param open providers by name; one that is configured as before is kept with its connections */
    static Rules rules(Vertx vertx, LatticegateConfig config, long version, Map<String, Provider> open) {
        Routing routing = routing(vertx, config, open);
        SecurityConfig.Cors cors = config.security().cors();
        return new Rules(
                version,
                routing,
                prices(config),
                upstreams(routing, config),
                projects(routing, config),
                new Cors(cors.enabled() ? cors.origins() : List.of(), cors.maxAge()));
    }

    private static Routing routing(Vertx vertx, LatticegateConfig config, Map<String, Provider> open) {
        Map<String, Provider> providers = new LinkedHashMap<>();
        inOrderOfPreference(config).filter(ProviderConfig::enabled).forEach(one -> {
            Provider.Settings settings = settings(config, one);
            Provider former = open.get(one.name());
            providers.put(
                    one.name(),
                    former != null && former.settings().equals(settings) ? former : new Provider(vertx, settings));
        });
        Map<String, Routing.Route> models = new LinkedHashMap<>();
        Map<String, Routing.Route> prefixes = new LinkedHashMap<>();
        config.relay().providerPrefixes().forEach((prefix, name) -> {
            Provider provider = providers.get(name);
            if (provider != null) {
                prefixes.put(prefix, new Routing.Route(prefix + "*", List.of(new Routing.Target(provider, null))));
            }
        });
        for (Provider provider : providers.values()) {
            if (provider.kind() == ProviderKind.ECHO) {
                models.put("echo", new Routing.Route("echo", List.of(new Routing.Target(provider, null))));
            }
        }
        for (ModelConfig model : config.models().values()) {
            Routing.Route route = new Routing.Route(model.pattern(), targets(model, providers), model.continuation());
            if (model.isPrefix()) {
                prefixes.put(model.prefix(), route);
            } else {
                models.put(model.pattern(), route);
                model.aliases().forEach(alias -> models.put(alias, route));
            }
        }
        return new Routing(providers.values().stream().toList(), models, prefixes);
    }

    /** Those of a protocol itself before those that are an address of it, such as openai before groq; each by name. */
    private static Stream<ProviderConfig> inOrderOfPreference(LatticegateConfig config) {
        return config.providers().values().stream()
                .sorted(Comparator.comparing(one -> one.kind().protocol() != one.kind()));
    }

    /** The providers of which clients may call anything at all, by name. */
    private static Map<String, ProviderApiRelay.Upstream> upstreams(Routing routing, LatticegateConfig config) {
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
            upstreams.put(provider.name(), new ProviderApiRelay.Upstream(provider, calls, one.maxBodyBytes()));
        }
        return upstreams;
    }

    /** What each project may use, with one routing for all that may use the same providers. */
    private static Map<String, ProjectAccess> projects(Routing routing, LatticegateConfig config) {
        Map<Set<String>, Routing> limited = new HashMap<>();
        Map<String, ProjectAccess> projects = new HashMap<>();
        config.projects().forEach((id, project) -> {
            Set<String> permitted = Set.copyOf(project.providers());
            projects.put(
                    id,
                    new ProjectAccess(
                            permitted.isEmpty()
                                    ? routing
                                    : limited.computeIfAbsent(permitted, names -> routing.only(names::contains)),
                            !permitted.isEmpty(),
                            project.models(),
                            sources(project, config.auth().mode())));
        });
        return projects;
    }

    private static ProjectAccess.Sources sources(ProjectConfig project, AuthConfig.Mode mode) {
        List<ProjectConfig.CredentialSource> named =
                project.credentialSources().isEmpty() ? ProjectConfig.sourcesOf(mode) : project.credentialSources();
        List<OwnerKind> vault = new ArrayList<>();
        for (ProjectConfig.CredentialSource source : named) {
            switch (source) {
                case CLIENT -> {}
                case PROJECT -> vault.add(OwnerKind.PROJECT);
                case GATEWAY -> vault.add(OwnerKind.GATEWAY);
            }
        }
        return new ProjectAccess.Sources(named.contains(ProjectConfig.CredentialSource.CLIENT), vault, project.spill());
    }

    private static List<Routing.Target> targets(ModelConfig model, Map<String, Provider> providers) {
        List<Routing.Target> targets = new ArrayList<>();
        for (ModelConfig.Target one : model.targets()) {
            Provider provider = providers.get(one.provider());
            if (provider != null) {
                String upstream = one.upstreamModel();
                boolean alias = upstream == null && !model.aliases().isEmpty();
                targets.add(new Routing.Target(
                        provider,
                        alias ? model.pattern() : upstream,
                        one.weight(),
                        price(one),
                        pricedAs(model, one),
                        one.prefill()));
            }
        }
        return targets;
    }

    private static double price(ModelConfig.Target target) {
        BigDecimal in = target.priceIn();
        BigDecimal out = target.priceOut();
        if (in == null && out == null) {
            return Double.POSITIVE_INFINITY;
        }
        return (in == null ? 0 : in.doubleValue()) + (out == null ? 0 : out.doubleValue());
    }

    /** A target's name in the price list; those of one model's several targets are no model's name, as they have a space. */
    private static String pricedAs(ModelConfig model, ModelConfig.Target target) {
        String id = model.isPrefix() ? model.prefix() : model.pattern();
        return model.targets().size() == 1 ? id : id + " " + target.provider() + " " + target.upstreamModel();
    }

    private static PriceList prices(LatticegateConfig config) {
        PriceList prices = new PriceList();
        for (ModelConfig model : config.models().values()) {
            for (ModelConfig.Target target : model.targets()) {
                BigDecimal in = target.priceIn();
                BigDecimal out = target.priceOut();
                if (in != null || out != null) {
                    prices.put(
                            pricedAs(model, target),
                            in == null ? BigDecimal.ZERO : in,
                            out == null ? BigDecimal.ZERO : out);
                }
            }
        }
        return prices;
    }

    /** What all edges of this process know together, empty at first. */
    static RoutingState state(RoutingConfig routing) {
        long started = System.nanoTime();
        return new RoutingState(
                breaker(routing),
                new RetryBudget(routing.retryBudget().doubleValue()),
                routing.failoverEnabled(),
                () -> strategy(routing.strategy()),
                () -> System.nanoTime() - started,
                RANDOM);
    }

    /** Lets {@code state} go on by other settings. */
    static void reconfigure(RoutingState state, RoutingConfig routing) {
        state.reconfigure(
                breaker(routing),
                new RetryBudget(routing.retryBudget().doubleValue()),
                routing.failoverEnabled(),
                () -> strategy(routing.strategy()));
    }

    private static TargetState.Breaker breaker(RoutingConfig routing) {
        return new TargetState.Breaker(
                routing.circuitBreaker().failures(),
                routing.circuitBreaker().cooldown().toNanos());
    }

    private static Strategy strategy(RoutingConfig.Strategy strategy) {
        return switch (strategy) {
            case ROUND_ROBIN -> new RoundRobin();
            case WEIGHTED -> new Weighted(RANDOM);
            case PERFORMANCE -> new Performance(RANDOM);
            case COST_OPTIMIZED -> new CostOptimized();
            case HEALTH_BASED -> new HealthBased();
            case USAGE -> new LeastUsed();
        };
    }

    private static Provider.Settings settings(LatticegateConfig config, ProviderConfig one) {
        OpenAiVariant variant = variant(one);
        return new Provider.Settings(
                one.name(),
                ProviderKind.valueOf(one.kind().protocol().name()),
                one.baseUrl(),
                one.version(),
                config.server().timeouts().connect(),
                one.timeout(),
                one.retryCount(),
                one.maxConnectionsPerHost(),
                one.connectionIdle(),
                one.scope(),
                variant.azure() == null ? one.credential().header() : AZURE_KEY_HEADER,
                variant.azure() == null ? one.credential().scheme() : "",
                one.region(),
                variant);
    }

    private static OpenAiVariant variant(ProviderConfig one) {
        return switch (one.kind()) {
            case AZURE ->
                new OpenAiVariant(OpenAiChat.LimitField.MAX_COMPLETION_TOKENS, new AzurePaths(one.version()), false);
            case OPENAI_RESPONSES -> new OpenAiVariant(OpenAiChat.LimitField.MAX_COMPLETION_TOKENS, null, true);
            case HUGGINGFACE, MISTRAL, DEEPSEEK, TOGETHER, OPENROUTER, FIREWORKS, OLLAMA ->
                new OpenAiVariant(OpenAiChat.LimitField.MAX_TOKENS, null, false);
            default -> OpenAiVariant.NONE;
        };
    }

    private ProviderTable() {}
}
