package io.latticegate.e2e;

import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.bus.MeshVertx;
import io.latticegate.common.bus.SignedExchange;
import io.latticegate.common.config.ConfigLoader;
import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.contract.Endpoint;
import io.latticegate.common.crypto.MeshAuthority;
import io.latticegate.common.crypto.MeshIdentity;
import io.latticegate.common.value.AccessToken;
import io.latticegate.common.value.Allowance;
import io.latticegate.common.value.Secret;
import io.latticegate.common.value.ServiceRole;
import io.latticegate.testing.Await;
import io.latticegate.testing.ChildProcess;
import io.latticegate.testing.FakeProvider;
import io.latticegate.testing.JavaProcess;
import io.latticegate.testing.Ports;
import io.latticegate.testing.PostgresServer;
import io.latticegate.testing.RedisServer;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A mesh of real processes on loopback: any number of instances per service, named {@code proxy-1}, {@code auth-2} and so
 * on; a Redis and a PostgreSQL of its own; a {@link FakeProvider} in place of OpenAI and Anthropic. Processes are killed,
 * paused and started again by name.
 */
public final class LocalMesh implements AutoCloseable {
    /** How long a process may take to be ready on a machine with other work. */
    public static final Duration START_LIMIT = Duration.ofSeconds(90);

    /** The gateway's key for both providers, which the vault hands out. */
    public static final String PROVIDER_KEY = "sk-mesh-test-provider-key";

    /** Bearer token of the management ports. */
    public static final String MANAGEMENT_TOKEN = "test-management-token";

    private static final Duration STOP_LIMIT = Duration.ofSeconds(60);
    private static final Map<ServiceRole, String> MAINS = Map.of(
            ServiceRole.AUTH, "io.latticegate.auth.AuthMain",
            ServiceRole.VAULT, "io.latticegate.vault.VaultMain",
            ServiceRole.PROXY, "io.latticegate.proxy.ProxyMain",
            ServiceRole.ADMIN, "io.latticegate.admin.AdminMain",
            ServiceRole.FHE, "io.latticegate.fhe.app.FheMain");

    private final SecureRandom random = new SecureRandom();
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    private final String name = "test-" + ProcessHandle.current().pid() + "-" + Long.toHexString(System.nanoTime());
    private final Path folder;
    private final MeshAuthority authority;
    private final FakeProvider provider = FakeProvider.start();
    private final PostgresServer postgres = PostgresServer.start(false);
    private final RedisServer redis = RedisServer.start();
    private final OtlpCollector collector = OtlpCollector.start();
    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private final List<Integer> memberPorts;
    private final Vertx vertx;
    private final MeshBus bus;

    /** A token as its owner knows it. */
    public record Token(String secret, String id, String projectId) {}

    private LocalMesh(Map<ServiceRole, Integer> instances) {
        try {
            folder = Files.createTempDirectory("latticegate-mesh-");
        } catch (IOException fault) {
            throw new UncheckedIOException("no temporary folder for a mesh", fault);
        }
        authority = MeshAuthority.create(name, InstantSource.system(), random);
        instances.forEach((role, count) -> {
            for (int number = 1; number <= count; number++) {
                Node node = new Node(role, role.label().replace("-service", "") + "-" + number);
                nodes.put(node.name(), node);
            }
        });
        memberPorts = nodes.values().stream().map(node -> node.hazelcastPort).toList();
        // One member stands before the others look for it, so that they never form two clusters.
        Node first = nodes.values().iterator().next();
        first.start();
        first.awaitReady();
        nodes.values().stream().skip(1).forEach(Node::start);
        nodes.values().forEach(Node::awaitReady);
        MeshIdentity identity = authority.issue(ServiceRole.ADMIN, "test");
        Path own = folder.resolve("test");
        identity.write(own);
        vertx = wait(MeshVertx.clustered(
                ConfigLoader.in(own)
                        .yaml(mesh(own, Ports.free()).encode())
                        .load()
                        .config()
                        .mesh(),
                identity));
        bus = MeshBus.on(vertx, new SignedExchange(identity, InstantSource.system(), random));
    }

    /** Starts so many instances of each service; returns when all are ready. */
    public static LocalMesh start(Map<ServiceRole, Integer> instances) {
        return new LocalMesh(instances);
    }

    /** One process. */
    public final class Node {
        private final ServiceRole role;
        private final String node;
        private final int dataPort = Ports.free();
        private final int managementPort = Ports.free();
        private final int hazelcastPort = Ports.free();
        private final Path home;
        private ChildProcess process;

        @SuppressWarnings("NullAway.Init")
        private Node(ServiceRole role, String node) {
            this.role = role;
            this.node = node;
            this.home = folder.resolve(node);
            authority.issue(role, node).write(home.resolve("tls"));
        }

        public String name() {
            return node;
        }

        public ServiceRole role() {
            return role;
        }

        /** Where clients reach a proxy or encrypted compute. */
        public URI url(String path) {
            return URI.create("http://127.0.0.1:" + dataPort + path);
        }

        public int managementPort() {
            return managementPort;
        }

        public ChildProcess process() {
            return process;
        }

        /** Folder of its journal and its files. */
        public Path home() {
            return home;
        }

        /** Starts it; {@link #awaitReady} tells when it serves. */
        public void start() {
            Path file = home.resolve("service.yaml");
            try {
                Files.writeString(file, settings(this).encodePrettily());
            } catch (IOException fault) {
                throw new UncheckedIOException(fault);
            }
            process = JavaProcess.of(String.valueOf(MAINS.get(role)))
                    .jvm("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m")
                    .arguments("--config", file.toString())
                    .directory(home)
                    .output(home.resolve("log"))
                    .start();
        }

        public boolean ready() {
            HttpRequest question = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + managementPort + "/health/ready"))
                    .timeout(Duration.ofSeconds(2))
                    .build();
            try {
                return http.send(question, HttpResponse.BodyHandlers.discarding())
                                .statusCode()
                        == 200;
            } catch (IOException notYet) {
                return false;
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                return false;
            }
        }

        public void awaitReady() {
            Await.until(START_LIMIT, node + " to be ready", () -> {
                if (!process.alive()) {
                    throw new AssertionError(node + " ended:\n" + process.outputText());
                }
                return ready();
            });
        }

        /** kill -9. */
        public void kill() {
            process.kill();
        }
    }

    public Node node(String nodeName) {
        Node node = nodes.get(nodeName);
        if (node == null) {
            throw new IllegalArgumentException("no process " + nodeName + "; there are " + nodes.keySet());
        }
        return node;
    }

    public List<Node> nodes(ServiceRole role) {
        return nodes.values().stream().filter(node -> node.role == role).toList();
    }

    /** Starts again what does not run, and waits until every process is ready. */
    public void heal() {
        if (!redis.running()) {
            redis.restart();
        }
        if (!postgres.running()) {
            postgres.restart();
        }
        nodes.values().stream().filter(node -> !node.process.alive()).forEach(Node::start);
        nodes.values().forEach(Node::awaitReady);
    }

    public FakeProvider provider() {
        return provider;
    }

    /** Receives the spans of requests whose {@code traceparent} has the sampled flag. */
    public OtlpCollector collector() {
        return collector;
    }

    public PostgresServer postgres() {
        return postgres;
    }

    public RedisServer redis() {
        return redis;
    }

    /** Name under which Hazelcast knows the cluster, for a foreign process that wants to join. */
    public String clusterName() {
        return "latticegate-" + name;
    }

    /** Hazelcast ports of the processes. */
    public List<Integer> memberPorts() {
        return memberPorts;
    }

    /** A connection to the database that all services share, each in a schema of its own. */
    public Connection database() throws SQLException {
        return DriverManager.getConnection(postgres.jdbcUrl());
    }

    /** The rules that may change at run time, through the first admin-service. */
    public ManagedConfig config() {
        return new ManagedConfig(
                "http://127.0.0.1:" + nodes(ServiceRole.ADMIN).getFirst().managementPort(), MANAGEMENT_TOKEN);
    }

    /** Asks a service as admin-service would. */
    public <Q extends Record, R> R ask(Endpoint<Q, R> endpoint, Q question) {
        return wait(bus.ask(endpoint, question));
    }

    /** A token of a new project. */
    public Token createToken(Allowance limits) {
        if (!(ask(AuthApi.CREATE_PROJECT, new AuthApi.CreateProject("mesh"))
                instanceof AuthApi.ProjectReply.Found(AuthApi.Project project))) {
            throw new AssertionError("no project was created");
        }
        try (AccessToken token = AccessToken.create(random)) {
            var question = new AuthApi.CreateToken(project.id(), token.digest(), token.obfuscated(), 60, limits);
            if (!(ask(AuthApi.CREATE_TOKEN, question) instanceof AuthApi.TokenReply.Found(AuthApi.Token created))) {
                throw new AssertionError("no token was created");
            }
            return new Token(
                    token.expose(text -> new String(text, StandardCharsets.US_ASCII)), created.id(), project.id());
        }
    }

    /** The token's counters as auth-service has them. */
    public AuthApi.Token token(String id) {
        if (ask(AuthApi.GET_TOKEN, new AuthApi.GetToken(id)) instanceof AuthApi.TokenReply.Found(AuthApi.Token found)) {
            return found;
        }
        throw new AssertionError("no token " + id);
    }

    /** {@code -Dlatticegate.rounds=N}, else a number that suits every build. */
    public static int rounds(int usual) {
        return Integer.getInteger("latticegate.rounds", usual);
    }

    /** Kills every process, then the stores, and deletes what they wrote. */
    @Override
    public void close() {
        vertx.close().await();
        nodes.values().forEach(node -> node.process.kill());
        redis.close();
        postgres.close();
        provider.close();
        collector.close();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException fault) {
            throw new UncheckedIOException("cannot delete " + folder, fault);
        }
    }

    /** Ends a process with SIGTERM. */
    public void terminate(Node node) {
        int unused = node.process.terminate(STOP_LIMIT);
    }

    private JsonObject mesh(Path tls, int hazelcastPort) {
        List<String> members =
                memberPorts.stream().map(port -> "127.0.0.1:" + port).toList();
        JsonObject files = new JsonObject()
                .put("ca", tls.resolve("ca.crt").toString())
                .put("cert", tls.resolve("tls.crt").toString())
                .put("key", tls.resolve("tls.key").toString());
        return new JsonObject()
                .put(
                        "mesh",
                        new JsonObject()
                                .put("name", name)
                                .put(
                                        "discovery",
                                        new JsonObject().put("mode", "tcp").put("members", members))
                                .put("hazelcast", new JsonObject().put("port", hazelcastPort))
                                .put(
                                        "event_bus",
                                        new JsonObject()
                                                .put("listen", "127.0.0.1:0")
                                                .put("tls", files)));
    }

    private JsonObject settings(Node node) {
        JsonObject all = mesh(node.home.resolve("tls"), node.hazelcastPort)
                .put(
                        "server",
                        new JsonObject()
                                .put("host", "127.0.0.1")
                                .put("port", node.dataPort)
                                .put("max_concurrent_requests", 1_000))
                .put(
                        "management",
                        new JsonObject()
                                .put("listen", "127.0.0.1:" + node.managementPort)
                                .put("management_token", MANAGEMENT_TOKEN))
                .put(
                        "storage",
                        new JsonObject()
                                .put("dir", node.home.toString())
                                .put("driver", "postgresql")
                                .put("url", "postgresql://127.0.0.1:" + postgres.port() + "/" + PostgresServer.USER)
                                .put("user", PostgresServer.USER))
                .put("redis", new JsonObject().put("url", redis.url()).put("durable", true))
                .put("auth", new JsonObject().put("token_pepper", "a pepper for tests, 32 bytes long"))
                .put(
                        "tracing",
                        new JsonObject()
                                .put("otlp", collector.url())
                                .put("allow_http", true)
                                .put("sampling", 0))
                .put(
                        "providers",
                        new JsonObject()
                                .put("openai", upstream(node.role, "/v1"))
                                .put("anthropic", upstream(node.role, "")));
        if (node.role == ServiceRole.FHE) {
            all.put(
                    "fhe",
                    new JsonObject()
                            .put("enabled", true)
                            .put("listen", "127.0.0.1:" + node.dataPort)
                            .put("dir", folder.resolve("fhe").toString()));
        }
        if (node.role == ServiceRole.ADMIN) {
            all.put("audit", new JsonObject().put("sealing_key", "file:" + kek()));
        }
        if (node.role == ServiceRole.VAULT) {
            all.put(
                    "encryption",
                    new JsonObject()
                            .put(
                                    "keys",
                                    List.of(new JsonObject().put("id", "test").put("source", "file:" + kek()))));
        }
        return all;
    }

    /** With the provider's key for the vault, which is the only service that needs it. */
    private JsonObject upstream(ServiceRole role, String path) {
        JsonObject upstream = new JsonObject()
                .put("base_url", provider.url() + path)
                .put("allow_http", true)
                .put("allow_private", true)
                .put("connection", new JsonObject().put("max_per_host", 300));
        return role == ServiceRole.VAULT ? upstream.put("api_key", PROVIDER_KEY) : upstream;
    }

    /** The key that the audit is sealed under; a copy. */
    public Secret sealingKey() {
        try {
            return Secret.owning(Base64.getDecoder().decode(Files.readString(kek())));
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        }
    }

    private Path kek() {
        Path file = folder.resolve("kek");
        try {
            if (!Files.exists(file)) {
                byte[] key = new byte[32];
                random.nextBytes(key);
                Files.writeString(file, Base64.getEncoder().encodeToString(key));
            }
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        }
        return file;
    }

    private static <T> T wait(io.vertx.core.Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", interrupted);
        } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException fault) {
            throw new AssertionError(String.valueOf(fault.getMessage()), fault);
        }
    }
}
