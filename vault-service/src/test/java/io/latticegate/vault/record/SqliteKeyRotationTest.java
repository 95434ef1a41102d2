package io.latticegate.vault.record;

import java.nio.file.Path;
import javax.sql.DataSource;
import org.junit.jupiter.api.io.TempDir;

class SqliteKeyRotationTest extends KeyRotationContract {
    @TempDir
    private Path folder;

    @Override
    DataSource database() {
        return TestDatabases.sqlite(folder.resolve("vault.db"));
    }
}
