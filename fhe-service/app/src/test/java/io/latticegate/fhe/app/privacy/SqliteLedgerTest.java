package io.latticegate.fhe.app.privacy;

import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreLocation;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteLedgerTest extends LedgerContract {
    @TempDir
    Path directory;

    @Override
    Database emptyDatabase() {
        return Database.open("privacy", new StoreLocation.Sqlite(directory));
    }
}
