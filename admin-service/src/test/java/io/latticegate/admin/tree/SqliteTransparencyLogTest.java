package io.latticegate.admin.tree;

import io.latticegate.common.store.StoreLocation;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteTransparencyLogTest extends TransparencyLogContract {
    @TempDir
    private Path directory;

    @Override
    StoreLocation emptyStore() {
        return new StoreLocation.Sqlite(directory);
    }
}
