package io.latticegate.admin.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.admin.audit.AuditStore;
import io.latticegate.admin.subject.Sealing;
import io.latticegate.common.journal.AuditActor;
import io.latticegate.common.journal.AuditEncoder;
import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreFault;
import io.latticegate.common.value.Secret;
import java.security.SecureRandom;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What usage promises on every database: its sums are those of the requests that were stored, each once. */
abstract class AnalyticsContract {
    private static final long SEED = Long.getLong("latticegate.seed", 20_261_122L);
    private static final int RECORDS = 500;
    private static final long DAY = Resolution.DAY.seconds();

    /** Noon of a day; records lie within two days before. */
    private static final long NOW = 20_000 * DAY + DAY / 2;

    private static final Kept KEPT = new Kept(Duration.ofDays(3), Duration.ofDays(35), Duration.ofDays(800));

    private AuditStore store;
    private Sealing sealing;
    private Database database;
    private RollupWriter usage;

    abstract Database emptyDatabase();

    @BeforeEach
    void open() {
        database = emptyDatabase();
        sealing = new Sealing(Secret.owning(new byte[32]), database.dialect(), new SecureRandom());
        store = new AuditStore(() -> Instant.ofEpochSecond(NOW), sealing);
        usage = new RollupWriter(database);
    }

    @AfterEach
    void close() {
        sealing.close();
        database.close();
    }

    @Test
    void everySeriesIsTheSumOfTheStoredRequests() {
        List<AuditRecord> records = records();
        append("one", 1, records);
        Map<Metric, ToLongFunction<AuditRecord>> sums = Map.of(
                Metric.REQUESTS,
                record -> 1,
                Metric.ERRORS,
                record -> record.outcome() == AuditOutcome.SUCCESS ? 0 : 1,
                Metric.TOKENS_IN,
                AuditRecord::tokensIn,
                Metric.TOKENS_OUT,
                AuditRecord::tokensOut,
                Metric.TOKENS_CACHED,
                AuditRecord::tokensCached,
                Metric.COST,
                AuditRecord::costMicroUsd,
                Metric.CACHE_HITS,
                record -> "hit".equals(record.metadata().get("cache")) ? 1 : 0,
                Metric.CACHE_SAVED_USD,
                record -> "hit".equals(record.metadata().get("cache")) ? 40 : 0);
        for (Resolution bucket : Resolution.values()) {
            sums.forEach((metric, of) -> {
                for (Dimension by : Dimension.values()) {
                    Series.Question question = question(metric, bucket, List.of(by), Map.of(), 500);
                    Map<String, Map<Long, Long>> expected = new TreeMap<>();
                    for (AuditRecord record : records) {
                        expected.computeIfAbsent(facet(record, by), key -> new TreeMap<>())
                                .merge(bucket.floor(second(record)), of.applyAsLong(record), Long::sum);
                    }
                    Map<String, Map<Long, Long>> found = new TreeMap<>();
                    for (Series series : read(question)) {
                        assertThat(series.points().values().stream()
                                        .mapToLong(Long::longValue)
                                        .sum())
                                .isEqualTo(series.total());
                        Map<Long, Long> points = new TreeMap<>(series.points());
                        points.keySet()
                                .removeIf(at -> !expected.getOrDefault(series.key(), Map.of())
                                        .containsKey(at));
                        found.put(series.key(), points);
                    }
                    assertThat(found)
                            .as("%s by %s and %s, seed %d", metric, bucket, by, SEED)
                            .isEqualTo(expected);
                }
            });
        }
    }

    @Test
    void whateverIsDeliveredTwiceOrByManyAtOnceIsSummedOnce() throws Exception {
        List<AuditRecord> records = records();
        int nodes = 4;
        try (ExecutorService threads = Executors.newFixedThreadPool(nodes)) {
            List<Future<?>> deliveries = new ArrayList<>();
            for (int node = 0; node < nodes; node++) {
                String name = "node-" + node;
                List<AuditRecord> own =
                        records.subList(node * records.size() / nodes, (node + 1) * records.size() / nodes);
                RollupWriter writer = new RollupWriter(database);
                deliveries.add(threads.submit(() -> {
                    for (int from = 0; from < own.size(); from += 25) {
                        deliver(writer, name, from + 1, own.subList(from, Math.min(own.size(), from + 35)));
                    }
                    return null;
                }));
            }
            for (Future<?> delivery : deliveries) {
                delivery.get();
            }
        }
        Summary summary = summary(NOW - 2 * DAY, NOW, Map.of());
        assertThat(summary.sums()).isEqualTo(measures(records));
        assertThat(summary.p50Micros()).isEqualTo(quantile(records, 0.50));
        assertThat(summary.p99Micros()).isEqualTo(quantile(records, 0.99));
    }

    @Test
    void aSummaryIsExactForAnyMinutesAndForAnyFilterInHours() {
        List<AuditRecord> records = records();
        append("one", 1, records);
        SplittableRandom random = new SplittableRandom(SEED);
        for (int round = 0; round < 12; round++) {
            long start = NOW - 2 * DAY + random.nextLong(DAY);
            long end = start + random.nextLong(60, DAY);
            check(records, start, end, Map.of());
            check(records, start, end, Map.of(Dimension.PROJECT, "project-1"));
            check(records, start, end, Map.of(Dimension.MODEL, "model-2", Dimension.PROVIDER, "openai"));
            check(records, start, end, Map.of(Dimension.WALLET, wallet(1)));
        }
    }

    private void check(List<AuditRecord> records, long start, long end, Map<Dimension, String> filters) {
        Summary summary = summary(start, end, filters);
        List<AuditRecord> within = records.stream()
                .filter(record -> second(record) >= summary.start() && second(record) < summary.end())
                .filter(matching(filters))
                .toList();
        assertThat(summary.start()).isLessThanOrEqualTo(start);
        assertThat(summary.end()).isGreaterThanOrEqualTo(end);
        assertThat(summary.end() - summary.start()).isLessThan(end - start + (filters.isEmpty() ? 120 : 7_200));
        assertThat(summary.sums()).as("seed %d, %s", SEED, filters).isEqualTo(measures(within));
        assertThat(summary.p95Micros()).isEqualTo(quantile(within, 0.95));
        assertThat(summary.errors())
                .isEqualTo(within.stream()
                        .filter(record -> record.outcome() != AuditOutcome.SUCCESS)
                        .collect(Collectors.groupingBy(
                                record -> facet(record, Dimension.ERROR_CLASS), Collectors.counting())));
        assertThat(summary.activeTokens()).isEqualTo(distinct(within, Dimension.TOKEN));
        assertThat(summary.activeWallets()).isEqualTo(distinct(within, Dimension.WALLET));
        assertThat(summary.activeUsers()).isEqualTo(distinct(within, Dimension.USER));
        assertThat(summary.activeProjects()).isEqualTo(distinct(within, Dimension.PROJECT));
    }

    @Test
    void listsWhoUsedMostWithTheRestOfASeriesApart() {
        List<AuditRecord> records = records();
        append("one", 1, records);
        SummaryQuery.Range range = SummaryQuery.Range.around(NOW - 2 * DAY, NOW, NOW - 2 * DAY, Map.of(), KEPT, NOW);
        usage.settle();
        List<TopRow> top = database.read(
                connection -> SummaryQuery.top(connection, range, Dimension.TOKEN, TopRow.Order.COST, Map.of(), 3));
        Map<String, Long> costs = records.stream()
                .filter(record -> !record.tokenId().isEmpty())
                .collect(
                        Collectors.groupingBy(AuditRecord::tokenId, Collectors.summingLong(AuditRecord::costMicroUsd)));
        assertThat(top.stream().map(TopRow::key))
                .containsExactlyElementsOf(costs.entrySet().stream()
                        .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                                .thenComparing(Map.Entry.comparingByKey()))
                        .limit(3)
                        .map(Map.Entry::getKey)
                        .toList());
        assertThat(top.getFirst().sums().costMicroUsd())
                .isEqualTo(costs.get(top.getFirst().key()));

        List<Series> series = read(question(Metric.REQUESTS, Resolution.HOUR, List.of(Dimension.TOKEN), Map.of(), 2));
        assertThat(series).hasSize(3);
        assertThat(series.getLast().key()).isEqualTo(Series.REST);
        assertThat(series.stream().mapToLong(Series::total).sum()).isEqualTo(records.size());
    }

    @Test
    void quantilesOfASeriesAreThoseOfItsRequests() {
        List<AuditRecord> records = records();
        append("one", 1, records);
        for (Series series :
                read(question(Metric.LATENCY_P95, Resolution.HOUR, List.of(Dimension.MODEL), Map.of(), 50))) {
            List<AuditRecord> own = records.stream()
                    .filter(record -> facet(record, Dimension.MODEL).equals(series.key()))
                    .toList();
            assertThat(series.total()).as(series.key()).isEqualTo(quantile(own, 0.95));
            series.points()
                    .forEach((at, value) -> assertThat(value)
                            .isEqualTo(quantile(
                                    own.stream()
                                            .filter(record -> Resolution.HOUR.floor(second(record)) == at)
                                            .toList(),
                                    0.95)));
        }
    }

    @Test
    void saysWhichQuestionsByMinuteCannotBeAnswered() {
        assertThat(SeriesQuery.canAnswer(question(
                        Metric.REQUESTS,
                        Resolution.MINUTE,
                        List.of(Dimension.OUTCOME),
                        Map.of(Dimension.MODEL, "m", Dimension.ENDPOINT, "e"),
                        5)))
                .isTrue();
        Series.Question tooFine = question(
                Metric.REQUESTS, Resolution.MINUTE, List.of(Dimension.MODEL), Map.of(Dimension.PROJECT, "p"), 5);
        assertThat(SeriesQuery.canAnswer(tooFine)).isFalse();
        assertThatThrownBy(() -> read(tooFine)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void countsOnlyEndsOfTheDataPlaneAndNoWalletThatWasDenied() {
        AuditRecord.Builder request = request(NOW, 1);
        append(
                "one",
                1,
                List.of(
                        request.phase(AuditPhase.BEGIN, NOW * 1_000_000).build(),
                        request.phase(AuditPhase.EVENT, NOW * 1_000_000)
                                .action("provider_attempt")
                                .build(),
                        request.phase(AuditPhase.END, NOW * 1_000_000)
                                .action("project.update")
                                .surface("manage")
                                .build(),
                        request(NOW, 2)
                                .actor(new AuditActor(AuditActor.Kind.WALLET, wallet(7)))
                                .outcome(AuditOutcome.DENIED)
                                .reason("signer_mismatch")
                                .build()));
        Summary summary = summary(NOW - 60, NOW + 60, Map.of());
        assertThat(summary.sums().requests()).isEqualTo(1);
        assertThat(summary.errors()).isEqualTo(Map.of("signer_mismatch", 1L));
        assertThat(summary.activeWallets()).isZero();
        assertThat(summary.p50Micros()).isEqualTo(-1);
    }

    @Test
    void takesNoValuesOfClientsIntoAGroupingThatIsFull() {
        append("one", 1, List.of(request(NOW, 1).model("known").build()));
        fill(Grouping.TRAFFIC);
        append(
                "one",
                2,
                List.of(
                        request(NOW, 2).model("known").build(),
                        request(NOW, 3).model("made-up-1").build(),
                        request(NOW, 4).model("made-up-2").build()));
        append("one", 5, List.of(request(NOW, 5).model("made-up-3").build()));
        Map<String, Long> byModel = new TreeMap<>();
        for (Series series : read(question(Metric.REQUESTS, Resolution.DAY, List.of(Dimension.MODEL), Map.of(), 50))) {
            byModel.put(series.key(), series.total());
        }
        assertThat(byModel).isEqualTo(Map.of("known", 2L, Facets.OTHER, 3L));
        assertThat(count("analytics_key WHERE grouped_by = 1")).isEqualTo(2);
    }

    @Test
    void aClockThatIsFarAheadCountsAtTheTimeOfReceipt() {
        append("one", 1, List.of(request(NOW + 400 * DAY, 1).build()));
        assertThat(summary(NOW - 60, NOW + 60, Map.of()).sums().requests()).isEqualTo(1);
    }

    @Test
    void deletesWhatIsOlderThanItIsKeptAndTheKeysThatNothingRefersTo() {
        append(
                "one",
                1,
                List.of(
                        request(NOW - 900 * DAY, 1).model("ancient").build(),
                        request(NOW - 100 * DAY, 2).build(),
                        request(NOW - 10 * DAY, 3).build(),
                        request(NOW, 4).build()));
        assertThat(count("analytics_rollup WHERE resolution = 1 AND grouped_by = 0"))
                .isEqualTo(4);

        Retention retention = new Retention(database, KEPT, () -> Instant.ofEpochSecond(NOW));
        assertThat(retention.run()).isPositive();

        assertThat(count("analytics_rollup WHERE resolution = 1 AND grouped_by = 0"))
                .isEqualTo(1);
        assertThat(count("analytics_rollup WHERE resolution = 2 AND grouped_by = 0"))
                .isEqualTo(2);
        assertThat(count("analytics_rollup WHERE resolution = 3 AND grouped_by = 0"))
                .isEqualTo(3);
        assertThat(count("analytics_key WHERE model = 'ancient'")).isZero();
        assertThat(count("analytics_rollup r WHERE NOT EXISTS (SELECT 1 FROM analytics_key k WHERE k.id = r.key_id)"))
                .isZero();
        assertThat(retention.run()).isZero();
        append("one", 5, List.of(request(NOW, 5).model("ancient").build()));
        assertThat(summary(NOW - 60, NOW + 60, Map.of(Dimension.MODEL, "ancient"))
                        .sums()
                        .requests())
                .isEqualTo(1);
    }

    private void append(String node, long first, List<AuditRecord> records) {
        append(usage, node, first, records);
    }

    /** Every third batch is one whose process dies before it has summed it. */
    private void append(RollupWriter writer, String node, long first, List<AuditRecord> records) {
        for (int from = 0; from < records.size(); from += 60) {
            List<byte[]> entries = records.subList(from, Math.min(records.size(), from + 60)).stream()
                    .map(AuditEncoder::bytes)
                    .toList();
            long sequence = first + from;
            AuditStore.Result result =
                    database.inTransaction(connection -> store.append(connection, node, sequence, entries));
            if (sequence % 3 != 0) {
                writer.hold(result.usage());
            }
        }
    }

    /** As a journal does: again, as long as the store has no room for it. */
    private void deliver(RollupWriter writer, String node, long first, List<AuditRecord> records) {
        for (int attempt = 1; ; attempt++) {
            try {
                append(writer, node, first, records);
                if (first % 4 == 1) {
                    writer.settle();
                }
                return;
            } catch (StoreFault.Unavailable busy) {
                if (attempt == 30) {
                    throw busy;
                }
            }
        }
    }

    private void fill(Grouping grouping) {
        usage.settle();
        int changed = database.inTransaction(connection -> {
            try (PreparedStatement update =
                    connection.prepareStatement("UPDATE analytics_grouping SET known = ? WHERE grouped_by = ?")) {
                update.setInt(1, grouping.keysMax());
                update.setInt(2, grouping.code());
                return update.executeUpdate();
            }
        });
        assertThat(changed).isEqualTo(1);
    }

    private long count(String from) {
        usage.settle();
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement("SELECT COUNT(*) FROM " + from);
                    ResultSet rows = select.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        });
    }

    private List<Series> read(Series.Question question) {
        usage.settle();
        return database.read(connection -> SeriesQuery.read(connection, question));
    }

    private Summary summary(long start, long end, Map<Dimension, String> filters) {
        usage.settle();
        SummaryQuery.Range range = SummaryQuery.Range.around(start, end, start, filters, KEPT, NOW);
        return database.read(connection -> SummaryQuery.read(connection, range, filters));
    }

    private static Series.Question question(
            Metric metric, Resolution bucket, List<Dimension> by, Map<Dimension, String> filters, int top) {
        return new Series.Question(metric, bucket, bucket.floor(NOW - 2 * DAY), bucket.ceil(NOW + 1), by, filters, top);
    }

    private static AuditRecord.Builder request(long second, int number) {
        return AuditRecord.builder(AuditPhase.END, "proxy_request", second * 1_000_000)
                .requestId("r" + number)
                .surface("openai")
                .path("/v1/chat/completions")
                .provider("openai")
                .model("gpt")
                .outcome(AuditOutcome.SUCCESS)
                .elapsedMicros(1_000);
    }

    private static String wallet(int number) {
        return "0x" + "%040d".formatted(number);
    }

    /** Requests of all kinds within the two days before {@link #NOW}. */
    private static List<AuditRecord> records() {
        SplittableRandom random = new SplittableRandom(SEED);
        List<AuditRecord> records = new ArrayList<>();
        for (int number = 0; number < RECORDS; number++) {
            AuditOutcome outcome = random.nextInt(3) > 0
                    ? AuditOutcome.SUCCESS
                    : List.of(AuditOutcome.DENIED, AuditOutcome.FAILURE, AuditOutcome.ERROR)
                            .get(random.nextInt(3));
            AuditRecord.Builder record = request(NOW - 1 - random.nextLong(2 * DAY), number)
                    .outcome(outcome)
                    .reason(outcome == AuditOutcome.SUCCESS ? "" : random.nextInt(4) > 0 ? "provider_timeout" : "A b!")
                    .model("model-" + random.nextInt(4))
                    .provider(random.nextInt(5) == 0 ? "" : random.nextBoolean() ? "openai" : "anthropic")
                    .path(random.nextBoolean() ? "/v1/messages" : "/made/up/" + number)
                    .tokensIn(random.nextInt(5_000))
                    .tokensOut(random.nextInt(900))
                    .tokensCached(random.nextInt(100))
                    .costMicroUsd(random.nextInt(90_000))
                    .attempts(random.nextInt(3))
                    .elapsedMicros(random.nextLong(60_000_000));
            if (random.nextInt(10) == 0) {
                record.metadata(Map.of("cache", "hit", "saved_micro_usd", "40"));
            }
            switch (random.nextInt(4)) {
                case 0 -> record.actor(new AuditActor(AuditActor.Kind.WALLET, wallet(random.nextInt(3))));
                case 1 -> record.clientIp("192.0.2.1");
                default -> {
                    int token = random.nextInt(12);
                    record.projectId("project-" + token % 3).tokenId("token-" + token);
                    if (random.nextBoolean()) {
                        record.metadata(Map.of("user", "u_" + "%022d".formatted(random.nextInt(5))));
                    }
                }
            }
            records.add(record.build());
        }
        return records;
    }

    private static long second(AuditRecord record) {
        return record.timestampMicros() / 1_000_000;
    }

    /** What a record is told apart by, as the description of the API says it. */
    private static String facet(AuditRecord record, Dimension dimension) {
        return switch (dimension) {
            case PROJECT -> record.projectId();
            case TOKEN -> record.tokenId();
            case WALLET ->
                record.actor().kind() == AuditActor.Kind.WALLET && record.outcome() != AuditOutcome.DENIED
                        ? record.actor().id()
                        : "";
            case USER -> record.metadata().getOrDefault("user", "");
            case MODEL -> record.provider().isEmpty() ? "" : record.model();
            case PROVIDER -> record.provider();
            case ENDPOINT -> record.path().startsWith("/v1/") ? record.path() : "(other)";
            case OUTCOME -> record.outcome().wireName();
            case ERROR_CLASS ->
                record.outcome() == AuditOutcome.SUCCESS
                        ? ""
                        : record.reason().contains(" ") ? "unclassified" : record.reason();
        };
    }

    private static Predicate<AuditRecord> matching(Map<Dimension, String> filters) {
        return record -> filters.entrySet().stream()
                .allMatch(filter -> facet(record, filter.getKey()).equals(filter.getValue()));
    }

    private static Measures measures(List<AuditRecord> records) {
        return records.stream().map(Measures::of).reduce(Measures.NONE, Measures::plus);
    }

    private static long distinct(List<AuditRecord> records, Dimension dimension) {
        return records.stream()
                .map(record -> facet(record, dimension))
                .filter(value -> !value.isEmpty())
                .distinct()
                .count();
    }

    private static long quantile(List<AuditRecord> records, double share) {
        LatencyHistogram histogram = new LatencyHistogram();
        records.stream()
                .filter(record -> record.outcome() != AuditOutcome.DENIED)
                .forEach(record -> histogram.add(record.elapsedMicros()));
        return histogram.quantileMicros(share);
    }
}
