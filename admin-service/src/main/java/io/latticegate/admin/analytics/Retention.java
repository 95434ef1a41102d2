package io.latticegate.admin.analytics;

import io.latticegate.common.store.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;

/**
 * Deletes sums that are older than they are kept, and the keys that nothing refers to any more. It goes from the oldest on in
 * transactions of at most a stretch of time each, so that the intake never waits long. Several nodes may do so at once.
 */
public final class Retention {
    private static final int TRANSACTIONS_PER_RUN_MAX = 200;

    private final Database database;
    private final Kept kept;
    private final InstantSource clock;

    public Retention(Database database, Kept kept, InstantSource clock) {
        this.database = database;
        this.kept = kept;
        this.clock = clock;
    }

    /** Deletes what is due, or as much of it as one run may; returns how many rows of sums are gone. */
    public long run() {
        long now = clock.instant().getEpochSecond();
        long deleted = 0;
        int transactions = 0;
        for (Resolution resolution : Resolution.values()) {
            for (Grouping grouping : Grouping.values()) {
                int gone = grouping.keeps(resolution) ? 1 : 0;
                while (gone > 0 && transactions < TRANSACTIONS_PER_RUN_MAX) {
                    gone = database.inTransaction(
                            connection -> deleteOldest(connection, resolution, grouping, kept.since(resolution, now)));
                    deleted += gone;
                    transactions++;
                }
            }
        }
        long lastDay = kept.since(Resolution.DAY, now) / Resolution.DAY.seconds();
        database.inTransaction(connection -> deleteKeys(connection, lastDay));
        return deleted;
    }

    private static int deleteOldest(Connection connection, Resolution resolution, Grouping grouping, long before)
            throws SQLException {
        long oldest;
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT MIN(start) FROM analytics_rollup WHERE resolution = ? AND grouped_by = ? AND start < ?")) {
            select.setInt(1, resolution.code());
            select.setInt(2, grouping.code());
            select.setLong(3, before);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                oldest = row.getLong(1);
                if (row.wasNull()) {
                    return 0;
                }
            }
        }
        try (PreparedStatement delete = connection.prepareStatement(
                "DELETE FROM analytics_rollup WHERE resolution = ? AND grouped_by = ? AND start >= ? AND start < ?")) {
            delete.setInt(1, resolution.code());
            delete.setInt(2, grouping.code());
            delete.setLong(3, oldest);
            delete.setLong(4, Math.min(before, oldest + resolution.seconds() * stretch(resolution)));
            return delete.executeUpdate();
        }
    }

    /** How many of a resolution's units go in one transaction. */
    private static int stretch(Resolution resolution) {
        return switch (resolution) {
            case MINUTE -> 10;
            case HOUR -> 2;
            case DAY -> 1;
        };
    }

    private static int deleteKeys(Connection connection, long lastDay) throws SQLException {
        try (PreparedStatement any =
                connection.prepareStatement("SELECT 1 FROM analytics_key WHERE last_day < ? LIMIT 1")) {
            any.setLong(1, lastDay);
            try (ResultSet row = any.executeQuery()) {
                if (!row.next()) {
                    return 0;
                }
            }
        }
        new RollupTables(connection).takeTurn();
        int deleted;
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM analytics_key WHERE last_day < ?")) {
            delete.setLong(1, lastDay);
            deleted = delete.executeUpdate();
        }
        try (PreparedStatement count =
                connection.prepareStatement("UPDATE analytics_grouping SET known = (SELECT COUNT(*) FROM analytics_key"
                        + " WHERE analytics_key.grouped_by = analytics_grouping.grouped_by)")) {
            count.executeUpdate();
        }
        return deleted;
    }
}
