package io.latticegate.auth.token;

import io.latticegate.common.contract.AuthApi.Token;
import io.latticegate.common.store.Dialect;
import io.latticegate.common.value.Allowance;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The table {@code tokens}, as managers see it. Every method is one statement in the caller's transaction. */
final class TokenStore {
    private static final String COLUMNS = """
            id, obfuscated, project_id, expires_at, active, spent_requests, spent_tokens, spent_micro_usd,
            limit_requests, limit_tokens, limit_micro_usd, created_at, last_used_at""";

    private final Dialect dialect;

    TokenStore(Dialect dialect) {
        this.dialect = dialect;
    }

    /** @return false when a token with this digest exists already */
    boolean insert(Connection connection, Token token, byte[] sealedDigest) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("""
                INSERT INTO tokens (id, digest, obfuscated, project_id, expires_at, active, created_at,
                    limit_requests, limit_tokens, limit_micro_usd)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (digest) DO NOTHING""")) {
            insert.setString(1, token.id());
            insert.setBytes(2, sealedDigest);
            insert.setString(3, token.obfuscated());
            insert.setString(4, token.projectId());
            insert.setLong(5, token.expiresAt());
            insert.setBoolean(6, token.active());
            insert.setLong(7, token.createdAt());
            Rows.setLimits(insert, 8, token.limits());
            return insert.executeUpdate() == 1;
        }
    }

    @Nullable
    Token find(Connection connection, String id) throws SQLException {
        return first(connection, "SELECT " + COLUMNS + " FROM tokens WHERE id = ?", id);
    }

    /** Reads the token so that it stays as read until the transaction ends. */
    @Nullable
    Token findLocked(Connection connection, String id) throws SQLException {
        return first(connection, "SELECT " + COLUMNS + " FROM tokens WHERE id = ?" + dialect.lockingRows(), id);
    }

    @Nullable
    Token findByDigest(Connection connection, byte[] sealedDigest) throws SQLException {
        return first(connection, "SELECT " + COLUMNS + " FROM tokens WHERE digest = ?", sealedDigest);
    }

    /**
     * At most {@code limit} tokens with ids above {@code afterId}, in order of creation.
     *
     * @param usableAt null for all, or the time at which a token must be active and not expired
     */
    List<Token> list(
            Connection connection, @Nullable String projectId, @Nullable Long usableAt, String afterId, int limit)
            throws SQLException {
        String sql = "SELECT " + COLUMNS + " FROM tokens WHERE id > ?"
                + (projectId == null ? "" : " AND project_id = ?")
                + (usableAt == null ? "" : " AND active AND expires_at > ?")
                + " ORDER BY id LIMIT ?";
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            int index = 1;
            select.setString(index++, afterId);
            if (projectId != null) {
                select.setString(index++, projectId);
            }
            if (usableAt != null) {
                select.setLong(index++, usableAt);
            }
            select.setInt(index, limit);
            try (ResultSet rows = select.executeQuery()) {
                List<Token> tokens = new ArrayList<>();
                while (rows.next()) {
                    tokens.add(token(rows));
                }
                return tokens;
            }
        }
    }

    void update(Connection connection, String id, boolean active, long maxRequests) throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE tokens SET active = ?, limit_requests = ? WHERE id = ?")) {
            update.setBoolean(1, active);
            Rows.setLong(update, 2, maxRequests == Allowance.UNLIMITED ? null : maxRequests);
            update.setString(3, id);
            update.executeUpdate();
        }
    }

    int count(Connection connection, String projectId) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT count(*) FROM tokens WHERE project_id = ?")) {
            select.setString(1, projectId);
            try (ResultSet rows = select.executeQuery()) {
                rows.next();
                return rows.getInt(1);
            }
        }
    }

    /**
     * Revokes what is still active and returns how many those were. The rows are locked in the order of their ids first,
     * which is the order in which settlements lock them too.
     */
    int revokeAll(Connection connection, String projectId) throws SQLException {
        if (dialect == Dialect.POSTGRESQL) {
            try (PreparedStatement lock = connection.prepareStatement(
                    "SELECT 1 FROM tokens WHERE project_id = ? AND active ORDER BY id FOR UPDATE")) {
                lock.setString(1, projectId);
                lock.execute();
            }
        }
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE tokens SET active = FALSE WHERE project_id = ? AND active")) {
            update.setString(1, projectId);
            return update.executeUpdate();
        }
    }

    private static @Nullable Token first(Connection connection, String sql, Object key) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            if (key instanceof byte[] bytes) {
                select.setBytes(1, bytes);
            } else {
                select.setString(1, key.toString());
            }
            try (ResultSet rows = select.executeQuery()) {
                return rows.next() ? token(rows) : null;
            }
        }
    }

    private static Token token(ResultSet row) throws SQLException {
        return new Token(
                row.getString("id"),
                row.getString("obfuscated"),
                row.getString("project_id"),
                row.getLong("expires_at"),
                row.getBoolean("active"),
                row.getLong("spent_requests"),
                row.getLong("spent_tokens"),
                row.getLong("spent_micro_usd"),
                Rows.allowance(row, "limit"),
                row.getLong("created_at"),
                Rows.getLong(row, "last_used_at"));
    }
}
