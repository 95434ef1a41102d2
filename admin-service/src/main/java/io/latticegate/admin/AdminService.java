package io.latticegate.admin;

import io.latticegate.admin.manage.ManagementApi;
import io.latticegate.common.contract.AuditApi;
import io.latticegate.common.service.Service;
import io.latticegate.common.service.ServiceContext;
import io.latticegate.common.service.Stores;
import io.latticegate.common.store.Database;
import io.latticegate.common.telemetry.Log;
import io.latticegate.common.value.ServiceRole;
import io.vertx.core.Future;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Stores what journals deliver, and answers the management API on the management port. */
public final class AdminService implements Service {
    private static final Log LOG = Log.of(AdminService.class);
    private static final long STOP_SECONDS = 5;

    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicReference<@Nullable Database> database = new AtomicReference<>();
    private final AtomicReference<@Nullable ManagementApi> management = new AtomicReference<>();

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
                    AuditIntake intake = new AuditIntake(opened, context.clock(), context.metrics());
                    context.bus().serve(AuditApi.APPEND, executor, intake::append);
                    Stores.watch(context.vertx(), executor, context.health(), "audit-store", opened);
                    RulesKeeper rules = RulesKeeper.start(context, opened, executor);
                    ManagementApi api = ManagementApi.of(context, opened, rules.book(), executor);
                    api.mount(context.management().router());
                    if (context.config()
                            .management()
                            .adminUi()
                            .sharesDataPort(context.config().server().host())) {
                        context.management().offerOnDataPort();
                    }
                    management.set(api);
                    return opened;
                })
                .mapEmpty();
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
                                store.close();
                            }
                        },
                        Thread::startVirtualThread))
                .mapEmpty();
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
