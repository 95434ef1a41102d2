package io.latticegate.admin.analytics;

import io.latticegate.admin.analytics.Spans.Span;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads sums over any stretch of time, exact for whole minutes, hours or days, as far as those are kept. */
public final class SummaryQuery {
    private static final String SUMS = "SUM(r.requests), SUM(r.succeeded), SUM(r.attempts), SUM(r.tokens_in),"
            + " SUM(r.tokens_out), SUM(r.tokens_cached), SUM(r.cost_micro_usd), SUM(r.cache_hits),"
            + " SUM(r.saved_micro_usd)";
    private static final int SUM_COLUMNS = 9;

    private final Connection connection;
    private final Map<Dimension, String> filters;

    private SummaryQuery(Connection connection, Map<Dimension, String> filters) {
        this.connection = connection;
        this.filters = Map.copyOf(filters);
    }

    /**
     * A stretch of time that sums can be read of.
     *
     * @param start first second, since 1970
     * @param end the second after the last
     */
    public record Range(long start, long end, Resolution finest) {
        /**
         * The smallest such stretch around {@code start} to {@code end}.
         *
         * @param oldest a second of which sums of the same resolution have to be kept
         * @param filters with any, whole hours are the least
         */
        public static Range around(
                long start, long end, long oldest, Map<Dimension, String> filters, Kept kept, long nowSeconds) {
            Resolution finest = kept.finest(oldest, nowSeconds);
            if (!filters.isEmpty() && finest == Resolution.MINUTE) {
                finest = Resolution.HOUR;
            }
            return new Range(finest.floor(start), finest.ceil(end), finest);
        }

        /** The equally long time before this, at the same resolution. */
        public Range before() {
            return new Range(Math.max(0, 2 * start - end), start, finest);
        }

        private Spans spans() {
            return Spans.covering(start, end, finest);
        }
    }

    /** Everything about a stretch of time. */
    public static Summary read(Connection connection, Range range, Map<Dimension, String> filters) throws SQLException {
        return new SummaryQuery(connection, filters).summary(range);
    }

    private Summary summary(Range range) throws SQLException {
        Total total = new Total();
        Map<String, Long> errors = new HashMap<>();
        Grouping sums = grouping(List.of());
        Grouping classes = grouping(List.of(Dimension.ERROR_CLASS));
        for (Span span : range.spans().parts()) {
            new RollupSelect(SUMS, false, filters).each(connection, sums, span, total::add);
            new RollupSelect("r.latency", false, filters)
                    .each(connection, sums, span, row -> total.latency.add(row.getBytes(1)));
            new RollupSelect("k.error_class, SUM(r.requests)", true, filters)
                    .then("GROUP BY k.error_class")
                    .each(connection, classes, span, row -> errors.merge(row.getString(1), row.getLong(2), Long::sum));
        }
        errors.remove("");
        return new Summary(
                range.start(),
                range.end(),
                total.measures,
                total.latency.quantileMicros(0.50),
                total.latency.quantileMicros(0.95),
                total.latency.quantileMicros(0.99),
                errors,
                active(Dimension.TOKEN, range),
                active(Dimension.WALLET, range),
                active(Dimension.USER, range),
                active(Dimension.PROJECT, range));
    }

    /** How many different values the requests had, those without one aside. */
    private long active(Dimension dimension, Range range) throws SQLException {
        Set<String> values = new HashSet<>();
        Grouping grouping = grouping(List.of(dimension));
        for (Span span : range.spans().parts()) {
            new RollupSelect("DISTINCT k." + dimension.column(), true, filters)
                    .each(connection, grouping, span, row -> values.add(row.getString(1)));
        }
        values.remove("");
        return values.size();
    }

    private Grouping grouping(List<Dimension> told) {
        return Grouping.covering(
                        RollupSelect.dimensions(filters, told), filters.isEmpty() ? Resolution.MINUTE : Resolution.HOUR)
                .orElseThrow();
    }

    /**
     * The values of a dimension with the most of something, largest first.
     *
     * @param limit the most that are listed
     */
    public static List<TopRow> top(
            Connection connection,
            Range range,
            Dimension by,
            TopRow.Order order,
            Map<Dimension, String> filters,
            int limit)
            throws SQLException {
        SummaryQuery query = new SummaryQuery(connection, filters);
        Map<String, Total> totals = new HashMap<>();
        Grouping grouping = query.grouping(List.of(by));
        String value = "k." + by.column();
        for (Span span : range.spans().parts()) {
            new RollupSelect(SUMS + ", " + value, true, filters)
                    .then("GROUP BY " + value)
                    .each(
                            connection,
                            grouping,
                            span,
                            row -> totals.computeIfAbsent(row.getString(SUM_COLUMNS + 1), unused -> new Total())
                                    .add(row));
        }
        totals.remove("");
        List<Map.Entry<String, Total>> largest = totals.entrySet().stream()
                .sorted(Map.Entry.<String, Total>comparingByValue(
                                (one, other) -> Long.compare(order.of(other.measures), order.of(one.measures)))
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(limit)
                .toList();
        if (!largest.isEmpty()) {
            List<String> keys = largest.stream().map(Map.Entry::getKey).toList();
            for (Span span : range.spans().parts()) {
                new RollupSelect("r.latency, " + value, true, filters)
                        .among(by, keys)
                        .each(connection, grouping, span, row -> {
                            Total total = totals.get(row.getString(2));
                            if (total != null) {
                                total.latency.add(row.getBytes(1));
                            }
                        });
            }
        }
        return largest.stream()
                .map(entry -> new TopRow(
                        entry.getKey(),
                        entry.getValue().measures,
                        entry.getValue().latency.quantileMicros(0.50),
                        entry.getValue().latency.quantileMicros(0.95)))
                .toList();
    }

    private static final class Total {
        private Measures measures = Measures.NONE;
        private final LatencyHistogram latency = new LatencyHistogram();

        void add(ResultSet row) throws SQLException {
            measures = measures.plus(new Measures(
                    row.getLong(1),
                    row.getLong(2),
                    row.getLong(3),
                    row.getLong(4),
                    row.getLong(5),
                    row.getLong(6),
                    row.getLong(7),
                    row.getLong(8),
                    row.getLong(9)));
        }
    }
}
