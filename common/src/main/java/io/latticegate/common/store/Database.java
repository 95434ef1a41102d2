package io.latticegate.common.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/**
 * One service's schema in SQLite or PostgreSQL. All calls block and belong on virtual threads.
 *
 * <p>A PostgreSQL that is gone does not stop a start: {@link #open} returns, calls fail with
 * {@link StoreFault.Unavailable} (the first within two seconds, later ones at once), and the first call after its
 * return migrates and works. A schema that cannot be migrated, or wrong credentials, do stop the start.
 *
 * <p>SQLite has one writing connection, whose transactions take the write lock when they begin, and a few readers, in
 * WAL mode with {@code synchronous=NORMAL}: a commit survives the death of the process; the last commits before a power
 * cut may be lost, the file is never damaged. A process opens a file once: waiters then queue for the one writing
 * connection, whereas SQLite's own wait for another connection's lock would hold the carriers of virtual threads.
 * PostgreSQL transactions run at READ COMMITTED.
 */
public final class Database implements AutoCloseable {
    private static final int ATTEMPTS_MAX = 5;
    private static final int FORCE_ATTEMPTS_MAX = 50;
    private static final int BUSY_TIMEOUT_MS = 2_000;
    private static final int CONNECTION_TIMEOUT_MS = 2_000;
    private static final int SQLITE_READERS = 3;

    private final Dialect dialect;
    private final String what;
    private final HikariDataSource writer;
    private final HikariDataSource reader;
    private final Migrations migrations;
    private final OutageGate gate = new OutageGate(System::nanoTime);
    private final ReentrantLock migrating = new ReentrantLock();
    private volatile boolean migrated;

    private Database(
            Dialect dialect, String what, HikariDataSource writer, HikariDataSource reader, Migrations migrations) {
        this.dialect = dialect;
        this.what = what;
        this.writer = writer;
        this.reader = reader;
        this.migrations = migrations;
    }

    /**
     * Opens the schema and migrates it with the scripts in {@code db/<schema>/<dialect>} on the class path.
     *
     * @param schema a PostgreSQL schema or the name of the SQLite file, {@code [a-z_]+}
     * @throws StoreFault.Failed when the scripts and the schema do not fit or the credentials are wrong
     */
    public static Database open(String schema, StoreLocation location) {
        if (!schema.matches("[a-z_]{1,40}")) {
            throw new IllegalArgumentException("a schema's name has 1 to 40 of a-z and _, not: " + schema);
        }
        Migrations.quiet();
        Database database = switch (location) {
            case StoreLocation.Sqlite sqlite -> sqlite(schema, sqlite);
            case StoreLocation.Postgres postgres -> postgres(schema, postgres);
        };
        try {
            database.ready();
        } catch (StoreFault.Unavailable gone) {
            if (database.dialect == Dialect.SQLITE) {
                database.close();
                throw gone;
            }
        } catch (StoreFault fault) {
            database.close();
            throw fault;
        }
        return database;
    }

    public Dialect dialect() {
        return dialect;
    }

    /** The pool of writing connections, raw: without retries, and without waiting for a migration still to come. */
    public DataSource dataSource() {
        return writer;
    }

    /**
     * Runs {@code work} in a transaction, and again when the store asks for it (conflict, lock, connection lost before
     * the commit), at most five times.
     */
    public <T extends @Nullable Object> T inTransaction(Work<T> work) {
        for (int attempt = 1; ; attempt++) {
            try {
                return transaction(work);
            } catch (RepeatableFault fault) {
                if (attempt == ATTEMPTS_MAX) {
                    throw fault.fault;
                }
                pause(attempt);
            }
        }
    }

    /** Runs {@code work}, which only reads: each statement sees what was committed when it began. */
    public <T extends @Nullable Object> T read(Work<T> work) {
        try (Connection connection = connection(reader)) {
            return work.run(connection);
        } catch (SQLException failure) {
            throw StoreFault.of(what, failure);
        }
    }

    /** Returns when the store answers within the pool's timeout. */
    public void ping() {
        read(connection -> {
            try (var statement = connection.prepareStatement("SELECT 1")) {
                return statement.execute();
            }
        });
    }

    /**
     * Returns when everything that was committed before survives a power cut. PostgreSQL promises that with each commit;
     * SQLite's write-ahead log is forced here, which a commit alone does not do.
     */
    public void force() {
        if (dialect == Dialect.POSTGRESQL) {
            return;
        }
        for (int attempt = 1; !walForced(); attempt++) {
            if (attempt == FORCE_ATTEMPTS_MAX) {
                throw new StoreFault.Contended(what + " is being forced to disk by others all the time", null);
            }
            pause(ATTEMPTS_MAX);
        }
    }

    /** A checkpoint of the log begins by forcing it; it is refused while another connection is at it. */
    private boolean walForced() {
        try (Connection connection = connection(reader);
                Statement statement = connection.createStatement();
                ResultSet outcome = statement.executeQuery("PRAGMA wal_checkpoint(PASSIVE)")) {
            return outcome.next() && outcome.getInt(1) == 0;
        } catch (SQLException failure) {
            throw StoreFault.of(what, failure);
        }
    }

    /**
     * Returns when the store answers and is migrated.
     *
     * @throws StoreFault.Unavailable when {@code limit} passed before that, or the thread was interrupted
     */
    public void awaitReady(Duration limit) {
        long until = System.nanoTime() + limit.toNanos();
        while (true) {
            try {
                ready();
                return;
            } catch (StoreFault.Unavailable notYet) {
                if (System.nanoTime() - until > 0) {
                    throw notYet;
                }
                pause(ATTEMPTS_MAX);
            }
        }
    }

    @Override
    public void close() {
        writer.close();
        reader.close();
    }

    private <T extends @Nullable Object> T transaction(Work<T> work) throws RepeatableFault {
        boolean committing = false;
        try (Connection connection = connection(writer)) {
            boolean committed = false;
            try {
                connection.setAutoCommit(false);
                T result = work.run(connection);
                committing = true;
                connection.commit();
                committed = true;
                return result;
            } finally {
                // After a commit there is nothing to roll back; after a failure nothing of it may remain.
                boolean clean = rollBack(connection);
                if (!clean || (!committed && dialect == Dialect.SQLITE)) {
                    // SQLite rolls back by itself when the disk is full, which its driver does not notice: what came
                    // after on the same connection would be outside of any transaction.
                    writer.evictConnection(connection);
                }
            }
        } catch (SQLException failure) {
            StoreFault fault = StoreFault.of(what, failure);
            if (fault instanceof StoreFault.Contended || (fault instanceof StoreFault.Unavailable && !committing)) {
                throw new RepeatableFault(fault);
            }
            if (fault instanceof StoreFault.Unavailable) {
                throw new StoreFault.OutcomeUnknown(what + " was lost during a commit", failure);
            }
            throw fault;
        }
    }

    private static boolean rollBack(Connection connection) {
        try {
            connection.rollback();
            return true;
        } catch (SQLException closed) {
            // A broken connection has been rolled back by the server; the failure that broke it is already on its way.
            return false;
        }
    }

    private Connection connection(HikariDataSource pool) {
        ready();
        return acquire(pool);
    }

    private Connection acquire(HikariDataSource pool) {
        if (!gate.admits()) {
            throw new StoreFault.Unavailable(what + " cannot be reached", null);
        }
        try {
            Connection connection = pool.getConnection();
            gate.succeeded();
            return connection;
        } catch (SQLException failure) {
            boolean unreachable = failure.getCause() != null;
            if (unreachable || gate.outage()) {
                gate.failed();
            }
            throw new StoreFault.Unavailable(
                    what + (unreachable ? " cannot be reached" : " has no connection free"), failure);
        }
    }

    private void ready() {
        if (migrated) {
            return;
        }
        if (!migrating.tryLock()) {
            throw new StoreFault.Unavailable(what + " is being prepared", null);
        }
        try {
            if (migrated) {
                return;
            }
            if (!gate.admits()) {
                throw new StoreFault.Unavailable(what + " cannot be reached", null);
            }
            try {
                migrations.run();
            } catch (StoreFault fault) {
                gate.failed();
                throw fault;
            }
            gate.succeeded();
            migrated = true;
        } finally {
            migrating.unlock();
        }
    }

    private static void pause(int attempt) {
        try {
            Thread.sleep(ThreadLocalRandom.current().nextLong(1, 1L + (5L << attempt)));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new StoreFault.Unavailable("interrupted while waiting to try again", interrupted);
        }
    }

    private static Database postgres(String schema, StoreLocation.Postgres location) {
        var source = new SecretPostgresSource(location, schema);
        source.setSocketTimeout(5);
        source.setReWriteBatchedInserts(true);
        source.setOptions("-c statement_timeout=5s -c lock_timeout=2s -c idle_in_transaction_session_timeout=10s");
        HikariDataSource pool = pool(schema, source, location.connectionsMax());
        String what = "PostgreSQL (schema " + schema + ")";
        var migrations = new Migrations(new SecretPostgresSource(location, schema), schema, Dialect.POSTGRESQL, what);
        return new Database(Dialect.POSTGRESQL, what, pool, pool, migrations);
    }

    private static Database sqlite(String schema, StoreLocation.Sqlite location) {
        Path file = location.directory().resolve(schema + ".db");
        String what = "SQLite file " + file.getFileName();
        try {
            createPrivate(file);
        } catch (IOException failure) {
            throw new StoreFault.Failed(file + " cannot be created: " + failure.getMessage(), failure);
        }
        HikariDataSource writer = pool(schema, sqliteSource(file, true), 1);
        HikariDataSource reader = pool(schema + "-read", sqliteSource(file, false), SQLITE_READERS);
        var migrations = new Migrations(sqliteSource(file, true), schema, Dialect.SQLITE, what);
        return new Database(Dialect.SQLITE, what, writer, reader, migrations);
    }

    private static SQLiteDataSource sqliteSource(Path file, boolean writing) {
        var config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.NORMAL);
        config.setBusyTimeout(BUSY_TIMEOUT_MS);
        config.enforceForeignKeys(true);
        config.setTransactionMode(
                writing ? SQLiteConfig.TransactionMode.IMMEDIATE : SQLiteConfig.TransactionMode.DEFERRED);
        var source = new SQLiteDataSource(config);
        source.setUrl("jdbc:sqlite:" + file.toAbsolutePath());
        return source;
    }

    private static HikariDataSource pool(String name, DataSource source, int connectionsMax) {
        var config = new HikariConfig();
        config.setPoolName(name);
        config.setDataSource(source);
        config.setMaximumPoolSize(connectionsMax);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(CONNECTION_TIMEOUT_MS);
        config.setValidationTimeout(1_000);
        config.setInitializationFailTimeout(-1);
        return new HikariDataSource(config);
    }

    /** Makes the file before SQLite does, since its journal files take over the permissions of the file. */
    private static void createPrivate(Path file) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory != null) {
            Files.createDirectories(directory);
        }
        if (!Files.exists(file)) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
    }

    /** Carries a fault out of an attempt that may be repeated. */
    private static final class RepeatableFault extends Exception {
        private static final long serialVersionUID = 1L;
        private final StoreFault fault;

        RepeatableFault(StoreFault fault) {
            super(fault);
            this.fault = fault;
        }
    }
}
