package io.latticegate.auth.wallet.redis;

import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreFault;
import io.latticegate.common.store.redis.RedisScript;
import io.latticegate.common.store.redis.RedisScripts;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Notices that the shared short-lived state was lost, so that nothing used before the loss can be used again.
 *
 * <p><b>The danger.</b> Redis remembers which nonces are used. A Redis that was flushed, replaced, restarted without its
 * data or failed over to a replica that lacks the last writes looks like one in which nothing was ever used: every
 * message signed within the time tolerance could be replayed.
 *
 * <p><b>The epoch.</b> The table {@code shared_state_epoch} says which lifetime of the state this deployment believes
 * in, and Redis holds the same id, beside the {@code run_id} of the server that held it. Every script compares both
 * first and changes nothing when they differ, so no instance uses state of another lifetime, not even between two
 * commands. A missing key, another id, or another server than the one that the epoch began on is a loss. Where Redis is
 * set up so that neither a restart nor a failover loses an acknowledged write ({@code appendfsync always} and no
 * asynchronous replica to fail over to), {@code survivesRestarts} leaves the server out of the comparison.
 *
 * <p><b>The guard.</b> After a loss a new epoch begins. Whatever was used before, its timestamp was at most the future
 * tolerance ahead of the clock that judged it, and that clock was within {@link #CLOCK_SKEW_MAX} of Redis, as every
 * script checks. So timestamps up to {@code beginning + future tolerance + 2 × skew} are refused: clients that sign with
 * the right time are admitted again six minutes after a loss, and nothing of before the loss ever is. The guard is
 * stored with the epoch and holds on every instance. The first epoch of a deployment has no guard, as nothing was used.
 *
 * <p><b>One winner.</b> An instance that notices a loss locks the row, looks at Redis once more under the lock, and only
 * then begins an epoch and writes it to Redis before it commits. Others wait for the lock and find nothing lost. If the
 * instance dies after writing to Redis, the ids differ and the next instance begins one more epoch: safe, if longer.
 * While SQL or Redis cannot be reached, nothing is admitted.
 */
public final class StateEpoch {
    /** How far the clocks of an instance and of Redis may be apart; beyond it wallets are refused. */
    public static final Duration CLOCK_SKEW_MAX = Duration.ofSeconds(30);

    static final String KEY = "latticegate:epoch";

    private static final RedisScript SCRIPT = RedisScript.beside(StateEpoch.class, "epoch.lua");

    /**
     * A lifetime of the shared state.
     *
     * @param startedAt UTC milliseconds
     * @param guardUntil timestamps up to this (UTC milliseconds) are refused; 0 without guard
     */
    public record Epoch(String id, long startedAt, long guardUntil) {
        /** How much later a message must be signed than this one to be past the guard; zero when it is. */
        Duration retryAfter(long timestampSeconds) {
            long missing = Math.floorDiv(guardUntil, 1_000) + 1 - timestampSeconds;
            return guardUntil == 0 || missing <= 0 ? Duration.ZERO : Duration.ofSeconds(missing);
        }
    }

    private final Database database;
    private final RedisScripts redis;
    private final InstantSource clock;
    private final Duration futureTolerance;
    private final boolean survivesRestarts;
    private final ReentrantLock renewing = new ReentrantLock();
    private volatile @Nullable Epoch current;

    /**
     * @param futureTolerance how far ahead of the clock a wallet's timestamp may be
     * @param survivesRestarts whether Redis keeps every acknowledged write through restarts and failovers
     */
    public StateEpoch(
            Database database,
            RedisScripts redis,
            InstantSource clock,
            Duration futureTolerance,
            boolean survivesRestarts) {
        this.database = database;
        this.redis = redis;
        this.clock = clock;
        this.futureTolerance = futureTolerance;
        this.survivesRestarts = survivesRestarts;
    }

    /** The epoch last known here; the first call asks SQL and Redis and blocks. */
    public Epoch current() {
        Epoch known = current;
        return known == null ? renew(null) : known;
    }

    /**
     * The epoch to go on with after a script found that {@code believed} is not the one in Redis. Blocks.
     *
     * @throws StoreFault when SQL or Redis cannot be asked
     */
    Epoch renew(@Nullable Epoch believed) {
        renewing.lock();
        try {
            Epoch known = current;
            if (known != null && !known.equals(believed)) {
                return known;
            }
            refuseEviction();
            Epoch found = database.inTransaction(this::agree);
            current = found;
            return found;
        } finally {
            renewing.unlock();
        }
    }

    /** What Redis holds under {@link #KEY} during {@code epoch} on the server {@code runId}. */
    String value(Epoch epoch, String runId) {
        return survivesRestarts ? epoch.id() : epoch.id() + ":" + runId;
    }

    private Epoch agree(Connection connection) throws SQLException {
        Epoch first = new Epoch(UUID.randomUUID().toString(), clock.millis(), 0);
        insertIfNone(connection, first);
        Epoch stored = readLocked(connection);
        if (stored.equals(first)) {
            exchange(stored, "set");
            return stored;
        }
        List<Long> compared = exchange(stored, "get");
        if (compared.getFirst() == 1) {
            return stored;
        }
        long start = Math.max(clock.millis(), compared.getLast());
        long guardUntil =
                start + futureTolerance.plus(CLOCK_SKEW_MAX.multipliedBy(2)).toMillis();
        Epoch next = new Epoch(UUID.randomUUID().toString(), start, Math.max(guardUntil, stored.guardUntil()));
        update(connection, next);
        exchange(next, "set");
        return next;
    }

    private List<Long> exchange(Epoch epoch, String verb) {
        return RedisScripts.integers(RedisScripts.await(
                redis.run(SCRIPT, List.of(KEY), runId -> List.of(value(epoch, runId), verb))));
    }

    /** A Redis that drops keys when memory runs short would forget used nonces while keeping the epoch. */
    private void refuseEviction() {
        String memory = String.valueOf(RedisScripts.await(redis.send(Request.cmd(Command.INFO, "memory"))));
        boolean bounded =
                memory.lines().anyMatch(line -> line.startsWith("maxmemory:") && !line.startsWith("maxmemory:0"));
        boolean keeps = memory.lines().anyMatch(line -> line.startsWith("maxmemory_policy:noeviction"));
        if (bounded && !keeps) {
            throw new StoreFault.Failed(
                    "Redis drops keys when memory runs short, and with them used nonces; set maxmemory-policy to"
                            + " noeviction",
                    null);
        }
    }

    private static void insertIfNone(Connection connection, Epoch epoch) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("""
                INSERT INTO shared_state_epoch (singleton, id, started_at, guard_until) VALUES (1, ?, ?, ?)
                ON CONFLICT (singleton) DO NOTHING""")) {
            insert.setString(1, epoch.id());
            insert.setLong(2, epoch.startedAt());
            insert.setLong(3, epoch.guardUntil());
            insert.executeUpdate();
        }
    }

    private Epoch readLocked(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                        "SELECT id, started_at, guard_until FROM shared_state_epoch WHERE singleton = 1"
                                + database.dialect().lockingRows());
                ResultSet row = select.executeQuery()) {
            if (!row.next()) {
                throw new IllegalStateException("the epoch just written is not there");
            }
            return new Epoch(row.getString("id"), row.getLong("started_at"), row.getLong("guard_until"));
        }
    }

    private static void update(Connection connection, Epoch epoch) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE shared_state_epoch SET id = ?, started_at = ?, guard_until = ? WHERE singleton = 1")) {
            update.setString(1, epoch.id());
            update.setLong(2, epoch.startedAt());
            update.setLong(3, epoch.guardUntil());
            update.executeUpdate();
        }
    }
}
