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

/** A SELECT over the rows of one grouping in one span, with the keys where they are needed. Values are always bound. */
final class RollupSelect {
    /** Takes a row that was found. */
    @FunctionalInterface
    interface Row {
        void take(ResultSet row) throws SQLException;
    }

    private final String columns;
    private final boolean joined;
    private final StringBuilder conditions =
            new StringBuilder("r.resolution = ? AND r.grouped_by = ? AND r.start >= ? AND r.start < ?");
    private final List<Object> values = new ArrayList<>();
    private String tail = "";

    /**
     * @param columns what is selected of {@code r}, the sums, and {@code k}, their key
     * @param keyed whether {@code columns} or later conditions speak of {@code k}
     */
    RollupSelect(String columns, boolean keyed, Map<Dimension, String> filters) {
        this.columns = columns;
        this.joined = keyed || !filters.isEmpty();
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
                .append(String.join(", ", Collections.nCopies(allowed.size(), "?")))
                .append(')');
        values.addAll(allowed);
        return this;
    }

    RollupSelect then(String groupAndOrder) {
        tail = " " + groupAndOrder;
        return this;
    }

    void each(Connection connection, Grouping grouping, Span span, Row row) throws SQLException {
        String sql = "SELECT " + columns + " FROM analytics_rollup r"
                + (joined ? " JOIN analytics_key k ON k.id = r.key_id" : "") + " WHERE " + conditions + tail;
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setInt(1, span.resolution().code());
            select.setInt(2, grouping.code());
            select.setLong(3, span.start());
            select.setLong(4, span.end());
            for (int at = 0; at < values.size(); at++) {
                select.setObject(at + 5, values.get(at));
            }
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    row.take(rows);
                }
            }
        }
    }

    /** The dimensions that a question speaks of. */
    static Set<Dimension> dimensions(Map<Dimension, String> filters, Collection<Dimension> others) {
        Set<Dimension> all = EnumSet.noneOf(Dimension.class);
        all.addAll(filters.keySet());
        all.addAll(others);
        return all;
    }
}
