package io.latticegate.common.config;

import io.latticegate.common.value.ServiceRole;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The whole configuration. Every service reads the same file; {@link #validateFor} tells whether what is there suffices
 * for the services of this process.
 *
 * @param profile chooses {@code config/<profile>.yaml}
 * @param providers by name
 * @param models by pattern
 * @param projects by id, or {@link ProjectConfig#DEFAULT}
 * @param changeable what was written of the part that may be changed at run time; stays what the files say
 */
public record LatticegateConfig(
        String profile,
        ServerConfig server,
        ManagementConfig management,
        MeshConfig mesh,
        RedisConfig redis,
        StorageConfig storage,
        AuthConfig auth,
        SecurityConfig security,
        RelayConfig relay,
        EncryptionConfig encryption,
        TokensConfig tokens,
        Map<String, ProviderConfig> providers,
        Map<String, ModelConfig> models,
        RoutingConfig routing,
        Map<String, ProjectConfig> projects,
        CacheConfig cache,
        AuditConfig audit,
        AlertsConfig alerts,
        AnalyticsConfig analytics,
        LoggingConfig logging,
        TracingConfig tracing,
        FheConfig fhe,
        PrivacyConfig privacy,
        SidecarConfig sidecar,
        Changeable changeable) {
    /** Default of {@code profile}. */
    static final String PROFILE = "production";

    static final String PROFILE_FORM = "[a-z0-9][a-z0-9_-]{0,31}";
    private static final Set<String> BUILT_IN_PROVIDERS = Set.of("openai", "anthropic", "gemini", "cohere", "echo");
    private static final int PROVIDERS_MAX = 100;
    private static final int MODELS_MAX = 5_000;

    public LatticegateConfig {
        IllegalSetting.unless(
                profile.matches(PROFILE_FORM), "profile", "must be 1 to 32 of a-z, 0-9, dashes and underscores");
        IllegalSetting.unless(
                providers.size() <= PROVIDERS_MAX, "providers", "holds more than " + PROVIDERS_MAX + " providers");
        IllegalSetting.unless(models.size() <= MODELS_MAX, "models", "holds more than " + MODELS_MAX + " models");
        IllegalSetting.unless(
                projects.size() <= ProjectConfig.PROJECTS_MAX,
                "projects",
                "holds more than " + ProjectConfig.PROJECTS_MAX + " projects");
    }

    /**
     * Where {@code model} is served: its own entry, one that has it as an alias, or that of the longest matching prefix;
     * then the provider that {@code relay.provider_prefixes} names.
     */
    public Optional<ModelConfig> route(String model) {
        ModelConfig own = models.get(model);
        if (own != null && !own.isPrefix()) {
            return Optional.of(own);
        }
        for (ModelConfig candidate : models.values()) {
            if (candidate.aliases().contains(model)) {
                return Optional.of(candidate);
            }
        }
        ModelConfig longest = null;
        for (ModelConfig candidate : models.values()) {
            if (candidate.isPrefix()
                    && model.startsWith(candidate.prefix())
                    && (longest == null
                            || candidate.prefix().length() > longest.prefix().length())) {
                longest = candidate;
            }
        }
        if (longest != null) {
            return Optional.of(longest);
        }
        return relay.providerPrefixes().keySet().stream()
                .filter(model::startsWith)
                .max((left, right) -> Integer.compare(left.length(), right.length()))
                .map(prefix -> new ModelConfig(
                        prefix + "*", String.valueOf(relay.providerPrefixes().get(prefix)), null, null, null));
    }

    /**
     * Checks what the services of this process need and the others may lack: secrets, stores, certificates.
     *
     * @throws ConfigException with every reason why one of {@code roles} cannot start
     */
    public void validateFor(ServiceRole... roles) {
        List<ConfigProblem> problems = ServiceNeeds.unmet(this, Set.of(roles));
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
    }

    private static void checkGuarded(ConfigNode node, SecurityConfig security, Rules rules) {
        security.guards().models().keySet().stream()
                .filter(guarded -> !rules.models().containsKey(guarded))
                .forEach(guarded -> node.problem(
                        "security.guards.models",
                        "names " + SettingType.quote(guarded) + ", which is not under models"));
    }

    /** The sections that may be changed at run time, but for {@code security.cors}. */
    private record Rules(
            Map<String, ProviderConfig> providers,
            Map<String, ModelConfig> models,
            RoutingConfig routing,
            Map<String, ProjectConfig> projects) {
        static Rules from(ConfigNode node, ServerConfig server, RelayConfig relay, AuthConfig auth) {
            Map<String, ProviderConfig> providers = node.sections(
                    "providers", BUILT_IN_PROVIDERS, (name, provider) -> ProviderConfig.from(name, provider, server));
            relay.providerPrefixes()
                    .forEach((prefix, provider) ->
                            checkProvider(node, "relay.provider_prefixes." + prefix, provider, providers));
            Map<String, ModelConfig> models = node.sections("models", Set.of(), ModelConfig::from);
            models.forEach((id, model) -> checkTargets(node, id, model, models, providers));
            Map<String, ProjectConfig> projects = node.sections("projects", Set.of(), ProjectConfig::from);
            projects.forEach((id, project) -> checkProject(node, id, project, providers, auth.mode()));
            return new Rules(providers, models, node.section("routing", RoutingConfig::from), projects);
        }
    }

    private static void checkProject(
            ConfigNode node,
            String id,
            ProjectConfig project,
            Map<String, ProviderConfig> providers,
            AuthConfig.Mode mode) {
        String key = "projects." + id;
        for (String provider : project.providers()) {
            if (!providers.containsKey(provider)) {
                node.problem(key + ".providers", unknownProvider(provider, providers));
            }
        }
        if (!project.fits(mode)) {
            node.problem(
                    key + ".credential_sources",
                    "names a source that auth.mode " + SettingType.label(mode) + " has not; allowed are "
                            + ProjectConfig.sourcesOf(mode).stream()
                                    .map(SettingType::label)
                                    .toList());
        }
    }

    private static String unknownProvider(String provider, Map<String, ProviderConfig> providers) {
        return "names the provider " + SettingType.quote(provider) + ", which is not under providers; "
                + NearestName.to(provider, providers.keySet())
                        .map(near -> "did you mean " + near + "?")
                        .orElse("known are " + String.join(", ", providers.keySet()));
    }

    /**
     * This configuration with other rules: the sections of {@code document} in place of its own, read with the checks of a
     * start. Secrets, and what a document cannot hold, stay as they are.
     *
     * @throws ConfigException with every reason why the document is refused
     */
    public LatticegateConfig with(RulesDocument document) {
        Reading reading = Reading.keeping(changeable.secrets());
        try {
            return ConfigNode.root(reading, document.section(), this::with);
        } finally {
            reading.refuseIfProblems();
        }
    }

    /**
     * Every setting with its value and where it comes from, while the rules of {@code document} are in force.
     *
     * @throws ConfigException with every reason why the document is refused
     */
    public ConfigDescription describe(RulesDocument document) {
        if (document.equals(changeable.document())) {
            return changeable.description();
        }
        Reading reading = Reading.keeping(changeable.secrets());
        try {
            LatticegateConfig _ = ConfigNode.root(reading, document.section(), this::with);
        } finally {
            reading.refuseIfProblems();
        }
        return changeable.description().with(reading.settings());
    }

    private LatticegateConfig with(ConfigNode node) {
        Rules rules = Rules.from(node, server, relay, auth);
        SecurityConfig.Cors cors = node.section("security", inner -> inner.section("cors", SecurityConfig.Cors::from));
        checkGuarded(node, security, rules);
        return new LatticegateConfig(
                profile,
                server,
                management,
                mesh,
                redis,
                storage,
                auth,
                security.with(cors),
                relay,
                encryption,
                tokens,
                rules.providers(),
                rules.models(),
                rules.routing(),
                rules.projects(),
                cache,
                audit,
                alerts,
                analytics,
                logging,
                tracing,
                fhe,
                privacy,
                sidecar,
                changeable);
    }

    static LatticegateConfig from(ConfigNode node) {
        String profile = node.get("profile", SettingType.TEXT, PROFILE, "Chooses config/<profile>.yaml");
        ServerConfig server = node.section("server", ServerConfig::from);
        StorageConfig storage = node.section("storage", StorageConfig::from);
        Path dir = storage.dir();
        RelayConfig relay = node.section("relay", RelayConfig::from);
        AuthConfig auth = node.section("auth", AuthConfig::from);
        Rules rules = Rules.from(node, server, relay, auth);
        SecurityConfig security = node.section("security", SecurityConfig::from);
        checkGuarded(node, security, rules);
        return new LatticegateConfig(
                profile,
                server,
                node.section("management", ManagementConfig::from),
                node.section("mesh", MeshConfig::from),
                node.section("redis", RedisConfig::from),
                storage,
                auth,
                security,
                relay,
                node.section("encryption", EncryptionConfig::from),
                node.section("tokens", TokensConfig::from),
                rules.providers(),
                rules.models(),
                rules.routing(),
                rules.projects(),
                node.section("cache", CacheConfig::from),
                node.section("audit", audit -> AuditConfig.from(audit, dir)),
                node.section("alerts", AlertsConfig::from),
                node.section("analytics", AnalyticsConfig::from),
                node.section("logging", LoggingConfig::from),
                node.section("tracing", TracingConfig::from),
                node.section("fhe", fhe -> FheConfig.from(fhe, dir)),
                node.section("privacy", PrivacyConfig::from),
                node.section("sidecar", sidecar -> SidecarConfig.from(sidecar, dir)),
                node.changeable());
    }

    private static void checkTargets(
            ConfigNode node,
            String id,
            ModelConfig model,
            Map<String, ModelConfig> models,
            Map<String, ProviderConfig> providers) {
        String key = "models." + id;
        for (ModelConfig.Target target : model.targets()) {
            checkProvider(node, key, target.provider(), providers);
            ProviderConfig provider = providers.get(target.provider());
            if (provider != null && !goesOn(provider.kind(), target.prefill())) {
                node.problem(
                        key,
                        "says prefill: " + SettingType.label(target.prefill()) + " of the provider "
                                + SettingType.quote(target.provider()) + " of kind "
                                + SettingType.label(provider.kind())
                                + "; allowed are assistant_turn for anthropic and openai, continue_final_message for"
                                + " openai");
            }
            if (model.targets().size() > 1 && provider != null && provider.kind() == ProviderConfig.Kind.ECHO) {
                node.problem(key, "has the echo model as one of several targets; it can only stand alone");
            }
        }
        for (String alias : model.aliases()) {
            boolean taken = models.containsKey(alias)
                    || models.values().stream()
                            .anyMatch(other ->
                                    !other.equals(model) && other.aliases().contains(alias));
            if (taken) {
                node.problem(key, "has the alias " + SettingType.quote(alias) + ", which is another model's name");
            }
        }
    }

    private static boolean goesOn(ProviderConfig.Kind kind, ModelConfig.Prefill prefill) {
        return switch (prefill) {
            case NONE -> true;
            case ASSISTANT_TURN -> kind == ProviderConfig.Kind.ANTHROPIC || kind == ProviderConfig.Kind.OPENAI;
            case CONTINUE_FINAL_MESSAGE -> kind == ProviderConfig.Kind.OPENAI;
        };
    }

    private static void checkProvider(
            ConfigNode node, String key, String provider, Map<String, ProviderConfig> providers) {
        ProviderConfig named = providers.get(provider);
        if (named == null) {
            node.problem(
                    key,
                    provider.isEmpty()
                            ? "names no provider; known are " + String.join(", ", providers.keySet())
                            : unknownProvider(provider, providers));
        } else if (named.kind() == ProviderConfig.Kind.GENERIC) {
            node.problem(
                    key,
                    "names the provider " + SettingType.quote(provider)
                            + ", which is of kind generic and serves no models; it is reached below /p/" + provider);
        }
    }
}
