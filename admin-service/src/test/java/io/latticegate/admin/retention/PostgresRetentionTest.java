package io.latticegate.admin.retention;

import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreLocation;
import io.latticegate.testing.PostgresServer;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class PostgresRetentionTest extends RetentionContract {
    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static PostgresServer server;

    @BeforeAll
    static void startServer() {
        server = PostgresServer.start(false);
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Override
    Database emptyDatabase() {
        String name = "retention_" + DATABASES.incrementAndGet();
        String unused = server.createDatabase(name);
        return Database.open(
                "audit",
                new StoreLocation.Postgres(
                        "postgresql://127.0.0.1:" + server.port() + "/" + name, PostgresServer.USER, null, 10));
    }
}
