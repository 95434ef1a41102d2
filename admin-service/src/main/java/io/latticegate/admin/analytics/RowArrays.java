package io.latticegate.admin.analytics;

import io.latticegate.admin.analytics.RollupTables.Place;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Rows of table {@code analytics_rollup} as arrays, a column each: PostgreSQL reads or adds all rows of a batch in one
 * statement, where single rows would cost it a parse and an answer each.
 */
final class RowArrays {
    private static final String READ = "SELECT r.resolution, r.grouped_by, r.start, r.key_id, r.latency"
            + " FROM unnest(?::smallint[], ?::smallint[], ?::bigint[], ?::bytea[])"
            + " AS k (resolution, grouped_by, start, key_id)"
            + " JOIN analytics_rollup r USING (resolution, grouped_by, start, key_id)";

    private final List<Place> places = new ArrayList<>();
    private final List<byte[]> keys = new ArrayList<>();
    private final List<Measures> sums = new ArrayList<>();
    private final List<byte[]> latencies = new ArrayList<>();

    void key(Place place, KeyId key) {
        places.add(place);
        keys.add(key.bytes());
    }

    void row(Place place, KeyId key, Measures measures, byte[] latency) {
        key(place, key);
        sums.add(measures);
        latencies.add(latency);
    }

    /** Takes a histogram that is there. */
    @FunctionalInterface
    interface Found {
        void take(int resolution, int grouping, long start, KeyId key, byte[] latency);
    }

    void read(Connection connection, Found found) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(READ)) {
            bindPlaces(connection, select);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    found.take(
                            rows.getInt(1),
                            rows.getInt(2),
                            rows.getLong(3),
                            KeyId.ofDigest(rows.getBytes(4)),
                            rows.getBytes(5));
                }
            }
        }
    }

    /**
     * Adds the rows.
     *
     * @param into the statement up to its values
     * @param conflict what it does with rows that are there
     */
    void add(Connection connection, String into, String conflict) throws SQLException {
        String unnested = " SELECT * FROM unnest(?::smallint[], ?::smallint[], ?::bigint[], ?::bytea[]"
                + String.join("", Collections.nCopies(9, ", ?::bigint[]")) + ", ?::bytea[])";
        try (PreparedStatement insert = connection.prepareStatement(into + unnested + conflict)) {
            bindPlaces(connection, insert);
            Long[][] columns = new Long[9][sums.size()];
            for (int at = 0; at < sums.size(); at++) {
                Measures one = sums.get(at);
                columns[0][at] = one.requests();
                columns[1][at] = one.succeeded();
                columns[2][at] = one.attempts();
                columns[3][at] = one.tokensIn();
                columns[4][at] = one.tokensOut();
                columns[5][at] = one.tokensCached();
                columns[6][at] = one.costMicroUsd();
                columns[7][at] = one.cacheHits();
                columns[8][at] = one.savedMicroUsd();
            }
            for (int column = 0; column < columns.length; column++) {
                bind(connection, insert, column + 5, "bigint", columns[column]);
            }
            bind(connection, insert, 14, "bytea", latencies.toArray(byte[][]::new));
            insert.executeUpdate();
        }
    }

    private void bindPlaces(Connection connection, PreparedStatement statement) throws SQLException {
        bind(
                connection,
                statement,
                1,
                "smallint",
                places.stream().map(place -> (short) place.resolution().code()).toArray());
        bind(
                connection,
                statement,
                2,
                "smallint",
                places.stream().map(place -> (short) place.grouping().code()).toArray());
        bind(
                connection,
                statement,
                3,
                "bigint",
                places.stream().map(Place::start).toArray());
        bind(connection, statement, 4, "bytea", keys.toArray(byte[][]::new));
    }

    private static void bind(Connection connection, PreparedStatement statement, int at, String type, Object[] values)
            throws SQLException {
        Array array = connection.createArrayOf(type, values);
        statement.setArray(at, array);
        array.free();
    }
}
