package io.latticegate.admin.rules;

import io.latticegate.common.config.RulesDocument;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The tables {@code rules_version} and {@code rules_address}. Every method is a statement or two in the caller's transaction. */
final class RulesStore {
    /** Most versions that are kept; each has at most {@link RulesDocument#BYTES_MAX}. */
    static final int KEPT_MAX = 500;

    private static final String COLUMNS = "version, origin, file_hash, request_id, created_at, document";

    private RulesStore() {}

    /** The number in force; 0: there is none yet. */
    static long latestNumber(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT MAX(version) FROM rules_version");
                ResultSet rows = select.executeQuery()) {
            return rows.next() ? rows.getLong(1) : 0;
        }
    }

    static Optional<RulesVersion> find(Connection connection, long version) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT " + COLUMNS + " FROM rules_version WHERE version = ?")) {
            select.setLong(1, version);
            try (ResultSet rows = select.executeQuery()) {
                return rows.next() ? Optional.of(version(rows)) : Optional.empty();
            }
        }
    }

    /** At most {@code limit} versions below {@code before}, newest first. */
    static List<RulesVersion> list(Connection connection, long before, int limit) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT " + COLUMNS + " FROM rules_version WHERE version < ? ORDER BY version DESC LIMIT ?")) {
            select.setLong(1, before);
            select.setInt(2, limit);
            try (ResultSet rows = select.executeQuery()) {
                List<RulesVersion> found = new ArrayList<>();
                while (rows.next()) {
                    found.add(version(rows));
                }
                return found;
            }
        }
    }

    /** Adds a version and lets the oldest go; false: another transaction has added one of this number. */
    static boolean insert(Connection connection, RulesVersion added) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO rules_version (" + COLUMNS + ") VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")) {
            insert.setLong(1, added.version());
            insert.setString(2, added.origin().name());
            insert.setString(3, added.fileHash());
            insert.setString(4, added.requestId());
            insert.setLong(5, ChronoUnit.MICROS.between(Instant.EPOCH, added.createdAt()));
            insert.setString(6, added.document().json());
            if (insert.executeUpdate() == 0) {
                return false;
            }
        }
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM rules_version WHERE version <= ?")) {
            delete.setLong(1, added.version() - KEPT_MAX);
            delete.executeUpdate();
        }
        return true;
    }

    /** Where each provider's keys go, by its name. */
    static Map<String, String> addresses(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT provider, address FROM rules_address");
                ResultSet rows = select.executeQuery()) {
            Map<String, String> found = new LinkedHashMap<>();
            while (rows.next()) {
                found.put(rows.getString(1), rows.getString(2));
            }
            return found;
        }
    }

    /** Gives providers their addresses, in place of those that they may have had. */
    static void putAddresses(Connection connection, Map<String, String> addresses) throws SQLException {
        try (PreparedStatement upsert = connection.prepareStatement("INSERT INTO rules_address (provider, address)"
                + " VALUES (?, ?) ON CONFLICT (provider) DO UPDATE SET address = excluded.address")) {
            for (Map.Entry<String, String> one : addresses.entrySet()) {
                upsert.setString(1, one.getKey());
                upsert.setString(2, one.getValue());
                upsert.executeUpdate();
            }
        }
    }

    private static RulesVersion version(ResultSet row) throws SQLException {
        return new RulesVersion(
                row.getLong("version"),
                RulesVersion.Origin.valueOf(row.getString("origin")),
                row.getString("file_hash"),
                row.getString("request_id"),
                Instant.EPOCH.plus(row.getLong("created_at"), ChronoUnit.MICROS),
                RulesDocument.stored(row.getString("document")));
    }
}
