package io.latticegate.common.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.common.value.Secret;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseTest {
    @TempDir
    Path directory;

    @Test
    void keepsWhatWasCommittedAndNothingElse() {
        try (Database database = open()) {
            database.inTransaction(connection -> insert(connection, 1));
            assertThatThrownBy(() -> database.inTransaction(connection -> {
                        insert(connection, 2);
                        throw new IllegalStateException("changed my mind");
                    }))
                    .isInstanceOf(IllegalStateException.class);
        }
        try (Database database = open()) {
            assertThat(notes(database)).isEqualTo(1);
        }
    }

    @Test
    void lendsOneTransactionAtATimeToManyWriters() throws Exception {
        try (Database database = open();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Integer>> writers = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                int id = i;
                writers.add(() -> database.inTransaction(connection -> insert(connection, id)));
            }
            assertThat(threads.invokeAll(writers))
                    .allSatisfy(writer -> assertThat(writer.resultNow()).isEqualTo(1));
            assertThat(notes(database)).isEqualTo(200);
        }
    }

    @Test
    void letsReadersReadWhileATransactionIsOpen() {
        try (Database database = open()) {
            database.inTransaction(connection -> {
                insert(connection, 1);
                assertThat(notes(database)).isZero();
                return 0;
            });
            assertThat(notes(database)).isEqualTo(1);
        }
    }

    @Test
    void waitsForTheOneWritingConnection() throws Exception {
        try (Database database = open()) {
            Thread writer;
            try (Connection other = database.dataSource().getConnection()) {
                other.setAutoCommit(false);
                insert(other, 7);
                writer = Thread.ofPlatform()
                        .start(() -> database.inTransaction(connection -> insert(connection, 1 + notes(database))));
                other.commit();
            }
            writer.join();
            assertThat(notes(database)).isEqualTo(2);
        }
    }

    @Test
    void givesUpAfterFiveAttemptsAtARowThatOthersKeepChanging() {
        try (Database database = open()) {
            var attempts = new AtomicInteger();
            assertThatThrownBy(() -> database.inTransaction(_ -> {
                        attempts.incrementAndGet();
                        throw new SQLException("conflict", "40001");
                    }))
                    .isInstanceOf(StoreFault.Contended.class);
            assertThat(attempts).hasValue(5);
        }
    }

    @Test
    void doesNotRepeatAStatementThatIsRefused() {
        try (Database database = open()) {
            var attempts = new AtomicInteger();
            assertThatThrownBy(() -> database.inTransaction(connection -> {
                        attempts.incrementAndGet();
                        insert(connection, 1);
                        return insert(connection, 1);
                    }))
                    .isInstanceOf(StoreFault.Failed.class)
                    .hasMessageContaining("SQLITE_CONSTRAINT");
            assertThat(attempts).hasValue(1);
        }
    }

    @Test
    void keepsForeignKeysAndWritesAheadInAPrivateFile() throws Exception {
        try (Database database = open()) {
            database.ping();
            assertThatThrownBy(() -> database.inTransaction(connection -> {
                        try (var insert = connection.prepareStatement("INSERT INTO marks VALUES (99)")) {
                            return insert.executeUpdate();
                        }
                    }))
                    .isInstanceOf(StoreFault.Failed.class);
            String mode = database.read(connection -> {
                try (var pragma = connection.prepareStatement("PRAGMA journal_mode");
                        var row = pragma.executeQuery()) {
                    row.next();
                    return row.getString(1);
                }
            });
            assertThat(mode).isEqualTo("wal");
            for (String file : List.of("ledger.db", "ledger.db-wal")) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(file))))
                        .isEqualTo("rw-------");
            }
        }
    }

    @Test
    void refusesASchemaThatAnotherBuildMigratedDifferently() {
        try (Database database = open()) {
            database.inTransaction(connection -> {
                try (var forge = connection.prepareStatement("UPDATE flyway_schema_history SET checksum = 1")) {
                    return forge.executeUpdate();
                }
            });
        }
        assertThatThrownBy(this::open)
                .isInstanceOf(StoreFault.Failed.class)
                .hasMessageContaining("could not be migrated");
    }

    @Test
    void refusesAFileThatIsNoDatabase() throws Exception {
        Files.writeString(directory.resolve("ledger.db"), "this is not SQLite, and longer than a header of one");
        assertThatThrownBy(this::open).isInstanceOf(StoreFault.class);
    }

    @Test
    void refusesASchemaNameThatIsNotOne() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Database.open("../etc", new StoreLocation.Sqlite(directory)));
    }

    @Test
    void takesPostgresUrlsWithoutCredentialsOnly() {
        assertThat(new StoreLocation.Postgres("postgres://db:5432/gate", "u", null, 4).url())
                .isEqualTo("jdbc:postgresql://db:5432/gate");
        for (String url : List.of(
                "postgres://u:secret@db/gate", "jdbc:postgresql://db/gate?password=secret", "jdbc:mysql://db/gate")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new StoreLocation.Postgres(url, "u", Secret.ofText("x"), 4))
                    .withMessageNotContaining("secret");
        }
    }

    @Test
    void shutsTheGateDuringAnOutageAndLetsOneProbeThrough() {
        var nanos = new AtomicLong(5);
        var gate = new OutageGate(nanos::get);
        assertThat(gate.admits()).isTrue();
        gate.failed();
        assertThat(gate.admits()).isFalse();
        nanos.addAndGet(OutageGate.PROBE_INTERVAL_NANOS);
        assertThat(gate.admits()).isTrue();
        assertThat(gate.admits()).isFalse();
        nanos.addAndGet(OutageGate.PROBE_DURATION_MAX_NANOS);
        assertThat(gate.admits()).isTrue();
        gate.succeeded();
        assertThat(gate.admits()).isTrue();
        assertThat(gate.admits()).isTrue();
    }

    private Database open() {
        return Database.open("ledger", new StoreLocation.Sqlite(directory));
    }

    private static int insert(Connection connection, int id) throws SQLException {
        try (var insert = connection.prepareStatement("INSERT INTO notes VALUES (?, 'text')")) {
            insert.setInt(1, id);
            return insert.executeUpdate();
        }
    }

    private static int notes(Database database) {
        return database.read(connection -> {
            try (var count = connection.prepareStatement("SELECT count(*) FROM notes");
                    var row = count.executeQuery()) {
                row.next();
                return row.getInt(1);
            }
        });
    }
}
