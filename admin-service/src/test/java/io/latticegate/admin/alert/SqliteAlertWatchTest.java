package io.latticegate.admin.alert;

import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreLocation;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteAlertWatchTest extends AlertWatchContract {
    @TempDir
    private Path directory;

    @Override
    Database emptyDatabase() {
        return Database.open("audit", new StoreLocation.Sqlite(directory));
    }
}
