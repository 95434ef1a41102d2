package io.latticegate.admin.audit;

import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreLocation;
import io.latticegate.testing.PostgresServer;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PostgresAuditListingTest extends AuditListingContract {
    private final AtomicInteger databases = new AtomicInteger();
    private PostgresServer server;

    @BeforeAll
    void startServer() {
        server = PostgresServer.start(false);
    }

    @AfterAll
    void stopServer() {
        server.close();
    }

    @Override
    Database emptyDatabase() {
        String name = "listing_" + databases.incrementAndGet();
        String unused = server.createDatabase(name);
        return Database.open(
                "audit",
                new StoreLocation.Postgres(
                        "postgresql://127.0.0.1:" + server.port() + "/" + name, PostgresServer.USER, null, 10));
    }
}
