package io.latticegate.admin.tree;

import io.latticegate.common.store.StoreLocation;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.io.TempDir;

class SqliteTransparencyLogTest extends TransparencyLogContract {
    @TempDir
    private Path directory;

    @Override
    StoreLocation emptyStore() {
        return new StoreLocation.Sqlite(directory);
    }

    @Override
    String literal(byte[] bytes) {
        return "x'" + HexFormat.of().formatHex(bytes) + "'";
    }
}
