package io.latticegate.vault.record;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import javax.sql.DataSource;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/** Migrated databases for tests. */
final class TestDatabases {
    static DataSource sqlite(Path file) {
        DataSource database = reopened(file);
        migrate(database, "sqlite");
        return database;
    }

    /** A file that was migrated before. */
    static DataSource reopened(Path file) {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.OFF);
        config.setBusyTimeout(10_000);
        SQLiteDataSource database = new SQLiteDataSource(config);
        database.setUrl("jdbc:sqlite:" + file);
        return database;
    }

    /** Runs the migrations of {@code dialect}, a folder below {@code db/vault}. */
    static void migrate(DataSource database, String dialect) {
        run(database, "/db/vault/" + dialect + "/V1__vault_records.sql");
        run(database, "/db/vault/" + dialect + "/V2__several_keys.sql");
        run(database, "/db/vault/" + dialect + "/V3__rotation.sql");
    }

    private static void run(DataSource database, String resource) {
        try (InputStream script = TestDatabases.class.getResourceAsStream(resource);
                Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            if (script == null) {
                throw new IllegalStateException("no resource " + resource);
            }
            String text = new String(script.readAllBytes(), StandardCharsets.UTF_8).replaceAll("--[^\n]*", "");
            for (String command : List.of(text.split(";", -1))) {
                if (!command.isBlank()) {
                    statement.execute(command);
                }
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (SQLException failed) {
            throw new IllegalStateException("cannot run " + resource, failed);
        }
    }

    static void execute(DataSource database, String sql) {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException failed) {
            throw new IllegalStateException("cannot run " + sql, failed);
        }
    }

    private TestDatabases() {}
}
