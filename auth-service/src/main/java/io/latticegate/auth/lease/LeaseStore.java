package io.latticegate.auth.lease;

import io.latticegate.auth.token.Rows;
import io.latticegate.common.store.Dialect;
import io.latticegate.common.value.Allowance;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The table {@code leases} and the counters of {@code tokens}. Every method runs in the caller's transaction. */
final class LeaseStore {
    /** A token as the ledger sees it. */
    record Account(
            String tokenId,
            String projectId,
            boolean active,
            boolean projectActive,
            long expiresAt,
            Allowance limits,
            Allowance taken) {
        /** What is neither spent nor reserved. */
        Allowance remaining() {
            return limits.minus(taken);
        }
    }

    /** By how much a token's counters change. */
    record Movement(Allowance spent, Allowance released, long lastUsedAt) {
        Movement plus(Movement other) {
            return new Movement(
                    spent.plus(other.spent), released.plus(other.released), Math.max(lastUsedAt, other.lastUsedAt));
        }
    }

    private final Dialect dialect;

    LeaseStore(Dialect dialect) {
        this.dialect = dialect;
    }

    @Nullable
    Account account(Connection connection, byte[] sealedDigest) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("""
                SELECT t.id, t.project_id, t.active, p.active AS project_active, t.expires_at,
                    t.limit_requests, t.limit_tokens, t.limit_micro_usd,
                    t.spent_requests + t.reserved_requests AS taken_requests,
                    t.spent_tokens + t.reserved_tokens AS taken_tokens,
                    t.spent_micro_usd + t.reserved_micro_usd AS taken_micro_usd
                FROM tokens t JOIN projects p ON p.id = t.project_id WHERE t.digest = ?""")) {
            select.setBytes(1, sealedDigest);
            try (ResultSet row = select.executeQuery()) {
                return row.next()
                        ? new Account(
                                row.getString("id"),
                                row.getString("project_id"),
                                row.getBoolean("active"),
                                row.getBoolean("project_active"),
                                row.getLong("expires_at"),
                                Rows.allowance(row, "limit"),
                                Rows.allowance(row, "taken"))
                        : null;
            }
        }
    }

    /**
     * Deducts {@code block} if the token may still be used and still has that much; dimensions in which the block is
     * unlimited must still be without limit. This one statement is what keeps limits exact: the database lets one
     * transaction at a time change the row, and evaluates the condition on the row as it is then.
     */
    boolean deduct(Connection connection, String tokenId, Allowance block, long now) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("""
                UPDATE tokens SET
                    reserved_requests = reserved_requests + ?,
                    reserved_tokens = reserved_tokens + ?,
                    reserved_micro_usd = reserved_micro_usd + ?
                WHERE id = ? AND active AND expires_at > ?
                    AND EXISTS (SELECT 1 FROM projects p WHERE p.id = tokens.project_id AND p.active)
                    AND (limit_requests IS NULL) = ?
                    AND (limit_requests IS NULL OR ? <= limit_requests - spent_requests - reserved_requests)
                    AND (limit_tokens IS NULL) = ?
                    AND (limit_tokens IS NULL OR ? <= limit_tokens - spent_tokens - reserved_tokens)
                    AND (limit_micro_usd IS NULL) = ?
                    AND (limit_micro_usd IS NULL OR ? <= limit_micro_usd - spent_micro_usd - reserved_micro_usd)""")) {
            update.setLong(1, deducted(block.requests()));
            update.setLong(2, deducted(block.tokens()));
            update.setLong(3, deducted(block.microUsd()));
            update.setString(4, tokenId);
            update.setLong(5, now);
            update.setBoolean(6, block.requests() == Allowance.UNLIMITED);
            update.setLong(7, deducted(block.requests()));
            update.setBoolean(8, block.tokens() == Allowance.UNLIMITED);
            update.setLong(9, deducted(block.tokens()));
            update.setBoolean(10, block.microUsd() == Allowance.UNLIMITED);
            update.setLong(11, deducted(block.microUsd()));
            return update.executeUpdate() == 1;
        }
    }

    void insert(Connection connection, Lease lease) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("""
                INSERT INTO leases (id, token_id, node, state, granted_at, lost_after,
                    block_requests, block_tokens, block_micro_usd)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""")) {
            insert.setString(1, lease.id());
            insert.setString(2, lease.tokenId());
            insert.setString(3, lease.node());
            insert.setString(4, lease.state().column());
            insert.setLong(5, lease.grantedAt());
            insert.setLong(6, lease.lostAfter());
            Rows.setLimits(insert, 7, lease.block());
            insert.executeUpdate();
        }
    }

    /**
     * Reads leases so that they stay as read until the transaction ends. A lease changes only under the lock of its
     * token, and tokens are locked in the order of their ids, so that no two transactions wait for each other.
     */
    Map<String, Lease> findLocked(Connection connection, Collection<String> leaseIds) throws SQLException {
        if (dialect == Dialect.POSTGRESQL) {
            lockTokens(connection, tokenIds(connection, leaseIds));
        }
        try (PreparedStatement select = connection.prepareStatement("""
                SELECT id, token_id, node, state, block_requests, block_tokens, block_micro_usd,
                    settled_requests, settled_tokens, settled_micro_usd, granted_at, lost_after
                FROM leases WHERE id IN (""" + Rows.placeholders(leaseIds.size()) + ")")) {
            setStrings(select, leaseIds);
            try (ResultSet rows = select.executeQuery()) {
                Map<String, Lease> leases = new HashMap<>();
                while (rows.next()) {
                    leases.put(
                            rows.getString("id"),
                            new Lease(
                                    rows.getString("id"),
                                    rows.getString("token_id"),
                                    rows.getString("node"),
                                    Lease.State.of(rows.getString("state")),
                                    Rows.allowance(rows, "block"),
                                    Rows.allowance(rows, "settled"),
                                    rows.getLong("granted_at"),
                                    rows.getLong("lost_after")));
                }
                return leases;
            }
        }
    }

    void update(Connection connection, Collection<Lease> leases, long now) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("""
                UPDATE leases SET state = ?, settled_requests = ?, settled_tokens = ?, settled_micro_usd = ?,
                    block_requests = ?, block_tokens = ?, block_micro_usd = ?,
                    lost_after = ?, closed_at = CASE WHEN ? THEN NULL ELSE coalesce(closed_at, ?) END
                WHERE id = ?""")) {
            for (Lease lease : leases) {
                update.setString(1, lease.state().column());
                update.setLong(2, lease.settled().requests());
                update.setLong(3, lease.settled().tokens());
                update.setLong(4, lease.settled().microUsd());
                Rows.setLimits(update, 5, lease.block());
                update.setLong(8, lease.lostAfter());
                update.setBoolean(9, lease.state() == Lease.State.OPEN);
                update.setLong(10, now);
                update.setString(11, lease.id());
                update.addBatch();
            }
            update.executeBatch();
        }
    }

    void move(Connection connection, Map<String, Movement> byToken) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("""
                UPDATE tokens SET
                    spent_requests = spent_requests + ?, reserved_requests = reserved_requests - ?,
                    spent_tokens = spent_tokens + ?, reserved_tokens = reserved_tokens - ?,
                    spent_micro_usd = spent_micro_usd + ?, reserved_micro_usd = reserved_micro_usd - ?,
                    last_used_at = CASE WHEN ? > coalesce(last_used_at, 0) THEN ? ELSE last_used_at END
                WHERE id = ?""")) {
            for (Map.Entry<String, Movement> entry : byToken.entrySet()) {
                Movement movement = entry.getValue();
                update.setLong(1, movement.spent().requests());
                update.setLong(2, movement.released().requests());
                update.setLong(3, movement.spent().tokens());
                update.setLong(4, movement.released().tokens());
                update.setLong(5, movement.spent().microUsd());
                update.setLong(6, movement.released().microUsd());
                update.setLong(7, movement.lastUsedAt());
                update.setLong(8, movement.lastUsedAt());
                update.setString(9, entry.getKey());
                update.addBatch();
            }
            update.executeBatch();
        }
    }

    /** Ids of open leases that were to be heard of before {@code now}. */
    List<String> overdue(Connection connection, long now, int limit) throws SQLException {
        return strings(
                connection,
                "SELECT id FROM leases WHERE state = 'open' AND lost_after < ? ORDER BY lost_after LIMIT ?",
                now,
                limit);
    }

    /** Forgets at most {@code limit} leases closed before {@code before}. */
    int forget(Connection connection, long before, int limit) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement("""
                DELETE FROM leases WHERE id IN
                    (SELECT id FROM leases WHERE state <> 'open' AND closed_at < ? LIMIT ?)""")) {
            delete.setLong(1, before);
            delete.setInt(2, limit);
            return delete.executeUpdate();
        }
    }

    private static SortedSet<String> tokenIds(Connection connection, Collection<String> leaseIds) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT token_id FROM leases WHERE id IN (" + Rows.placeholders(leaseIds.size()) + ")")) {
            setStrings(select, leaseIds);
            try (ResultSet rows = select.executeQuery()) {
                SortedSet<String> ids = new TreeSet<>();
                while (rows.next()) {
                    ids.add(rows.getString(1));
                }
                return ids;
            }
        }
    }

    private static void lockTokens(Connection connection, SortedSet<String> ids) throws SQLException {
        if (ids.isEmpty()) {
            return;
        }
        try (PreparedStatement lock = connection.prepareStatement("SELECT 1 FROM tokens WHERE id IN ("
                + Rows.placeholders(ids.size()) + ") ORDER BY id FOR NO KEY UPDATE")) {
            setStrings(lock, ids);
            lock.execute();
        }
    }

    private static List<String> strings(Connection connection, String sql, long first, int second) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setLong(1, first);
            select.setInt(2, second);
            try (ResultSet rows = select.executeQuery()) {
                List<String> found = new ArrayList<>();
                while (rows.next()) {
                    found.add(rows.getString(1));
                }
                return found;
            }
        }
    }

    private static void setStrings(PreparedStatement statement, Collection<String> values) throws SQLException {
        int index = 1;
        for (String value : values) {
            statement.setString(index++, value);
        }
    }

    private static long deducted(long block) {
        return block == Allowance.UNLIMITED ? 0 : block;
    }
}
