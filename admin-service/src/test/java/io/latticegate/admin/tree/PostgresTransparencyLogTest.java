package io.latticegate.admin.tree;

import io.latticegate.common.store.StoreLocation;
import io.latticegate.testing.PostgresServer;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PostgresTransparencyLogTest extends TransparencyLogContract {
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
    StoreLocation emptyStore() {
        String name = "log_" + databases.incrementAndGet();
        server.createDatabase(name);
        return new StoreLocation.Postgres(
                "postgresql://127.0.0.1:" + server.port() + "/" + name, PostgresServer.USER, null, 8);
    }
}
