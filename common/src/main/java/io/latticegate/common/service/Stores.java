package io.latticegate.common.service;

import io.latticegate.common.config.StorageConfig;
import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreFault;
import io.latticegate.common.store.StoreLocation;
import io.vertx.core.Vertx;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicReference;

/** Opens a service's schema where the configuration says, and watches whether it answers. */
public final class Stores {
    private static final long PING_MILLIS = 1_000;

    /** The place that {@code storage} names. */
    public static StoreLocation location(StorageConfig storage) {
        return switch (storage.driver()) {
            case SQLITE -> new StoreLocation.Sqlite(storage.dir());
            case POSTGRESQL ->
                new StoreLocation.Postgres(
                        String.valueOf(storage.url()),
                        storage.user() == null ? "latticegate" : storage.user(),
                        storage.password().find().orElse(null),
                        storage.poolSize());
        };
    }

    /** Makes readiness depend on {@code database}; it is asked once a second in the background. */
    public static void watch(Vertx vertx, ExecutorService executor, Health health, String name, Database database) {
        AtomicReference<Health.Finding> last = new AtomicReference<>(Health.Finding.ok());
        health.check(name, last::get);
        Background.every(vertx, PING_MILLIS, executor, "asking " + name, () -> {
            try {
                database.ping();
                last.set(Health.Finding.ok());
            } catch (StoreFault gone) {
                last.set(Health.Finding.failing(String.valueOf(gone.getMessage())));
            }
        });
    }

    private Stores() {}
}
