package io.latticegate.fhe.app;

import io.latticegate.common.config.FheConfig;
import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.contract.OpsApi;
import io.latticegate.common.journal.Durability;
import io.latticegate.common.lease.LeaseTable;
import io.latticegate.common.service.Background;
import io.latticegate.common.service.Health;
import io.latticegate.common.service.RollCall;
import io.latticegate.common.service.Service;
import io.latticegate.common.service.ServiceContext;
import io.latticegate.common.value.ServiceRole;
import io.latticegate.fhe.app.audit.Deed;
import io.latticegate.fhe.app.auth.Admission;
import io.latticegate.fhe.app.describe.DescriptionCalls;
import io.latticegate.fhe.app.head.HeadCalls;
import io.latticegate.fhe.app.http.Gate;
import io.latticegate.fhe.app.http.WorkPool;
import io.latticegate.fhe.app.job.JobCalls;
import io.latticegate.fhe.app.job.JobQueue;
import io.latticegate.fhe.app.ops.OpsCalls;
import io.latticegate.fhe.app.privacy.BudgetCalls;
import io.latticegate.fhe.app.privacy.PrivacyAccountant;
import io.latticegate.fhe.app.scheme.Compute;
import io.latticegate.fhe.app.scheme.Schemes;
import io.latticegate.fhe.app.search.SearchFamilies;
import io.latticegate.fhe.app.session.KeyFiles;
import io.latticegate.fhe.app.session.OpenKeyCache;
import io.latticegate.fhe.app.session.SessionCalls;
import io.latticegate.fhe.app.session.Sessions;
import io.latticegate.fhe.app.store.Folder;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Encrypted compute: clients keep their secret keys, send evaluation keys and ciphertexts, and get ciphertexts back. One event
 * loop takes and answers requests; bodies are read, files touched and ciphertexts computed on bounded platform threads.
 */
public final class FheService implements Service {
    private static final Logger LOG = LoggerFactory.getLogger(FheService.class);
    private static final int CONTROL_THREADS = 4;
    private static final int CONTROL_WAITING = 512;
    private static final int IDLE_SECONDS = 120;
    private static final long SWEEP_MILLIS = 60_000;
    private static final long POLL_MILLIS = 20;
    private static final long LEASE_RETURN_MILLIS = 2_000;

    private final AtomicReference<@Nullable Running> running = new AtomicReference<>();
    private final AtomicInteger port = new AtomicInteger();

    @Override
    public ServiceRole role() {
        return ServiceRole.FHE;
    }

    /** The data port that was bound. */
    public int port() {
        return port.get();
    }

    @Override
    public Future<Void> start(ServiceContext context) {
        return context.vertx().executeBlocking(() -> open(context)).compose(opened -> deploy(context, opened));
    }

    private Future<Void> deploy(ServiceContext context, @Nullable Running opened) {
        Running started = Objects.requireNonNull(opened);
        running.set(started);
        return context.vertx()
                .deployVerticle(started)
                .onSuccess(_ -> port.set(started.port()))
                .mapEmpty();
    }

    private static Running open(ServiceContext context) {
        Compute compute = Compute.open(context.config().fhe().accelerator());
        ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
        PrivacyAccountant accountant = PrivacyAccountant.start(context, blocking);
        try {
            return new Running(context, compute, accountant, blocking);
        } catch (IOException fault) {
            compute.close();
            accountant.close();
            blocking.shutdown();
            throw new UncheckedIOException(
                    "the folder " + context.config().fhe().dir() + " (fhe.dir) cannot be used", fault);
        }
    }

    @Override
    public Future<Void> drain() {
        Running now = running.get();
        return now == null ? Future.succeededFuture() : now.drain();
    }

    @Override
    public Future<Void> stop() {
        Running now = running.getAndSet(null);
        return now == null ? Future.succeededFuture() : now.end();
    }

    /** The service while it runs. */
    private static final class Running extends VerticleBase {
        private final ServiceContext service;
        private final PrivacyAccountant accountant;
        private final ExecutorService blocking;
        private final FheConfig config;
        private final Compute compute;
        private final FheParts parts;
        private final List<Family> families;
        private final WorkPool control;
        private final WorkPool transfer;
        private final ExecutorService sweeper = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name("fhe-sweep").daemon().factory());
        private final LeaseTable leases;
        private final Gate gate;
        private final AtomicReference<@Nullable HttpServer> server = new AtomicReference<>();
        private final AtomicReference<Health.Finding> store = new AtomicReference<>(Health.Finding.ok());

        private Running(ServiceContext service, Compute compute, PrivacyAccountant accountant, ExecutorService blocking)
                throws IOException {
            this.service = service;
            this.accountant = accountant;
            this.blocking = blocking;
            this.config = service.config().fhe();
            SecureRandom random = new SecureRandom();
            Folder folder = new Folder(config.dir(), random);
            this.compute = compute;
            Schemes schemes = new Schemes(compute.backend());
            LOG.info("encrypted compute on {}", compute.description());
            compute.measure(service.metrics());
            Sessions sessions = new Sessions(folder, config, service.clock());
            KeyFiles keys = new KeyFiles(folder, sessions, config);
            OpenKeyCache open = new OpenKeyCache(keys, config.uploads().openKeys());
            FheConfig.Queue queue = config.queue();
            int workers = queue.workers() == 0 ? Runtime.getRuntime().availableProcessors() : queue.workers();
            long memory = Math.min(queue.memoryBytes(), Runtime.getRuntime().maxMemory() / 2);
            JobQueue jobs = new JobQueue(
                    workers, queue.size(), memory, service.metrics(), service.clock(), System::nanoTime, random);
            this.parts =
                    new FheParts(service, config, schemes, folder, sessions, keys, open, jobs, accountant.ledger());
            this.control = new WorkPool("fhe-control", CONTROL_THREADS, CONTROL_WAITING);
            this.transfer = new WorkPool("fhe-transfer", config.uploads().maxConcurrent(), queue.size());
            String node = service.config().mesh().name() + "/fhe-" + UUID.randomUUID();
            this.leases = new LeaseTable(service.bus(), node, System::nanoTime, service.clock());
            this.families = families(parts, compute);
            this.gate = Gate.of(
                    families.stream()
                            .flatMap(family -> family.routes().stream())
                            .toList(),
                    new Admission(leases),
                    control,
                    transfer,
                    new Deed.Book(
                            service.journal(),
                            Durability.valueOf(
                                    service.config().audit().durability().name()),
                            service.clock()),
                    config.uploads().timeout(),
                    random,
                    service.metrics());
        }

        /** Every family of endpoints that is there. */
        private static List<Family> families(FheParts parts, Compute compute) {
            List<Family> families =
                    new ArrayList<>(List.of(new SessionCalls(parts), new OpsCalls(parts), new JobCalls(parts.jobs())));
            families.add(new HeadCalls(parts));
            families.addAll(SearchFamilies.of(parts));
            families.add(new BudgetCalls(parts.ledger()));
            families.add(new DescriptionCalls(parts.schemes(), compute, parts.jobs(), List.copyOf(families)));
            return families;
        }

        private int port() {
            HttpServer bound = server.get();
            return bound == null ? 0 : bound.actualPort();
        }

        @Override
        public Future<?> start() {
            service.health().check("fhe", store::get);
            service.bus().listen(AuthApi.REVOKED, leases::revoke);
            RollCall.answer(service, ServiceRole.FHE, () -> RollCall.Facts.of(compute()));
            vertx.setPeriodic(LeaseTable.FLUSH_MILLIS, _ -> leases.flush());
            sweeper.execute(this::sweep);
            Background.every(vertx, SWEEP_MILLIS, sweeper, "sweeping fhe.dir", this::sweep);
            String host = config.listen().host();
            return vertx.createHttpServer(new HttpServerOptions()
                            .setHost(host.isEmpty() ? "0.0.0.0" : host)
                            .setPort(config.listen().port())
                            .setTcpNoDelay(true)
                            .setIdleTimeout(idleSeconds())
                            .setMaxInitialLineLength(8 * 1024)
                            .setMaxHeaderSize(16 * 1024))
                    .requestHandler(request -> {
                        if (!service.management().answerHealth(request)) {
                            gate.take(request, context);
                        }
                    })
                    .listen()
                    .onSuccess(server::set);
        }

        private OpsApi.Compute compute() {
            Long sessions = null;
            Long indexes = null;
            try {
                sessions = parts.sessions().count();
                indexes = parts.sessions().countIndexes();
            } catch (IOException fault) {
                LOG.warn("fhe.dir cannot be listed for a report: {}", fault.getMessage());
            }
            return new OpsApi.Compute(
                    sessions,
                    indexes,
                    parts.jobs().waiting(),
                    parts.jobs().running(),
                    parts.schemes().backend().name(),
                    parts.jobs().memoryTakenBytes(),
                    parts.jobs().memoryBytes());
        }

        /** A connection is idle while its job waits and runs. */
        private int idleSeconds() {
            return IDLE_SECONDS + Math.toIntExact(config.queue().maxDeadline().toSeconds());
        }

        private void sweep() {
            try {
                parts.sessions().sweep();
                for (Family family : families) {
                    family.sweep();
                }
                store.set(Health.Finding.ok());
            } catch (IOException fault) {
                LOG.warn("fhe.dir could not be swept; it is tried again: {}", fault.getMessage());
                store.set(Health.Finding.failing("fhe.dir cannot be used: " + fault.getMessage()));
            }
            parts.openKeys().closeDeleted();
            parts.jobs().table().forgetOld();
        }

        private Future<Void> drain() {
            return onLoop(gate::drain)
                    .compose(_ -> until(() -> gate.inProgress() == 0))
                    .compose(_ -> returnLeases());
        }

        private Future<Void> returnLeases() {
            return onLoop(() -> {
                        leases.dropAll();
                        leases.flush();
                    })
                    .compose(_ -> until(() -> leases.openLeases() == 0)
                            .timeout(LEASE_RETURN_MILLIS, TimeUnit.MILLISECONDS)
                            .recover(_ -> Future.succeededFuture()));
        }

        private Future<Void> onLoop(Runnable task) {
            Promise<Void> done = Promise.promise();
            context.runOnContext(_ -> {
                task.run();
                done.complete();
            });
            return done.future();
        }

        /** Completes when {@code condition}, asked on the event loop, holds. */
        private Future<Void> until(BooleanSupplier condition) {
            Promise<Void> done = Promise.promise();
            context.runOnContext(_ -> poll(condition, done));
            return done.future();
        }

        private void poll(BooleanSupplier condition, Promise<Void> done) {
            if (condition.getAsBoolean()) {
                done.complete();
            } else {
                vertx.setTimer(POLL_MILLIS, _ -> poll(condition, done));
            }
        }

        private Future<Void> end() {
            parts.jobs().close();
            HttpServer bound = server.getAndSet(null);
            Future<?> closed = bound == null ? Future.succeededFuture() : bound.close();
            return closed.<Void>mapEmpty().onComplete(_ -> {
                control.close();
                transfer.close();
                sweeper.shutdownNow();
                parts.openKeys().close();
                compute.close();
                accountant.close();
                blocking.shutdown();
            });
        }
    }
}
