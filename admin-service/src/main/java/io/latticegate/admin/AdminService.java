package io.latticegate.admin;

import io.latticegate.admin.analytics.Kept;
import io.latticegate.admin.analytics.Retention;
import io.latticegate.admin.analytics.RollupWriter;
import io.latticegate.admin.audit.UsageQuery;
import io.latticegate.admin.audit.UsageScope;
import io.latticegate.admin.audit.UsageTotals;
import io.latticegate.admin.manage.ManagementApi;
import io.latticegate.admin.subject.Sealing;
import io.latticegate.admin.subject.SealingKey;
import io.latticegate.admin.tree.TransparencyLog;
import io.latticegate.common.contract.AuditApi;
import io.latticegate.common.contract.OpsApi;
import io.latticegate.common.service.Background;
import io.latticegate.common.service.RollCall;
import io.latticegate.common.service.Service;
import io.latticegate.common.service.ServiceContext;
import io.latticegate.common.service.Stores;
import io.latticegate.common.store.Database;
import io.latticegate.common.telemetry.Log;
import io.latticegate.common.value.Secret;
import io.latticegate.common.value.ServiceRole;
import io.vertx.core.Future;
import java.security.SecureRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Stores what journals deliver, and answers the management API on the management port. */
public final class AdminService implements Service {
    private static final Log LOG = Log.of(AdminService.class);
    private static final long STOP_SECONDS = 5;
    private static final long RETENTION_MILLIS = TimeUnit.MINUTES.toMillis(1);
    private static final long USAGE_MILLIS = 1_000;

    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicReference<@Nullable Database> database = new AtomicReference<>();
    private final AtomicReference<@Nullable ManagementApi> management = new AtomicReference<>();
    private final AtomicReference<@Nullable TransparencyLog> log = new AtomicReference<>();
    private final AtomicReference<@Nullable RecordsKeeper> records = new AtomicReference<>();
    private final AtomicReference<@Nullable Sealing> sealing = new AtomicReference<>();

    @Override
    public ServiceRole role() {
        return ServiceRole.ADMIN;
    }

    @Override
    public Future<Void> start(ServiceContext context) {
        return context.vertx()
                .executeBlocking(() -> {
                    Database opened = Database.open(
                            "audit", Stores.location(context.config().storage()));
                    database.set(opened);
                    Sealing sealed = sealing(context, opened);
                    sealing.set(sealed);
                    RollupWriter usage = new RollupWriter(opened);
                    AuditIntake intake = new AuditIntake(opened, sealed, usage, context.clock(), context.metrics());
                    TransparencyLog tree = startLog(context, opened);
                    context.bus().serve(AuditApi.APPEND, executor, batch -> append(intake, tree, batch));
                    context.bus()
                            .serveSigned(
                                    AuditApi.WALLET_USAGE,
                                    executor,
                                    (asked, asker) -> walletUsage(opened, asked.wallet()));
                    Retention retention =
                            new Retention(opened, Kept.of(context.config().analytics()), context.clock());
                    Background.every(
                            context.vertx(), RETENTION_MILLIS, executor, "deleting old sums of usage", retention::run);
                    Background.every(context.vertx(), USAGE_MILLIS, executor, "adding up usage", usage::settle);
                    Stores.watch(context.vertx(), executor, context.health(), "audit-store", opened);
                    RollCall.answer(context, ServiceRole.ADMIN, () -> RollCall.Facts.NONE);
                    RulesKeeper rules = RulesKeeper.start(context, opened, executor);
                    LevelBook levels = new LevelBook(
                            opened,
                            context.clock(),
                            version -> context.bus().publish(OpsApi.LEVELS_CHANGED, new OpsApi.LevelsChanged(version)));
                    context.bus().serveSigned(OpsApi.LEVELS, executor, (question, asker) -> levels.inForce(question));
                    ManagementApi api =
                            ManagementApi.of(context, opened, sealed, usage, tree, rules.book(), levels, executor);
                    api.mount(context.management().router());
                    if (context.config()
                            .management()
                            .adminUi()
                            .sharesDataPort(context.config().server().host())) {
                        context.management().offerOnDataPort();
                    }
                    management.set(api);
                    records.set(RecordsKeeper.start(context, opened, sealed, executor));
                    return opened;
                })
                .mapEmpty();
    }

    private TransparencyLog startLog(ServiceContext context, Database store) {
        TransparencyLog tree = new TransparencyLog(
                store,
                context.config().mesh().name(),
                context.config().storage().dir(),
                context.clock(),
                context.metrics());
        log.set(tree);
        context.health().check("audit-log", tree::health);
        Background.every(
                context.vertx(), TransparencyLog.TEND_MILLIS, executor, "signing heads of the audit log", tree::tend);
        return tree;
    }

    private AuditApi.Appended append(AuditIntake intake, TransparencyLog tree, AuditApi.Append batch) {
        AuditApi.Appended appended = intake.append(batch);
        if (tree.noteAdded(batch.entries().size())) {
            try {
                executor.execute(tree::tend);
            } catch (RejectedExecutionException stopping) {
                // What is not signed now is signed on the way out.
            }
        }
        return appended;
    }

    private static Sealing sealing(ServiceContext context, Database database) {
        SecureRandom random = new SecureRandom();
        try (Secret key = SealingKey.of(context.config(), random)) {
            return new Sealing(key, database.dialect(), random);
        }
    }

    private static AuditApi.WalletTotals walletUsage(Database store, String wallet) {
        UsageTotals totals = store.read(connection -> UsageQuery.total(connection, UsageScope.WALLET, wallet));
        return new AuditApi.WalletTotals(
                totals.requests(), totals.tokensIn() + totals.tokensOut(), totals.costMicroUsd());
    }

    /** The audit is still stored until {@link #stop}, since the draining process delivers the end of its journal. */
    @Override
    public Future<Void> drain() {
        ManagementApi api = management.get();
        return api == null ? Future.succeededFuture() : api.drain();
    }

    /** Batches that are being stored are waited for; what arrives later is not acknowledged and comes again. */
    @Override
    public Future<Void> stop() {
        executor.shutdown();
        Database store = database.getAndSet(null);
        return Future.fromCompletionStage(CompletableFuture.runAsync(
                        () -> {
                            if (store != null) {
                                awaitTermination();
                                signTheRest();
                                store.close();
                            }
                            closeIfOpen(records.getAndSet(null));
                            closeIfOpen(sealing.getAndSet(null));
                        },
                        Thread::startVirtualThread))
                .mapEmpty();
    }

    private void signTheRest() {
        TransparencyLog tree = log.get();
        if (tree != null) {
            tree.tend();
        }
    }

    private static void closeIfOpen(@Nullable RecordsKeeper open) {
        if (open != null) {
            open.close();
        }
    }

    private static void closeIfOpen(@Nullable Sealing open) {
        if (open != null) {
            open.close();
        }
    }

    private void awaitTermination() {
        try {
            if (!executor.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("calls were still under way when admin-service stopped");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
