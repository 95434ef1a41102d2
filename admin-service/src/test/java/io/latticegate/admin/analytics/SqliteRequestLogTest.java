package io.latticegate.admin.analytics;

import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreLocation;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteRequestLogTest extends RequestLogContract {
    @TempDir
    private Path directory;

    @Override
    Database emptyDatabase() {
        return Database.open("audit", new StoreLocation.Sqlite(directory));
    }
}
