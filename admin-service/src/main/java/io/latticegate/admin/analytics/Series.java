package io.latticegate.admin.analytics;

import java.util.List;
import java.util.Map;

/**
 * The course of one value of a dimension.
 *
 * @param key the value; empty where requests have none, {@link #TOTAL} where nothing is told apart, {@link #REST} for all that
 *     have no series of their own
 * @param points by the second, since 1970, at which the stretch begins; of sums one for every stretch, of latencies (in
 *     microseconds) one for each stretch that has requests. Money is in millionths of a US dollar.
 * @param total the sum of the points, or the quantile over the whole time; -1 for a quantile of nothing
 */
public record Series(String key, Map<Long, Long> points, long total) {
    /** The key of the only series where nothing is told apart. */
    public static final String TOTAL = "total";

    /** The key of the series that holds what the others do not. */
    public static final String REST = "(rest)";

    /**
     * What is asked for.
     *
     * @param start first second, since 1970, a multiple of the bucket
     * @param end the second after the last, a multiple of the bucket
     * @param groupBy what is told apart, empty for nothing
     * @param filters values that requests must have
     * @param top the most series, but for {@link #REST}
     */
    public record Question(
            Metric metric,
            Resolution bucket,
            long start,
            long end,
            List<Dimension> groupBy,
            Map<Dimension, String> filters,
            int top) {
        public Question {
            groupBy = List.copyOf(groupBy);
            filters = Map.copyOf(filters);
        }
    }
}
