package io.latticegate.standalone;

import io.latticegate.common.config.ConfigLoader;
import io.latticegate.common.config.LatticegateConfig;
import io.latticegate.common.config.LoadedConfig;
import io.latticegate.common.config.StorageConfig;
import io.latticegate.common.value.ServiceRole;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What each process of a mesh on one machine is told: the operator's configuration as it is, and above it a generated file
 * with the ports, certificates, stores and secrets that the launcher chose. A secret that the operator gives is never copied.
 */
final class MeshPlan {
    /** Processes in the order of their start. */
    static final List<ServiceRole> ROLES =
            List.of(ServiceRole.AUTH, ServiceRole.VAULT, ServiceRole.ADMIN, ServiceRole.FHE, ServiceRole.PROXY);

    /** Set in the generated file for every process; a variable would win over it. */
    private static final Set<String> REPLACED = Set.of(
            "GATEWAY_PORT", "PORT", "LISTEN_ADDR", "ADMIN_UI_LISTEN_ADDR", "FHE_PORT", "DATABASE_PATH", "LOG_FORMAT");

    private final UpArguments arguments;
    private final DataFolder data;
    private final Map<String, String> environment;
    private final LatticegateConfig config;
    private final Map<ServiceRole, Integer> managementPorts = new EnumMap<>(ServiceRole.class);
    private final Map<ServiceRole, Integer> hazelcastPorts = new EnumMap<>(ServiceRole.class);
    private final int launcherHazelcastPort;
    private final int dataPort;

    private MeshPlan(
            UpArguments arguments, DataFolder data, Map<String, String> environment, LatticegateConfig config) {
        this.arguments = arguments;
        this.data = data;
        this.environment = environment;
        this.config = config;
        for (ServiceRole role : ROLES) {
            managementPorts.put(role, LoopbackPort.free());
            hazelcastPorts.put(role, LoopbackPort.free());
        }
        int admin = config.management().listen().port();
        if (admin != 0) {
            managementPorts.put(ServiceRole.ADMIN, admin);
        }
        launcherHazelcastPort = LoopbackPort.free();
        dataPort = config.server().port() == 0
                ? LoopbackPort.free()
                : config.server().port();
    }

    /** @throws io.latticegate.common.config.ConfigException with everything that is wrong in the operator's settings */
    static MeshPlan of(UpArguments arguments, DataFolder data, Map<String, String> environment) {
        LoadedConfig loaded = loader(arguments.config(), environment).load();
        if (loaded.config().mesh().clustered()) {
            throw new IllegalArgumentException(
                    "mesh.discovery.mode is set, but `up --mesh` makes a mesh of its own on this"
                            + " machine; remove the setting, or start the services one by one");
        }
        return new MeshPlan(arguments, data, environment, loaded.config());
    }

    private static ConfigLoader loader(@Nullable Path file, Map<String, String> environment) {
        ConfigLoader loader = ConfigLoader.in(Path.of("config"))
                .environment(environment)
                .fallback("profile", "standalone")
                .fallback("server.host", "127.0.0.1")
                .fallback("management.listen", "127.0.0.1:8081")
                .fallback("fhe.listen", "127.0.0.1:8090")
                .fallback("providers.echo.enabled", true)
                .fallback("models.echo.provider", "echo");
        return file == null ? loader : loader.file(file);
    }

    boolean needsPostgres() {
        return config.storage().driver() != StorageConfig.Driver.POSTGRESQL;
    }

    boolean needsRedis() {
        return !config.redis().url().isSet();
    }

    /** Variables that the processes must not see, because the generated file decides. */
    Set<String> replacedVariables() {
        Set<String> replaced = new HashSet<>(REPLACED);
        if (needsPostgres()) {
            replaced.addAll(Set.of("DB_DRIVER", "DATABASE_URL"));
        }
        if (needsRedis()) {
            replaced.addAll(Set.of("REDIS_URL", "REDIS_ADDR"));
        }
        return replaced;
    }

    LatticegateConfig config() {
        return config;
    }

    Path folder(ServiceRole role) {
        return data.file(role.label());
    }

    Path tls(ServiceRole role) {
        return folder(role).resolve("tls");
    }

    int managementPort(ServiceRole role) {
        return managementPorts.getOrDefault(role, 0);
    }

    String managementHost() {
        return reachable(config.management().listen().host());
    }

    String url() {
        return "http://" + reachable(config.server().host()) + ":" + dataPort;
    }

    /** Name in certificates, which is narrower than a cluster's name may be. */
    String authorityName() {
        String plain = config.mesh().name().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9-]", "-");
        return plain.replaceAll("^-+|-+$", "").isEmpty() ? "mesh" : plain.replaceAll("^-+|-+$", "");
    }

    /** The arguments of the service's {@code main}; writes its file. */
    List<String> arguments(ServiceRole role, @Nullable LocalPostgres postgres, @Nullable LocalRedis redis)
            throws IOException {
        JsonObject settings = common(role.label(), hazelcastPorts.getOrDefault(role, 0), tls(role))
                .put("profile", config.profile())
                .put(
                        "server",
                        new JsonObject().put("host", config.server().host()).put("port", dataPort))
                .put("fhe", new JsonObject().put("listen", config.fhe().listen().toString()))
                .put("logging", new JsonObject().put("format", "json"));
        addSecrets(settings, role);
        addStores(settings, role, postgres, redis);
        addEcho(settings);
        String name = role.label() + "/service.yaml";
        data.write(name, settings.encodePrettily().getBytes(StandardCharsets.UTF_8));
        List<String> all = new ArrayList<>();
        Path operators = arguments.config();
        if (operators != null) {
            all.addAll(List.of("--config", operators.toAbsolutePath().toString()));
        }
        all.addAll(List.of("--config", data.file(name).toString()));
        return all;
    }

    /** What a service's process would read; complains about what the service cannot start without. */
    void check(ServiceRole role) {
        Map<String, String> visible = new HashMap<>(environment);
        visible.keySet().removeAll(replacedVariables());
        ConfigLoader loader = ConfigLoader.in(Path.of("config")).environment(visible);
        Path operators = arguments.config();
        if (operators != null) {
            loader.file(operators);
        }
        loader.file(data.file(role.label() + "/service.yaml")).load().config().validateFor(role);
    }

    /** How the launcher itself joins for a moment, to make the first token. */
    LatticegateConfig launcherMember(Path tls) {
        JsonObject settings = common("launcher", launcherHazelcastPort, tls);
        return ConfigLoader.in(data.file("launcher"))
                .yaml(settings.encode())
                .load()
                .config();
    }

    private JsonObject common(String folder, int hazelcastPort, Path tls) {
        List<String> members = hazelcastPorts.values().stream()
                .map(port -> "127.0.0.1:" + port)
                .toList();
        return new JsonObject()
                .put(
                        "mesh",
                        new JsonObject()
                                .put("name", config.mesh().name())
                                .put(
                                        "discovery",
                                        new JsonObject().put("mode", "tcp").put("members", members))
                                .put("hazelcast", new JsonObject().put("port", hazelcastPort))
                                .put(
                                        "event_bus",
                                        new JsonObject()
                                                .put("listen", "127.0.0.1:0")
                                                .put(
                                                        "tls",
                                                        new JsonObject()
                                                                .put(
                                                                        "ca",
                                                                        tls.resolve("ca.crt")
                                                                                .toString())
                                                                .put(
                                                                        "cert",
                                                                        tls.resolve("tls.crt")
                                                                                .toString())
                                                                .put(
                                                                        "key",
                                                                        tls.resolve("tls.key")
                                                                                .toString()))))
                .put("storage", new JsonObject().put("dir", data.file(folder).toString()));
    }

    private void addSecrets(JsonObject settings, ServiceRole role) throws IOException {
        String host = role == ServiceRole.ADMIN ? config.management().listen().host() : "127.0.0.1";
        JsonObject management = new JsonObject().put("listen", host + ":" + managementPort(role));
        if (!config.management().managementToken().isSet() && role == ServiceRole.ADMIN) {
            management.put("management_token", "file:" + data.secret("management-token"));
        }
        settings.put("management", management);
        if (!config.auth().tokenPepper().isSet() && role == ServiceRole.AUTH) {
            settings.put("auth", new JsonObject().put("token_pepper", "file:" + data.secret("token-pepper")));
        }
        if (!config.audit().sealingKey().isSet() && role == ServiceRole.ADMIN) {
            settings.put("audit", new JsonObject().put("sealing_key", "file:" + data.key("audit-key")));
        }
        if (config.encryption().keys().isEmpty() && role == ServiceRole.VAULT) {
            JsonObject key = new JsonObject().put("id", "local").put("source", "file:" + data.key("vault-key"));
            settings.put("encryption", new JsonObject().put("keys", List.of(key)));
        }
    }

    private void addStores(
            JsonObject settings, ServiceRole role, @Nullable LocalPostgres postgres, @Nullable LocalRedis redis)
            throws IOException {
        if (postgres != null) {
            settings.getJsonObject("storage")
                    .put("driver", "postgresql")
                    .put("url", postgres.url())
                    .put("user", LocalPostgres.USER)
                    .put("password", "file:" + data.secret("postgres-password"));
        }
        if (redis != null && role == ServiceRole.AUTH) {
            data.write("redis-url", redis.url().getBytes(StandardCharsets.US_ASCII));
            settings.put(
                    "redis",
                    new JsonObject()
                            .put("url", "file:" + data.file("redis-url"))
                            .put("durable", true));
        }
    }

    /** The model of a laptop's first request stays on where the operator does not say otherwise. */
    private void addEcho(JsonObject settings) {
        boolean on =
                config.providers().values().stream().anyMatch(one -> one.name().equals("echo") && one.enabled());
        settings.put("providers", new JsonObject().put("echo", new JsonObject().put("enabled", on)));
        if (config.models().values().stream()
                .anyMatch(one -> one.pattern().equals("echo") && one.provider().equals("echo"))) {
            settings.put("models", new JsonObject().put("echo", new JsonObject().put("provider", "echo")));
        }
    }

    private static String reachable(String host) {
        return host.equals("0.0.0.0") ? "127.0.0.1" : host;
    }
}
