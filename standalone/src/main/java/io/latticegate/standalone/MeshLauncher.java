package io.latticegate.standalone;

import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.bus.MeshVertx;
import io.latticegate.common.bus.SignedExchange;
import io.latticegate.common.config.ConfigException;
import io.latticegate.common.crypto.MeshAuthority;
import io.latticegate.common.crypto.MeshIdentity;
import io.latticegate.common.value.ServiceRole;
import io.vertx.core.Vertx;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code latticegate up --mesh}: the five services as processes of their own on loopback, joined by mutual TLS, with a Redis
 * and a PostgreSQL that are named by the configuration or started here. A process that dies is started again; SIGTERM stops
 * everything in order. Each process logs to {@code DIR/<service>/log}.
 */
public final class MeshLauncher {
    private static final Logger LOG = LoggerFactory.getLogger(MeshLauncher.class);
    private static final int EXIT_CONFIG = 2;
    private static final int EXIT_START = 1;
    private static final Duration START_LIMIT = Duration.ofSeconds(120);
    private static final Duration STOP_MARGIN = Duration.ofSeconds(25);
    private static final Duration STORE_STOP_LIMIT = Duration.ofSeconds(30);

    /** The edge first, so that nothing new comes in; the audit store last, so that every journal is delivered. */
    private static final List<ServiceRole> STOP_ORDER =
            List.of(ServiceRole.PROXY, ServiceRole.FHE, ServiceRole.AUTH, ServiceRole.VAULT, ServiceRole.ADMIN);

    private static final Map<ServiceRole, String> MAINS = Map.of(
            ServiceRole.AUTH, "io.latticegate.auth.AuthMain",
            ServiceRole.VAULT, "io.latticegate.vault.VaultMain",
            ServiceRole.PROXY, "io.latticegate.proxy.ProxyMain",
            ServiceRole.FHE, "io.latticegate.fhe.app.FheMain",
            ServiceRole.ADMIN, "io.latticegate.admin.AdminMain");

    private final DataFolder data;
    private final MeshPlan plan;
    private final MeshAuthority authority;
    private final SecureRandom random;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("restart").daemon().factory());
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    private final List<SupervisedProcess> stores = new CopyOnWriteArrayList<>();
    private final Map<ServiceRole, SupervisedProcess> services = new ConcurrentHashMap<>();
    private volatile boolean stopping;

    private MeshLauncher(DataFolder data, MeshPlan plan, MeshAuthority authority, SecureRandom random) {
        this.data = data;
        this.plan = plan;
        this.authority = authority;
        this.random = random;
    }

    static void main(String[] args) {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        SecureRandom random = new SecureRandom();
        MeshLauncher launcher;
        try {
            UpArguments arguments = UpArguments.parse(args);
            DataFolder data = new DataFolder(arguments.data(), random);
            MeshPlan plan = MeshPlan.of(arguments, data, System.getenv());
            launcher = new MeshLauncher(data, plan, authority(data, plan.authorityName(), random), random);
        } catch (ConfigException | IllegalArgumentException | IOException wrong) {
            LOG.error("cannot start: {}", wrong.getMessage());
            System.exit(EXIT_CONFIG);
            return;
        }
        CountDownLatch closed = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            launcher.stop();
                            closed.countDown();
                        },
                        "shutdown"));
        try {
            launcher.start();
            launcher.announce(out);
            closed.await();
        } catch (ConfigException | IllegalArgumentException wrong) {
            LOG.error("cannot start: {}", wrong.getMessage());
            System.exit(EXIT_CONFIG);
        } catch (Programs.Missing | IOException | NotReady failed) {
            LOG.error("the start failed: {}", failed.getMessage());
            System.exit(EXIT_START);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static final class NotReady extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NotReady(String message) {
            super(message);
        }
    }

    private static MeshAuthority authority(DataFolder data, String name, SecureRandom random) throws IOException {
        Path folder = data.file("mesh");
        PrivateFolder.make(folder);
        if (Files.exists(folder.resolve("ca.crt"))) {
            MeshAuthority known = MeshAuthority.read(folder, InstantSource.system(), random);
            if (known.mesh().equals(name)) {
                return known;
            }
        }
        MeshAuthority made = MeshAuthority.create(name, InstantSource.system(), random);
        made.write(folder);
        return made;
    }

    private void start() throws IOException {
        LocalPostgres postgres = plan.needsPostgres() ? LocalPostgres.in(data, LoopbackPort.free()) : null;
        LocalRedis redis = plan.needsRedis() ? LocalRedis.in(data, LoopbackPort.free()) : null;
        for (ServiceRole role : MeshPlan.ROLES) {
            PrivateFolder.make(plan.folder(role));
            issue(role, plan.tls(role));
            var unused = plan.arguments(role, postgres, redis);
            plan.check(role);
        }
        if (postgres != null) {
            SupervisedProcess server = store("postgres", postgres.folder(), postgres::command);
            awaitReady(server, postgres::answers);
        }
        if (redis != null) {
            SupervisedProcess server = store("redis", redis.folder(), () -> redis.command(data));
            awaitReady(server, redis::answers);
        }
        // The first member stands before the others look for one, so that they never form two clusters.
        ServiceRole first = MeshPlan.ROLES.getFirst();
        awaitReady(start(first, postgres, redis), () -> ready(first));
        List<ServiceRole> others = MeshPlan.ROLES.subList(1, MeshPlan.ROLES.size());
        for (ServiceRole role : others) {
            start(role, postgres, redis);
        }
        for (ServiceRole role : others) {
            SupervisedProcess service = services.get(role);
            if (service != null) {
                awaitReady(service, () -> ready(role));
            }
        }
    }

    private SupervisedProcess store(String name, Path folder, SupervisedProcess.Command command) throws IOException {
        SupervisedProcess server = new SupervisedProcess(name, folder, plan.replacedVariables(), command, timer);
        stores.add(server);
        server.start();
        return server;
    }

    private SupervisedProcess start(ServiceRole role, @Nullable LocalPostgres postgres, @Nullable LocalRedis redis)
            throws IOException {
        SupervisedProcess service = new SupervisedProcess(
                role.label(), plan.folder(role), plan.replacedVariables(), () -> command(role, postgres, redis), timer);
        services.put(role, service);
        if (!stopping) {
            service.start();
        }
        return service;
    }

    private List<String> command(ServiceRole role, @Nullable LocalPostgres postgres, @Nullable LocalRedis redis)
            throws IOException {
        issue(role, plan.tls(role));
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        String root = System.getProperty("latticegate.root");
        if (root != null) {
            line.add("@" + Path.of(root, ".mvn", "runtime.jvmargs"));
            line.add("-Dlatticegate.root=" + root);
        }
        if (role == ServiceRole.FHE) {
            line.add("--add-modules");
            line.add("jdk.incubator.vector");
        }
        line.add("-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"));
        line.add("-cp");
        line.add(System.getProperty("java.class.path"));
        line.add(String.valueOf(MAINS.get(role)));
        line.addAll(plan.arguments(role, postgres, redis));
        return line;
    }

    private void issue(ServiceRole role, Path folder) {
        try (MeshIdentity identity = authority.issue(role, role.label())) {
            identity.write(folder);
        }
    }

    private boolean ready(ServiceRole role) {
        String host = role == ServiceRole.ADMIN ? plan.managementHost() : "127.0.0.1";
        URI url = URI.create("http://" + host + ":" + plan.managementPort(role) + "/health/ready");
        try {
            return http.send(
                                    HttpRequest.newBuilder(url)
                                            .timeout(Duration.ofSeconds(2))
                                            .build(),
                                    HttpResponse.BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException notYet) {
            return false;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static void awaitReady(SupervisedProcess process, BooleanSupplier ready) {
        long until = System.nanoTime() + START_LIMIT.toNanos();
        while (!ready.getAsBoolean()) {
            if (!process.alive()) {
                throw new NotReady(process.name() + " ended while it started; its log " + process.log() + " ends:\n"
                        + process.tail());
            }
            if (Thread.currentThread().isInterrupted() || System.nanoTime() - until > 0) {
                throw new NotReady(process.name() + " was not ready within " + START_LIMIT.toSeconds() + " s; its log "
                        + process.log() + " ends:\n" + process.tail());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
        process.ready();
    }

    private void announce(PrintStream out) throws IOException {
        String token = demoToken();
        String url = plan.url();
        out.println("Data and secrets: " + data.path());
        out.println("Management:       http://" + plan.managementHost() + ":" + plan.managementPort(ServiceRole.ADMIN)
                + "/manage (token in " + data.file("management-token") + ")");
        for (ServiceRole role : MeshPlan.ROLES) {
            if (role != ServiceRole.ADMIN) {
                out.println(
                        "  " + role.label() + ": health and metrics on http://127.0.0.1:" + plan.managementPort(role)
                                + ", log in " + plan.folder(role).resolve("log"));
            }
        }
        FirstRequest.print(out, plan.config(), url, token);
        out.println("ready " + url);
    }

    /** The launcher is a member of the mesh just long enough to ask for the token. */
    private String demoToken() throws IOException {
        Path tls = data.file("launcher").resolve("tls");
        PrivateFolder.make(data.file("launcher"));
        try (MeshIdentity identity = authority.issue(ServiceRole.ADMIN, "launcher")) {
            identity.write(tls);
            Vertx vertx = MeshVertx.clustered(plan.launcherMember(tls).mesh(), identity)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
            try {
                MeshBus bus = MeshBus.on(vertx, new SignedExchange(identity, InstantSource.system(), random));
                return DemoToken.ready(data, bus, random);
            } finally {
                vertx.close().toCompletionStage().toCompletableFuture().join();
            }
        } catch (UncheckedIOException unwritable) {
            throw new IOException(unwritable.getMessage(), unwritable);
        }
    }

    private void stop() {
        stopping = true;
        Duration limit = plan.config().server().timeouts().drain().plus(STOP_MARGIN);
        for (ServiceRole role : STOP_ORDER) {
            SupervisedProcess service = services.get(role);
            if (service != null) {
                service.stop(limit);
            }
        }
        for (SupervisedProcess server : stores.reversed()) {
            server.stop(STORE_STOP_LIMIT);
        }
        timer.shutdownNow();
    }
}
