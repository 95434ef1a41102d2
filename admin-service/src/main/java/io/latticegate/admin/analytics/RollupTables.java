package io.latticegate.admin.analytics;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The statements with which {@link Rollups} reads and writes its tables, in the caller's transaction. */
final class RollupTables {
    /** Keys per statement; a list is filled up to this length with its last key, so that there is one statement. */
    private static final int KEYS_AT_ONCE = 128;

    private static final String KEY_LIST = "(" + String.join(", ", Collections.nCopies(KEYS_AT_ONCE, "?")) + ")";

    private static final String ADD = "INSERT INTO analytics_rollup (resolution, grouped_by, start, key_id, requests,"
            + " succeeded, attempts, tokens_in, tokens_out, tokens_cached, cost_micro_usd, cache_hits, saved_micro_usd,"
            + " latency) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            + " ON CONFLICT (resolution, grouped_by, start, key_id) DO UPDATE SET"
            + " requests = analytics_rollup.requests + excluded.requests,"
            + " succeeded = analytics_rollup.succeeded + excluded.succeeded,"
            + " attempts = analytics_rollup.attempts + excluded.attempts,"
            + " tokens_in = analytics_rollup.tokens_in + excluded.tokens_in,"
            + " tokens_out = analytics_rollup.tokens_out + excluded.tokens_out,"
            + " tokens_cached = analytics_rollup.tokens_cached + excluded.tokens_cached,"
            + " cost_micro_usd = analytics_rollup.cost_micro_usd + excluded.cost_micro_usd,"
            + " cache_hits = analytics_rollup.cache_hits + excluded.cache_hits,"
            + " saved_micro_usd = analytics_rollup.saved_micro_usd + excluded.saved_micro_usd,"
            + " latency = excluded.latency";

    private static final String ADD_KEY = "INSERT INTO analytics_key (id, grouped_by, last_day, project_id, token_id,"
            + " wallet, end_user, model, provider, endpoint, outcome, error_class)"
            + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET last_day ="
            + " CASE WHEN excluded.last_day > analytics_key.last_day THEN excluded.last_day"
            + " ELSE analytics_key.last_day END";

    private final Connection connection;

    RollupTables(Connection connection) {
        this.connection = connection;
    }

    /** Where a row of {@code analytics_rollup} stands but for its key. */
    record Place(Resolution resolution, Grouping grouping, long start) implements Comparable<Place> {
        @Override
        public int compareTo(Place other) {
            int first = resolution.compareTo(other.resolution);
            int second = first != 0 ? first : grouping.compareTo(other.grouping);
            return second != 0 ? second : Long.compare(start, other.start);
        }
    }

    /** A key that is to be added, or to be noted as in use. */
    record NewKey(KeyId id, Grouping grouping, long day, Facets facets) {}

    /** Waits until no other transaction changes the sums; it holds until this one ends. */
    void takeTurn() throws SQLException {
        try (PreparedStatement turn = connection.prepareStatement("UPDATE analytics_turn SET turn = turn + 1")) {
            turn.executeUpdate();
        }
    }

    /** The last days of those keys that are there. */
    Map<KeyId, Long> lastDays(Collection<KeyId> ids) throws SQLException {
        Map<KeyId, Long> found = new HashMap<>();
        try (PreparedStatement select =
                connection.prepareStatement("SELECT id, last_day FROM analytics_key WHERE id IN " + KEY_LIST)) {
            for (List<KeyId> some : slices(ids)) {
                bind(select, 1, some);
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        found.put(KeyId.ofDigest(rows.getBytes(1)), rows.getLong(2));
                    }
                }
            }
        }
        return found;
    }

    int keysOf(Grouping grouping) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT known FROM analytics_grouping WHERE grouped_by = ?")) {
            select.setInt(1, grouping.code());
            try (ResultSet rows = select.executeQuery()) {
                return rows.next() ? rows.getInt(1) : 0;
            }
        }
    }

    void countKeys(Grouping grouping, int more) throws SQLException {
        try (PreparedStatement count = connection.prepareStatement("INSERT INTO analytics_grouping (grouped_by, known)"
                + " VALUES (?, ?) ON CONFLICT (grouped_by) DO UPDATE SET known = analytics_grouping.known"
                + " + excluded.known")) {
            count.setInt(1, grouping.code());
            count.setInt(2, more);
            count.executeUpdate();
        }
    }

    void addKeys(Collection<NewKey> keys) throws SQLException {
        if (keys.isEmpty()) {
            return;
        }
        try (PreparedStatement insert = connection.prepareStatement(ADD_KEY)) {
            for (NewKey key : keys) {
                insert.setBytes(1, key.id().bytes());
                insert.setInt(2, key.grouping().code());
                insert.setLong(3, key.day());
                int next = 3;
                for (Dimension dimension : Dimension.values()) {
                    insert.setString(
                            ++next, key.grouping().has(dimension) ? key.facets().value(dimension) : "");
                }
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    /** The histograms of those rows that are there. */
    Map<KeyId, byte[]> latencies(Place place, Collection<KeyId> ids) throws SQLException {
        Map<KeyId, byte[]> found = new HashMap<>();
        try (PreparedStatement select =
                connection.prepareStatement("SELECT key_id, latency FROM analytics_rollup WHERE resolution = ?"
                        + " AND grouped_by = ? AND start = ? AND key_id IN " + KEY_LIST)) {
            select.setInt(1, place.resolution().code());
            select.setInt(2, place.grouping().code());
            select.setLong(3, place.start());
            for (List<KeyId> some : slices(ids)) {
                bind(select, 4, some);
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        found.put(KeyId.ofDigest(rows.getBytes(1)), rows.getBytes(2));
                    }
                }
            }
        }
        return found;
    }

    /** Adds sums to rows; a row's histogram is replaced. */
    final class Addition implements AutoCloseable {
        private final PreparedStatement add = connection.prepareStatement(ADD);
        private boolean any;

        Addition() throws SQLException {}

        void row(Place place, KeyId key, Measures sums, byte[] latency) throws SQLException {
            add.setInt(1, place.resolution().code());
            add.setInt(2, place.grouping().code());
            add.setLong(3, place.start());
            add.setBytes(4, key.bytes());
            add.setLong(5, sums.requests());
            add.setLong(6, sums.succeeded());
            add.setLong(7, sums.attempts());
            add.setLong(8, sums.tokensIn());
            add.setLong(9, sums.tokensOut());
            add.setLong(10, sums.tokensCached());
            add.setLong(11, sums.costMicroUsd());
            add.setLong(12, sums.cacheHits());
            add.setLong(13, sums.savedMicroUsd());
            add.setBytes(14, latency);
            add.addBatch();
            any = true;
        }

        void run() throws SQLException {
            if (any) {
                add.executeBatch();
            }
        }

        @Override
        public void close() throws SQLException {
            add.close();
        }
    }

    private static void bind(PreparedStatement select, int from, List<KeyId> some) throws SQLException {
        for (int at = 0; at < KEYS_AT_ONCE; at++) {
            select.setBytes(from + at, some.get(Math.min(at, some.size() - 1)).bytes());
        }
    }

    private static List<List<KeyId>> slices(Collection<KeyId> ids) {
        List<KeyId> all = List.copyOf(ids);
        List<List<KeyId>> slices = new ArrayList<>();
        for (int from = 0; from < all.size(); from += KEYS_AT_ONCE) {
            slices.add(all.subList(from, Math.min(all.size(), from + KEYS_AT_ONCE)));
        }
        return slices;
    }
}
