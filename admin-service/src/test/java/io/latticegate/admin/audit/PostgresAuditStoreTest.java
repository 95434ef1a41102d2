package io.latticegate.admin.audit;

import io.latticegate.common.store.Dialect;
import io.latticegate.testing.PostgresServer;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.postgresql.ds.PGSimpleDataSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PostgresAuditStoreTest extends AuditStoreContract {
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
    DataSource emptyDatabase() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(server.createDatabase("audit_" + databases.incrementAndGet()));
        return source;
    }

    @Override
    String migrations() {
        return "postgresql";
    }

    @Override
    Dialect dialect() {
        return Dialect.POSTGRESQL;
    }
}
