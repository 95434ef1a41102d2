package io.latticegate.e2e;

import io.latticegate.admin.audit.AuditStore;
import io.latticegate.admin.audit.StoredBatch;
import io.latticegate.common.contract.AuditApi;
import io.latticegate.common.service.Service;
import io.latticegate.common.service.ServiceContext;
import io.latticegate.common.service.Stores;
import io.latticegate.common.store.Database;
import io.latticegate.common.value.ServiceRole;
import io.vertx.core.Future;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Stores the journal's entries as admin-service does, and nothing else of it. */
final class AuditSink implements Service {
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicReference<@Nullable Database> database = new AtomicReference<>();

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
                    AuditStore store = new AuditStore(context.clock());
                    context.bus().serve(AuditApi.APPEND, executor, append -> {
                        StoredBatch batch = opened.inTransaction(connection ->
                                store.append(connection, append.node(), append.firstSequence(), append.entries()));
                        return new AuditApi.Appended(batch.storedThrough());
                    });
                    return opened;
                })
                .mapEmpty();
    }

    @Override
    public Future<Void> drain() {
        return Future.succeededFuture();
    }

    @Override
    public Future<Void> stop() {
        executor.shutdown();
        Database opened = database.getAndSet(null);
        if (opened != null) {
            opened.close();
        }
        return Future.succeededFuture();
    }
}
