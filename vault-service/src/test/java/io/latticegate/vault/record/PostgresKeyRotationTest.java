package io.latticegate.vault.record;

import io.latticegate.testing.PostgresServer;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.postgresql.ds.PGSimpleDataSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PostgresKeyRotationTest extends KeyRotationContract {
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
    DataSource database() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(server.createDatabase("vault_" + databases.incrementAndGet()));
        TestDatabases.migrate(source, "postgresql");
        return source;
    }
}
