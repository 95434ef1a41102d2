package io.latticegate.admin.analytics;

import io.latticegate.admin.analytics.Spans.Span;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A SELECT over the rows of one grouping in one span, with the keys where they are needed. Values are always bound.
 *
 * <p>Where a filter names one of many, such as a project, its keys are looked up first and each of their rows is sought by its
 * whole primary key: a tenant's month is then some thousands of rows and not those of everybody.
 */
final class RollupSelect {
    /** Takes a row that was found. */
    @FunctionalInterface
    interface Row {
        void take(ResultSet row) throws SQLException;
    }

    /** Dimensions whose values are many, each with few keys; {@code analytics_key} has an index by each. */
    private static final Set<Dimension> ONE_OF_MANY =
            Set.of(Dimension.PROJECT, Dimension.TOKEN, Dimension.WALLET, Dimension.USER);

    private final String columns;
    private final boolean joined;
    private final boolean sought;
    private final StringBuilder conditions = new StringBuilder();
    private final List<Object> values = new ArrayList<>();
    private String tail = "";

    /**
     * @param columns what is selected of {@code r}, the sums, and {@code k}, their key
     * @param keyed whether {@code columns} or later conditions speak of {@code k}
     */
    RollupSelect(String columns, boolean keyed, Map<Dimension, String> filters) {
        this.columns = columns;
        this.joined = keyed || !filters.isEmpty();
        this.sought = !Collections.disjoint(filters.keySet(), ONE_OF_MANY);
        filters.forEach((dimension, value) -> {
            conditions.append(" AND k.").append(dimension.column()).append(" = ?");
            values.add(value);
        });
    }

    /** Only rows in which the dimension has one of these values. */
    RollupSelect among(Dimension dimension, Collection<String> allowed) {
        conditions
                .append(" AND k.")
                .append(dimension.column())
                .append(" IN (")
                .append(marks(allowed.size()))
                .append(')');
        values.addAll(allowed);
        return this;
    }

    RollupSelect then(String groupAndOrder) {
        tail = " " + groupAndOrder;
        return this;
    }

    void each(Connection connection, Grouping grouping, Span span, Row row) throws SQLException {
        List<Object> bound = new ArrayList<>(List.of(span.resolution().code(), grouping.code()));
        String sql = "SELECT " + columns + " FROM ";
        if (sought) {
            List<Long> starts = starts(span);
            bound.add(grouping.code());
            bound.addAll(starts);
            sql += "analytics_key k CROSS JOIN analytics_rollup r WHERE r.key_id = k.id AND r.resolution = ?"
                    + " AND r.grouped_by = ? AND k.grouped_by = ? AND r.start IN (" + marks(starts.size()) + ")";
        } else {
            bound.add(span.start());
            bound.add(span.end());
            sql += "analytics_rollup r" + (joined ? " JOIN analytics_key k ON k.id = r.key_id" : "")
                    + " WHERE r.resolution = ? AND r.grouped_by = ? AND r.start >= ? AND r.start < ?";
        }
        bound.addAll(values);
        try (PreparedStatement select = connection.prepareStatement(sql + conditions + tail)) {
            for (int at = 0; at < bound.size(); at++) {
                select.setObject(at + 1, bound.get(at));
            }
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    row.take(rows);
                }
            }
        }
    }

    private static List<Long> starts(Span span) {
        List<Long> starts = new ArrayList<>();
        for (long start = span.start();
                start < span.end();
                start += span.resolution().seconds()) {
            starts.add(start);
        }
        return starts;
    }

    private static String marks(int count) {
        return String.join(", ", Collections.nCopies(count, "?"));
    }

    /** The dimensions that a question speaks of. */
    static Set<Dimension> dimensions(Map<Dimension, String> filters, Collection<Dimension> others) {
        Set<Dimension> all = EnumSet.noneOf(Dimension.class);
        all.addAll(filters.keySet());
        all.addAll(others);
        return all;
    }
}
