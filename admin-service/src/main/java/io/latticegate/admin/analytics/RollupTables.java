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

    /** Up to so many keys are looked up one by one, which is cheaper than filling a list. */
    private static final int FEW = 16;

    private static final String LATENCY = "SELECT key_id, latency FROM analytics_rollup WHERE resolution = ?"
            + " AND grouped_by = ? AND start = ? AND key_id ";

    private static final String INTO = "INSERT INTO analytics_rollup (resolution, grouped_by, start, key_id, requests,"
            + " succeeded, attempts, tokens_in, tokens_out, tokens_cached, cost_micro_usd, cache_hits, saved_micro_usd,"
            + " latency)";

    private static final String VALUES = " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

    private static final String CONFLICT = " ON CONFLICT (resolution, grouped_by, start, key_id) DO UPDATE SET"
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
    private final boolean postgres;

    RollupTables(Connection connection) throws SQLException {
        this.connection = connection;
        this.postgres = connection.getMetaData().getDatabaseProductName().equals("PostgreSQL");
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

    /** Says up to which position of the log the sums reach. */
    void moveThrough(long position) throws SQLException {
        try (PreparedStatement move = connection.prepareStatement("UPDATE analytics_turn SET through = ?")) {
            move.setLong(1, position);
            move.executeUpdate();
        }
    }

    /** The last days of those keys that are there. */
    Map<KeyId, Long> lastDays(Collection<KeyId> ids) throws SQLException {
        Map<KeyId, Long> found = new HashMap<>();
        try (PreparedStatement select =
                connection.prepareStatement("SELECT id, last_day FROM analytics_key WHERE id IN " + KEY_LIST)) {
            for (List<KeyId> some : slices(ids, KEYS_AT_ONCE)) {
                bind(select, 1, some, KEYS_AT_ONCE);
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
    Map<Place, Map<KeyId, byte[]>> latencies(Map<Place, ? extends Map<KeyId, ?>> rows) throws SQLException {
        Map<Place, Map<KeyId, byte[]>> found = new HashMap<>();
        if (!postgres) {
            try (PreparedStatement one = connection.prepareStatement(LATENCY + "= ?");
                    PreparedStatement many = connection.prepareStatement(LATENCY + "IN " + KEY_LIST)) {
                for (Map.Entry<Place, ? extends Map<KeyId, ?>> place : rows.entrySet()) {
                    Collection<KeyId> keys = place.getValue().keySet();
                    found.put(place.getKey(), latencies(keys.size() > FEW ? many : one, place.getKey(), keys));
                }
            }
            return found;
        }
        RowArrays wanted = new RowArrays();
        Map<List<Long>, Place> places = new HashMap<>();
        rows.forEach((place, keys) -> {
            places.put(
                    List.of(
                            (long) place.resolution().code(),
                            (long) place.grouping().code(),
                            place.start()),
                    place);
            keys.keySet().forEach(key -> wanted.key(place, key));
        });
        wanted.read(connection, (resolution, grouping, start, key, latency) -> {
            Place place = places.get(List.of((long) resolution, (long) grouping, start));
            if (place != null) {
                found.computeIfAbsent(place, unused -> new HashMap<>()).put(key, latency);
            }
        });
        return found;
    }

    private static Map<KeyId, byte[]> latencies(PreparedStatement select, Place place, Collection<KeyId> ids)
            throws SQLException {
        Map<KeyId, byte[]> found = new HashMap<>();
        select.setInt(1, place.resolution().code());
        select.setInt(2, place.grouping().code());
        select.setLong(3, place.start());
        int atOnce = ids.size() > FEW ? KEYS_AT_ONCE : 1;
        for (List<KeyId> some : slices(ids, atOnce)) {
            bind(select, 4, some, atOnce);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    found.put(KeyId.ofDigest(rows.getBytes(1)), rows.getBytes(2));
                }
            }
        }
        return found;
    }

    /** Adds sums to rows; a row's histogram is replaced. */
    final class Addition implements AutoCloseable {
        private final PreparedStatement add = connection.prepareStatement(INTO + VALUES + CONFLICT);
        private final RowArrays arrays = new RowArrays();

        Addition() throws SQLException {}

        void row(Place place, KeyId key, Measures sums, byte[] latency) throws SQLException {
            if (postgres) {
                arrays.row(place, key, sums, latency);
                return;
            }
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
        }

        void run() throws SQLException {
            if (postgres) {
                arrays.add(connection, INTO, CONFLICT);
            } else {
                add.executeBatch();
            }
        }

        @Override
        public void close() throws SQLException {
            add.close();
        }
    }

    private static void bind(PreparedStatement select, int from, List<KeyId> some, int places) throws SQLException {
        for (int at = 0; at < places; at++) {
            select.setBytes(from + at, some.get(Math.min(at, some.size() - 1)).bytes());
        }
    }

    private static List<List<KeyId>> slices(Collection<KeyId> ids, int atOnce) {
        List<KeyId> all = List.copyOf(ids);
        List<List<KeyId>> slices = new ArrayList<>();
        for (int from = 0; from < all.size(); from += atOnce) {
            slices.add(all.subList(from, Math.min(all.size(), from + atOnce)));
        }
        return slices;
    }
}
