package io.latticegate.admin.analytics;

import io.latticegate.admin.analytics.Spans.Span;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads the course of usage. */
public final class SeriesQuery {
    private final Connection connection;
    private final Series.Question question;
    private final Grouping grouping;
    private final Span span;
    private final @Nullable Dimension by;

    private SeriesQuery(Connection connection, Series.Question question, Grouping grouping) {
        this.connection = connection;
        this.question = question;
        this.grouping = grouping;
        this.span = new Span(question.bucket(), question.start(), question.end());
        this.by = question.groupBy().isEmpty() ? null : question.groupBy().getFirst();
    }

    /** Whether sums are kept that tell apart what the question speaks of. */
    public static boolean canAnswer(Series.Question question) {
        return Grouping.covering(RollupSelect.dimensions(question.filters(), question.groupBy()), question.bucket())
                .isPresent();
    }

    /**
     * The series, the largest first; {@link Series#REST} is last and only there when there are more values than series.
     * Quantiles cannot be added up, so there is none of the rest.
     *
     * @throws IllegalArgumentException unless {@link #canAnswer}
     */
    public static List<Series> read(Connection connection, Series.Question question) throws SQLException {
        Grouping grouping = Grouping.covering(
                        RollupSelect.dimensions(question.filters(), question.groupBy()), question.bucket())
                .orElseThrow(() -> new IllegalArgumentException(
                        "no sums by " + question.bucket().wireName() + " tell all of this apart"));
        SeriesQuery query = new SeriesQuery(connection, question, grouping);
        return question.metric().isLatency() ? query.quantiles() : query.sums();
    }

    private List<Series> sums() throws SQLException {
        Dimension told = by;
        if (told == null) {
            return List.of(series(Series.TOTAL, pointsOfAll()));
        }
        List<String> top = largest(told);
        List<Series> series = new ArrayList<>(seriesOf(told, top.subList(0, Math.min(top.size(), question.top()))));
        if (top.size() > question.top()) {
            Map<Long, Long> rest = pointsOfAll();
            series.forEach(one -> one.points().forEach((at, value) -> rest.merge(at, -value, Long::sum)));
            series.add(series(Series.REST, rest));
        }
        return series;
    }

    /** The values with the largest totals, one more than are asked for where there are more. */
    private List<String> largest(Dimension told) throws SQLException {
        List<String> keys = new ArrayList<>();
        String value = "k." + told.column();
        new RollupSelect(value + ", " + question.metric().sum(), true, question.filters())
                .then("GROUP BY " + value + " ORDER BY " + question.metric().sum() + " DESC, " + value + " LIMIT "
                        + (question.top() + 1))
                .each(connection, grouping, span, row -> keys.add(row.getString(1)));
        return keys;
    }

    private List<Series> seriesOf(Dimension told, List<String> keys) throws SQLException {
        Map<String, Map<Long, Long>> points = new LinkedHashMap<>();
        keys.forEach(key -> points.put(key, empty()));
        if (!keys.isEmpty()) {
            String value = "k." + told.column();
            new RollupSelect("r.start, " + value + ", " + question.metric().sum(), true, question.filters())
                    .among(told, keys)
                    .then("GROUP BY r.start, " + value)
                    .each(connection, grouping, span, row -> {
                        Map<Long, Long> own = points.get(row.getString(2));
                        if (own != null) {
                            own.put(row.getLong(1), row.getLong(3));
                        }
                    });
        }
        return points.entrySet().stream()
                .map(one -> series(one.getKey(), one.getValue()))
                .toList();
    }

    private Map<Long, Long> pointsOfAll() throws SQLException {
        Map<Long, Long> points = empty();
        new RollupSelect("r.start, " + question.metric().sum(), false, question.filters())
                .then("GROUP BY r.start")
                .each(connection, grouping, span, row -> points.put(row.getLong(1), row.getLong(2)));
        return points;
    }

    private static Series series(String key, Map<Long, Long> points) {
        return new Series(
                key, points, points.values().stream().mapToLong(Long::longValue).sum());
    }

    private Map<Long, Long> empty() {
        Map<Long, Long> points = new TreeMap<>();
        for (long at = question.start();
                at < question.end();
                at += question.bucket().seconds()) {
            points.put(at, 0L);
        }
        return points;
    }

    private List<Series> quantiles() throws SQLException {
        Dimension told = by;
        List<String> top = told == null ? List.of(Series.TOTAL) : largest(told);
        Map<String, Map<Long, LatencyHistogram>> found = new HashMap<>();
        top.stream().limit(question.top()).forEach(key -> found.put(key, new TreeMap<>()));
        if (found.isEmpty()) {
            return List.of();
        }
        RollupSelect select = new RollupSelect(
                "r.start, r.latency" + (told == null ? "" : ", k." + told.column()), told != null, question.filters());
        if (told != null) {
            select.among(told, found.keySet());
        }
        select.each(connection, grouping, span, row -> {
            Map<Long, LatencyHistogram> own = found.get(told == null ? Series.TOTAL : row.getString(3));
            if (own != null) {
                own.computeIfAbsent(row.getLong(1), unused -> new LatencyHistogram())
                        .add(row.getBytes(2));
            }
        });
        return found.entrySet().stream()
                .sorted(Comparator.comparingInt(entry -> top.indexOf(entry.getKey())))
                .map(entry -> quantiles(entry.getKey(), entry.getValue()))
                .toList();
    }

    private Series quantiles(String key, Map<Long, LatencyHistogram> byTime) {
        double share = question.metric().share();
        LatencyHistogram whole = new LatencyHistogram();
        Map<Long, Long> points = new TreeMap<>();
        byTime.forEach((at, histogram) -> {
            whole.add(histogram);
            if (histogram.count() > 0) {
                points.put(at, histogram.quantileMicros(share));
            }
        });
        return new Series(key, points, whole.quantileMicros(share));
    }
}
