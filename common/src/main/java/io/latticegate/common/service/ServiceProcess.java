package io.latticegate.common.service;

import io.latticegate.common.bus.BusTelemetry;
import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.bus.MeshVertx;
import io.latticegate.common.bus.SignedExchange;
import io.latticegate.common.config.AuditConfig;
import io.latticegate.common.config.LatticegateConfig;
import io.latticegate.common.crypto.MeshAuthority;
import io.latticegate.common.crypto.MeshIdentity;
import io.latticegate.common.journal.Durability;
import io.latticegate.common.journal.InterruptedRequests;
import io.latticegate.common.journal.Journal;
import io.latticegate.common.journal.JournalOptions;
import io.latticegate.common.trace.Exemplars;
import io.latticegate.common.trace.Tracing;
import io.latticegate.common.value.ServiceRole;
import io.micrometer.core.instrument.Clock;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One operating-system process that runs one service of a clustered mesh, or all of them without a cluster.
 *
 * <p>Start: journal (requests that a crash cut off get their ending), Vert.x, services in the given order, management
 * port, ready. Stop: not ready any more, drain within {@code server.timeouts.drain}, deliver the journal, stop.
 */
public final class ServiceProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceProcess.class);
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

    private final LatticegateConfig config;
    private final Vertx vertx;
    private final Journal journal;
    private final JournalDelivery delivery;
    private final Health health;
    private final List<Service> services;
    private final Map<ServiceRole, MeshBus> buses;
    private final int managementPort;
    private final Tracing tracing;

    private ServiceProcess(
            LatticegateConfig config,
            Vertx vertx,
            Journal journal,
            JournalDelivery delivery,
            Health health,
            List<Service> services,
            Map<ServiceRole, MeshBus> buses,
            int managementPort,
            Tracing tracing) {
        this.config = config;
        this.vertx = vertx;
        this.journal = journal;
        this.delivery = delivery;
        this.health = health;
        this.services = services;
        this.buses = buses;
        this.managementPort = managementPort;
        this.tracing = tracing;
    }

    /**
     * Starts the services and returns when all are ready.
     *
     * @throws StartFailed with what the operator can do about it
     */
    public static ServiceProcess start(LatticegateConfig config, List<Service> services, InstantSource clock) {
        Vertx vertx = null;
        Journal journal = null;
        try {
            Files.createDirectories(config.storage().dir());
            journal = Journal.open(config.audit().dir(), journalOptions(config.audit()));
            int interrupted = new InterruptedRequests(journal, clock).end();
            if (interrupted > 0) {
                LOG.warn(
                        "{} requests were cut off when this process last ended; their end is now in the audit",
                        interrupted);
            }
            SecureRandom random = new SecureRandom();
            Map<ServiceRole, MeshIdentity> identities = identities(config, services, clock, random);
            MeshIdentity first = identities.get(services.getFirst().role());
            if (first == null) {
                throw new IllegalStateException(
                        "no identity for " + services.getFirst().role());
            }
            vertx = config.mesh().clustered()
                    ? await(MeshVertx.clustered(config.mesh(), first), START_LIMIT)
                    : MeshVertx.standalone();
            return start(config, services, clock, vertx, journal, identities, random);
        } catch (Exception failure) {
            if (failure instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            abandon(vertx, journal);
            throw new StartFailed(rootMessage(failure), failure);
        }
    }

    /** A start that failed. */
    public static final class StartFailed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        StartFailed(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private static ServiceProcess start(
            LatticegateConfig config,
            List<Service> services,
            InstantSource clock,
            Vertx vertx,
            Journal journal,
            Map<ServiceRole, MeshIdentity> identities,
            SecureRandom random)
            throws Exception {
        Health health = new Health();
        health.check(
                "journal",
                () -> journal.health().accepting()
                        ? Health.Finding.ok()
                        : Health.Finding.failing(journal.health().toString()));
        Exemplars exemplars = new Exemplars();
        PrometheusMeterRegistry metrics = metrics(config, exemplars);
        ProcessMetrics.bind(metrics, journal);
        TenuredHeap.watch(vertx);
        Tracing tracing = Tracing.start(config.tracing(), source(config, services), metrics, exemplars);
        ManagementServer management = new ManagementServer(vertx, config.management(), health, metrics, clock);
        List<Service> started = new ArrayList<>();
        Map<ServiceRole, MeshBus> buses = new HashMap<>();
        JournalDelivery delivery = null;
        for (Service service : services) {
            MeshIdentity identity = identities.get(service.role());
            if (identity == null) {
                throw new IllegalStateException("no identity for " + service.role());
            }
            MeshBus bus =
                    MeshBus.on(vertx, new SignedExchange(identity, clock, random), new BusTelemetry(tracing, metrics));
            buses.put(service.role(), bus);
            if (delivery == null) {
                delivery = new JournalDelivery(vertx, bus, journal);
                delivery.start();
                LogLevels.follow(vertx, bus, config.logging());
                JournalReports.start(vertx, bus, journal, config.audit());
            }
            await(
                    service.start(new ServiceContext(
                            vertx, config, bus, journal, health, management, metrics, clock, tracing)),
                    START_LIMIT);
            started.add(service);
            LOG.info("{} started", service.role().label());
        }
        int managementPort = await(management.listen(), START_LIMIT);
        health.started();
        if (delivery == null) {
            throw new IllegalArgumentException("a process runs at least one service");
        }
        return new ServiceProcess(
                config, vertx, journal, delivery, health, List.copyOf(started), buses, managementPort, tracing);
    }

    /** Meters that name traces where there are any. */
    private static PrometheusMeterRegistry metrics(LatticegateConfig config, Exemplars exemplars) {
        return config.tracing().active()
                ? new PrometheusMeterRegistry(
                        PrometheusConfig.DEFAULT, new PrometheusRegistry(), Clock.SYSTEM, exemplars)
                : new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    }

    private static Tracing.Source source(LatticegateConfig config, List<Service> services) {
        String name = services.size() == 1
                ? "latticegate-" + services.getFirst().role().label()
                : "latticegate";
        return new Tracing.Source(name, config.mesh().name(), Version.CURRENT);
    }

    /** The bus with the identity of one of this process's services. */
    public MeshBus bus(ServiceRole role) {
        MeshBus bus = buses.get(role);
        if (bus == null) {
            throw new IllegalArgumentException("this process does not run " + role.label());
        }
        return bus;
    }

    /** Port on which management is bound. */
    public int managementPort() {
        return managementPort;
    }

    /** Drains within the configured limit, then stops. */
    @Override
    public void close() {
        health.draining();
        Duration drain = config.server().timeouts().drain();
        attempt("drain", Future.all(services.stream().map(Service::drain).toList()), drain);
        attempt("deliver the journal", delivery.flush(2_000), STOP_LIMIT);
        delivery.stop();
        attempt(
                "leave the bus",
                Future.all(buses.values().stream().map(MeshBus::leave).toList()),
                STOP_LIMIT);
        for (Service service : services.reversed()) {
            attempt("stop " + service.role().label(), service.stop(), STOP_LIMIT);
        }
        attempt("close", vertx.close(), STOP_LIMIT);
        tracing.close();
        try {
            journal.close();
        } catch (IOException fault) {
            LOG.error("the journal was not closed properly", fault);
        }
    }

    private static Map<ServiceRole, MeshIdentity> identities(
            LatticegateConfig config, List<Service> services, InstantSource clock, SecureRandom random)
            throws IOException {
        Map<ServiceRole, MeshIdentity> identities = new HashMap<>();
        if (config.mesh().clustered()) {
            if (services.size() != 1 || config.mesh().eventBus().tls() == null) {
                throw new IllegalStateException("a member of a cluster runs one service and has a certificate");
            }
            var tls = config.mesh().eventBus().tls();
            MeshIdentity identity = MeshIdentity.read(tls.ca(), tls.cert(), tls.key(), clock, random);
            ServiceRole role = services.getFirst().role();
            if (identity.role() != role) {
                throw new IllegalStateException("mesh.event_bus.tls.cert is a certificate of "
                        + identity.role().label() + "; this process runs " + role.label());
            }
            identities.put(role, identity);
            return identities;
        }
        MeshAuthority authority = MeshAuthority.create(config.mesh().name(), clock, random);
        for (Service service : services) {
            identities.put(
                    service.role(),
                    authority.issue(service.role(), "standalone", Set.of("localhost"), Duration.ofDays(3_600)));
        }
        return identities;
    }

    private static JournalOptions journalOptions(AuditConfig audit) {
        return JournalOptions.defaults()
                .withSizes(Math.toIntExact(audit.segmentSizeBytes()), audit.maxSizeBytes())
                .withForceInterval(audit.syncInterval())
                .withDurability(Durability.valueOf(audit.durability().name()));
    }

    private static void abandon(
            @org.jspecify.annotations.Nullable Vertx vertx, @org.jspecify.annotations.Nullable Journal journal) {
        if (vertx != null) {
            attempt("close after a failed start", vertx.close(), STOP_LIMIT);
        }
        if (journal != null) {
            try {
                journal.close();
            } catch (IOException fault) {
                LOG.error("the journal was not closed properly", fault);
            }
        }
    }

    private static void attempt(String what, Future<?> step, Duration limit) {
        try {
            await(step, limit);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException fault) {
            LOG.warn("could not {} within {}: {}", what, limit, rootMessage(fault));
        }
    }

    private static <T> T await(Future<T> future, Duration limit)
            throws InterruptedException, ExecutionException, TimeoutException {
        return future.toCompletionStage().toCompletableFuture().get(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.toString() : root.getMessage();
    }
}
