package io.latticegate.admin.audit;

import io.latticegate.common.store.Dialect;
import java.nio.file.Path;
import javax.sql.DataSource;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

class SqliteAuditStoreTest extends AuditStoreContract {
    @TempDir
    private Path directory;

    @Override
    DataSource emptyDatabase() {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setBusyTimeout(20_000);
        config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
        SQLiteDataSource source = new SQLiteDataSource(config);
        source.setUrl("jdbc:sqlite:" + directory.resolve("audit.db"));
        return source;
    }

    @Override
    String migrations() {
        return "sqlite";
    }

    @Override
    Dialect dialect() {
        return Dialect.SQLITE;
    }
}
