package io.latticegate.admin.analytics;

import io.latticegate.common.store.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps the sums of usage up with the log. Every batch of entries would change a row per key, so sums are written for many
 * batches together: once a second, and before a question is answered. Up to which position of the log they reach stands in
 * the store and moves in the transaction that writes them, so each request is summed once, whatever dies in between.
 *
 * <p>What this process has stored it has in memory already; what another one stored, or one that died, is read from the log.
 *
 * <p>Thread-safe.
 */
public final class RollupWriter {
    /** Positions that one transaction covers at most, so that the intake never waits long for it. */
    private static final long POSITIONS_AT_ONCE = 50_000;

    /** More batches than this are not kept in memory: the log has them. */
    private static final int BATCHES_MAX = 128;

    /**
     * The sums of entries that were stored together.
     *
     * @param first position of the first of them, from 1
     * @param last position of the last; below {@code first} when there are none
     * @param sums never changed from here on
     */
    public record Batch(long first, long last, Rollups sums) {}

    private final Database database;
    private final KnownKeys known = new KnownKeys();
    private final ReentrantLock writing = new ReentrantLock();
    private final ReentrantLock holding = new ReentrantLock();
    private NavigableMap<Long, Batch> held = new TreeMap<>();

    public RollupWriter(Database database) {
        this.database = database;
    }

    /** Takes over the sums of a batch that was committed. */
    public void hold(Batch batch) {
        if (batch.last() < batch.first()) {
            return;
        }
        holding.lock();
        try {
            if (held.size() < BATCHES_MAX) {
                held.put(batch.first(), batch);
            }
        } finally {
            holding.unlock();
        }
    }

    /**
     * When this returns, everything is summed that was committed before it was called.
     *
     * @throws io.latticegate.common.store.StoreFault when the store is away; nothing is lost then
     */
    public void settle() {
        writing.lock();
        try {
            while (database.read(RollupWriter::behind)) {
                NavigableMap<Long, Batch> own = take();
                boolean unused = database.inTransaction(connection -> write(connection, own, known));
            }
        } finally {
            writing.unlock();
        }
    }

    private NavigableMap<Long, Batch> take() {
        holding.lock();
        try {
            NavigableMap<Long, Batch> taken = held;
            held = new TreeMap<>();
            return taken;
        } finally {
            holding.unlock();
        }
    }

    /** As {@link #settle}, from the log alone and in the caller's transaction: no sum of what is stored now comes after it. */
    public static void settle(Connection connection) throws SQLException {
        KnownKeys none = new KnownKeys();
        while (write(connection, new TreeMap<>(), none)) {
            // The next stretch.
        }
    }

    private static boolean behind(Connection connection) throws SQLException {
        return through(connection) < last(connection);
    }

    /** Sums the next stretch; whether there is more behind it. */
    private static boolean write(Connection connection, NavigableMap<Long, Batch> own, KnownKeys known)
            throws SQLException {
        RollupTables tables = new RollupTables(connection);
        tables.takeTurn();
        long position = through(connection);
        long last = last(connection);
        long until = Math.min(last, position + POSITIONS_AT_ONCE);
        Rollups sums = new Rollups();
        while (position < until) {
            Batch batch = own.get(position + 1);
            if (batch != null) {
                sums.add(batch.sums());
                position = batch.last();
            } else {
                Long next = own.higherKey(position + 1);
                long upTo = next == null ? until : Math.min(until, next - 1);
                LoggedRequests.add(connection, position, upTo, sums);
                position = upTo;
            }
        }
        sums.write(tables, known);
        tables.moveThrough(position);
        return position < last;
    }

    private static long through(Connection connection) throws SQLException {
        return number(connection, "SELECT through FROM analytics_turn");
    }

    private static long last(Connection connection) throws SQLException {
        return number(connection, "SELECT last FROM audit_position WHERE id = 1");
    }

    private static long number(Connection connection, String sql) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(sql);
                ResultSet rows = select.executeQuery()) {
            if (!rows.next()) {
                throw new IllegalStateException("the audit store has lost the row of: " + sql);
            }
            return rows.getLong(1);
        }
    }
}
