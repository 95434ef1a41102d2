package io.latticegate.admin.manage;

import io.latticegate.admin.analytics.Dimension;
import io.latticegate.admin.analytics.Kept;
import io.latticegate.admin.analytics.Metric;
import io.latticegate.admin.analytics.Resolution;
import io.latticegate.admin.analytics.RollupWriter;
import io.latticegate.admin.analytics.Series;
import io.latticegate.admin.analytics.SeriesQuery;
import io.latticegate.admin.analytics.Summary;
import io.latticegate.admin.analytics.SummaryQuery;
import io.latticegate.admin.analytics.SummaryQuery.Range;
import io.latticegate.admin.analytics.TopRow;
import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreFault;
import io.latticegate.common.store.Work;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The calls under {@code /manage/analytics}: usage over time, in sum, and by who or what used most. */
final class AnalyticsCalls implements Calls {
    private static final String ANALYTICS = "analytics";
    private static final int TOP_DEFAULT = 10;
    private static final int TOP_MAX = 50;
    private static final int ROWS_MAX = 1_000;
    private static final int TEXT_MAX = 256;
    private static final Duration SUMMARY_DEFAULT = Duration.ofDays(1);
    private static final Duration SUMMARY_MAX = Duration.ofDays(3_660);

    /** The parameters that filter, and what they filter by. */
    private static final Map<String, Dimension> FILTERS = new TreeMap<>(Map.of(
            "project_id", Dimension.PROJECT,
            "token_id", Dimension.TOKEN,
            "wallet", Dimension.WALLET,
            "user", Dimension.USER,
            "model", Dimension.MODEL,
            "provider", Dimension.PROVIDER,
            "endpoint", Dimension.ENDPOINT));

    private final Database database;
    private final RollupWriter usage;
    private final Labels labels;
    private final Kept kept;
    private final InstantSource clock;

    AnalyticsCalls(Database database, RollupWriter usage, MeshBus bus, Kept kept, InstantSource clock) {
        this.database = database;
        this.usage = usage;
        this.labels = new Labels(bus);
        this.kept = kept;
        this.clock = clock;
    }

    @Override
    public void addTo(CallTable.Rows rows) {
        rows.add("GET", Role.VIEWER, "analytics.series", this::series, ANALYTICS, "series");
        rows.add("GET", Role.VIEWER, "analytics.summary", this::summary, ANALYTICS, "summary");
        rows.add("GET", Role.VIEWER, "analytics.top", this::top, ANALYTICS, "top");
    }

    /** {@code GET /manage/analytics/series}. */
    Answer series(ManageRequest request, AuditedCall audited) {
        request.noBody();
        allow(request, "metric", "bucket", "group_by", "top", "start_time", "end_time", "format");
        boolean csv = Csv.wanted(request);
        Metric metric = Metric.named(request.query().getOrDefault("metric", "requests"))
                .orElseThrow(
                        () -> oneOf("metric", Arrays.stream(Metric.values()).map(Metric::wireName)));
        Resolution bucket = bucket(request.query().getOrDefault("bucket", "hour"));
        Optional<Dimension> groupBy = groupBy(request.query().getOrDefault("group_by", "none"));
        Map<Dimension, String> filters = filters(request);
        Instant end = end(request);
        Instant start = start(request, end.minus(lengthDefault(bucket)));
        Series.Question question = new Series.Question(
                metric,
                bucket,
                bucket.floor(start.getEpochSecond()),
                bucket.ceil(end.getEpochSecond() + (end.getNano() > 0 ? 1 : 0)),
                groupBy.stream().toList(),
                filters,
                request.number("top", TOP_DEFAULT, TOP_MAX));
        checkLength(question);
        if (!SeriesQuery.canAnswer(question)) {
            throw Refused.badRequest("by minute, usage is kept by project, token, wallet or user alone, or by model,"
                    + " provider, endpoint, outcome and error_class together; use bucket=hour for other combinations");
        }
        audited.note("query", request.query().keySet().stream().sorted().collect(Collectors.joining(",")));
        audited.project(filters.getOrDefault(Dimension.PROJECT, ""));
        List<Series> series = read(() -> settled(connection -> SeriesQuery.read(connection, question)));
        Map<String, String> names = groupBy.map(dimension ->
                        labels.of(dimension, series.stream().map(Series::key).toList()))
                .orElse(Map.of());
        return csv ? csv(question, series, names) : json(question, series, names);
    }

    /** Of sums that reach as far as the log does. */
    private <T> T settled(Work<T> question) {
        usage.settle();
        return database.read(question);
    }

    private static Answer csv(Series.Question question, List<Series> series, Map<String, String> names) {
        Csv csv = new Csv("time", "key", "label", question.metric().wireName());
        for (Series one : series) {
            one.points()
                    .forEach((at, value) -> csv.row(
                            UsageJson.time(at),
                            one.key(),
                            names.getOrDefault(one.key(), one.key()),
                            shown(question.metric(), value)));
        }
        return csv.answer("usage-" + question.metric().wireName() + ".csv");
    }

    private static Answer json(Series.Question question, List<Series> series, Map<String, String> names) {
        JsonArray all = new JsonArray();
        for (Series one : series) {
            JsonArray points = new JsonArray();
            one.points()
                    .forEach((at, value) -> points.add(new JsonArray().add(at).add(shown(question.metric(), value))));
            all.add(new JsonObject()
                    .put("key", one.key())
                    .put("label", names.getOrDefault(one.key(), one.key()))
                    .put("points", points)
                    .put("total", one.total() < 0 ? null : shown(question.metric(), one.total())));
        }
        return Answer.json(
                200,
                new JsonObject()
                        .put("metric", question.metric().wireName())
                        .put("bucket", question.bucket().wireName())
                        .put("start_time", UsageJson.time(question.start()))
                        .put("end_time", UsageJson.time(question.end()))
                        .put("series", all)
                        .put("exact", true));
    }

    private static Number shown(Metric metric, long value) {
        if (metric.isMoney()) {
            return UsageJson.usd(value);
        }
        if (metric.isLatency()) {
            return value / 1_000.0;
        }
        return value;
    }

    /** {@code GET /manage/analytics/summary}: sums, and those of the equally long time before. */
    Answer summary(ManageRequest request, AuditedCall audited) {
        request.noBody();
        allow(request, "start_time", "end_time", "format");
        boolean csv = Csv.wanted(request);
        Map<Dimension, String> filters = filters(request);
        Range range = range(request, filters, true);
        audited.note("query", request.query().keySet().stream().sorted().collect(Collectors.joining(",")));
        audited.project(filters.getOrDefault(Dimension.PROJECT, ""));
        List<Summary> both = read(() -> settled(connection -> List.of(
                SummaryQuery.read(connection, range, filters),
                SummaryQuery.read(connection, range.before(), filters))));
        if (csv) {
            return csv(both.getFirst());
        }
        return Answer.json(200, json(both.getFirst()).put("previous", json(both.getLast())));
    }

    private static Answer csv(Summary summary) {
        Csv csv = new Csv("figure", "value");
        csv.row("start_time", UsageJson.time(summary.start()));
        csv.row("end_time", UsageJson.time(summary.end()));
        json(summary).forEach(member -> {
            if (member.getValue() instanceof Number number) {
                csv.row(member.getKey(), number);
            }
        });
        summary.errors().forEach((name, count) -> csv.row("errors." + name, count));
        return csv.answer("usage-summary.csv");
    }

    private static JsonObject json(Summary summary) {
        JsonObject errors = new JsonObject();
        new TreeMap<>(summary.errors()).forEach(errors::put);
        return UsageJson.sums(summary.sums())
                .put("start_time", UsageJson.time(summary.start()))
                .put("end_time", UsageJson.time(summary.end()))
                .put(
                        "latency_ms",
                        new JsonObject()
                                .put("p50", UsageJson.millis(summary.p50Micros()))
                                .put("p95", UsageJson.millis(summary.p95Micros()))
                                .put("p99", UsageJson.millis(summary.p99Micros())))
                .put("errors", errors)
                .put(
                        "active",
                        new JsonObject()
                                .put("tokens", summary.activeTokens())
                                .put("wallets", summary.activeWallets())
                                .put("users", summary.activeUsers())
                                .put("projects", summary.activeProjects()))
                .put(
                        "cache",
                        new JsonObject()
                                .put("hits", summary.sums().cacheHits())
                                .put("saved_usd", UsageJson.usd(summary.sums().savedMicroUsd())));
    }

    /** {@code GET /manage/analytics/top}: the values of a dimension with the most of something. */
    Answer top(ManageRequest request, AuditedCall audited) {
        request.noBody();
        allow(request, "by", "metric", "start_time", "end_time", "limit", "format");
        boolean csv = Csv.wanted(request);
        Dimension by = Dimension.named(request.query().getOrDefault("by", ""))
                .filter(dimension -> dimension != Dimension.OUTCOME && dimension != Dimension.ERROR_CLASS)
                .orElseThrow(() ->
                        oneOf("by", Stream.of("project", "token", "wallet", "user", "model", "provider", "endpoint")));
        TopRow.Order order = TopRow.Order.named(request.query().getOrDefault("metric", "requests"))
                .orElseThrow(() -> oneOf("metric", Stream.of("requests", "cost", "tokens", "errors")));
        int limit = request.number("limit", TOP_DEFAULT, ROWS_MAX);
        Map<Dimension, String> filters = filters(request);
        Range range = range(request, filters, false);
        audited.note("query", request.query().keySet().stream().sorted().collect(Collectors.joining(",")));
        audited.project(filters.getOrDefault(Dimension.PROJECT, ""));
        List<TopRow> rows =
                read(() -> settled(connection -> SummaryQuery.top(connection, range, by, order, filters, limit)));
        Map<String, String> names =
                labels.of(by, rows.stream().map(TopRow::key).limit(TOP_MAX).toList());
        return csv ? csv(by, rows, names) : json(range, rows, names);
    }

    private static Answer csv(Dimension by, List<TopRow> rows, Map<String, String> names) {
        Csv csv = new Csv("key", "label", "requests", "failed", "tokens_in", "tokens_out", "cost_usd");
        for (TopRow row : rows) {
            csv.row(
                    row.key(),
                    names.getOrDefault(row.key(), row.key()),
                    row.sums().requests(),
                    row.sums().failed(),
                    row.sums().tokensIn(),
                    row.sums().tokensOut(),
                    UsageJson.usd(row.sums().costMicroUsd()));
        }
        return csv.answer("usage-by-" + by.wireName() + ".csv");
    }

    private static Answer json(Range range, List<TopRow> rows, Map<String, String> names) {
        JsonArray all = new JsonArray();
        for (TopRow row : rows) {
            all.add(UsageJson.sums(row.sums())
                    .put("key", row.key())
                    .put("label", names.getOrDefault(row.key(), row.key()))
                    .put(
                            "latency_ms",
                            new JsonObject()
                                    .put("p50", UsageJson.millis(row.p50Micros()))
                                    .put("p95", UsageJson.millis(row.p95Micros()))));
        }
        return Answer.json(
                200,
                new JsonObject()
                        .put("start_time", UsageJson.time(range.start()))
                        .put("end_time", UsageJson.time(range.end()))
                        .put("rows", all));
    }

    private static void allow(ManageRequest request, String... others) {
        request.allowQuery(
                Stream.concat(FILTERS.keySet().stream(), Arrays.stream(others)).toArray(String[]::new));
    }

    private static Map<Dimension, String> filters(ManageRequest request) {
        Map<Dimension, String> filters = new EnumMap<>(Dimension.class);
        FILTERS.forEach((name, dimension) -> {
            String value = request.query().getOrDefault(name, "");
            if (value.length() > TEXT_MAX || value.chars().anyMatch(Character::isISOControl)) {
                throw Refused.badRequest(
                        name + " has at most " + TEXT_MAX + " characters, none of them a control character");
            }
            if (!value.isEmpty()) {
                filters.put(dimension, dimension == Dimension.WALLET ? WalletUsageCalls.wallet(value) : value);
            }
        });
        return filters;
    }

    private static Resolution bucket(String name) {
        for (Resolution resolution : Resolution.values()) {
            if (resolution.wireName().equals(name)) {
                return resolution;
            }
        }
        throw oneOf("bucket", Arrays.stream(Resolution.values()).map(Resolution::wireName));
    }

    private static Optional<Dimension> groupBy(String name) {
        if (name.equals("none")) {
            return Optional.empty();
        }
        Optional<Dimension> dimension = Dimension.named(name);
        if (dimension.isEmpty()) {
            throw oneOf(
                    "group_by",
                    Stream.concat(Arrays.stream(Dimension.values()).map(Dimension::wireName), Stream.of("none")));
        }
        return dimension;
    }

    private static Refused oneOf(String name, Stream<String> allowed) {
        return Refused.badRequest(name + " must be one of " + allowed.collect(Collectors.joining(", ")));
    }

    private static Duration lengthDefault(Resolution bucket) {
        return switch (bucket) {
            case MINUTE -> Duration.ofHours(1);
            case HOUR -> Duration.ofDays(1);
            case DAY -> Duration.ofDays(30);
        };
    }

    private static void checkLength(Series.Question question) {
        long pointsMax = switch (question.bucket()) {
            case MINUTE -> Duration.ofDays(1).toMinutes() + 1;
            case HOUR -> Duration.ofDays(35).toHours() + 1;
            case DAY -> Duration.ofDays(1_100).toDays() + 1;
        };
        long points = (question.end() - question.start()) / question.bucket().seconds();
        if (points < 1 || points > pointsMax) {
            throw Refused.badRequest("start_time to end_time is " + points + " times a "
                    + question.bucket().wireName() + "; allowed: 1 to " + pointsMax);
        }
    }

    private Instant end(ManageRequest request) {
        @Nullable Instant given = QueryTimes.of(request, "end_time");
        return given == null ? clock.instant() : given;
    }

    private static Instant start(ManageRequest request, Instant otherwise) {
        @Nullable Instant given = QueryTimes.of(request, "start_time");
        return given == null ? otherwise : given;
    }

    /** @param withBefore whether the equally long time before is asked for as well */
    private Range range(ManageRequest request, Map<Dimension, String> filters, boolean withBefore) {
        Instant end = end(request);
        Instant start = start(request, end.minus(SUMMARY_DEFAULT));
        Duration length = Duration.between(start, end);
        if (length.isNegative() || length.isZero() || length.compareTo(SUMMARY_MAX) > 0) {
            throw Refused.badRequest(
                    "start_time must be before end_time, by at most " + SUMMARY_MAX.toDays() + " days");
        }
        return Range.around(
                start.getEpochSecond(),
                end.getEpochSecond() + (end.getNano() > 0 ? 1 : 0),
                start.minus(withBefore ? length : Duration.ZERO).getEpochSecond(),
                filters,
                kept,
                clock.instant().getEpochSecond());
    }

    private static <T> T read(Supplier<T> question) {
        try {
            return question.get();
        } catch (StoreFault fault) {
            throw Refused.unavailable("the audit store does not answer; nothing was summed");
        }
    }
}
