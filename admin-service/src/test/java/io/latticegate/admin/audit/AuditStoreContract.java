package io.latticegate.admin.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.latticegate.admin.subject.Sealing;
import io.latticegate.common.journal.AuditActor;
import io.latticegate.common.journal.AuditEncoder;
import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.store.Dialect;
import io.latticegate.common.value.Secret;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the audit log promises on every database. */
abstract class AuditStoreContract {
    private static final String NODE = "5f0c1c8e-0000-4000-8000-000000000001";
    private static final String OTHER = "5f0c1c8e-0000-4000-8000-000000000002";
    private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

    private DataSource source;
    private Sealing sealing;
    private AuditStore store;

    /** A database without tables, and the folder of its migrations. */
    abstract DataSource emptyDatabase();

    abstract String migrations();

    abstract Dialect dialect();

    interface Work<T> {
        T run(Connection connection) throws SQLException;
    }

    @BeforeEach
    void migrate() {
        source = emptyDatabase();
        Flyway.configure()
                .dataSource(source)
                .locations("classpath:db/audit/" + migrations())
                .load()
                .migrate();
        sealing = new Sealing(Secret.owning(new byte[32]), dialect(), new SecureRandom());
        store = new AuditStore(() -> NOW, sealing);
    }

    private <T> T inTransaction(Work<T> work) throws SQLException {
        try (Connection connection = source.getConnection()) {
            connection.setAutoCommit(false);
            T result = work.run(connection);
            connection.commit();
            return result;
        }
    }

    private StoredBatch append(String node, long first, List<byte[]> entries) throws SQLException {
        return inTransaction(connection -> store.append(connection, node, first, entries))
                .batch();
    }

    private AuditPage list(AuditFilter filter) throws SQLException {
        return inTransaction(connection -> AuditQuery.list(connection, sealing, filter));
    }

    private Optional<AuditEvent> find(String id) throws SQLException {
        return inTransaction(connection -> AuditQuery.find(connection, sealing, id));
    }

    private UsageTotals usage(UsageScope scope, String id) throws SQLException {
        return inTransaction(connection -> UsageQuery.total(connection, scope, id));
    }

    private long count(String table) throws SQLException {
        return inTransaction(connection -> {
            try (PreparedStatement select = connection.prepareStatement("SELECT COUNT(*) FROM " + table);
                    ResultSet rows = select.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        });
    }

    private static AuditRecord.Builder event(int second) {
        return AuditRecord.builder(AuditPhase.EVENT, "token.create", 1_790_000_000_000_000L + second * 1_000_000L)
                .requestId("r" + second)
                .outcome(AuditOutcome.SUCCESS);
    }

    private static AuditRecord.Builder ended(int second) {
        return event(second).phase(AuditPhase.END, 1_790_000_000_000_000L + second * 1_000_000L);
    }

    private static List<byte[]> events(int from, int to) {
        List<byte[]> entries = new ArrayList<>();
        for (int at = from; at <= to; at++) {
            entries.add(AuditEncoder.bytes(event(at).build()));
        }
        return entries;
    }

    private static List<byte[]> bytes(AuditRecord.Builder... builders) {
        List<byte[]> entries = new ArrayList<>();
        for (AuditRecord.Builder builder : builders) {
            entries.add(AuditEncoder.bytes(builder.build()));
        }
        return entries;
    }

    @Test
    void storesABatchAndSaysHowFarTheNodeIs() throws SQLException {
        assertThat(append(NODE, 1, events(1, 10))).isEqualTo(new StoredBatch(10, 10, 10, 0, List.of()));
        assertThat(append(NODE, 11, events(11, 12))).isEqualTo(new StoredBatch(12, 12, 2, 0, List.of()));
        assertThat(append(NODE, 13, List.of())).isEqualTo(new StoredBatch(12, 12, 0, 0, List.of()));
        assertThat(append(OTHER, 1, events(1, 1)).storedThrough()).isEqualTo(1);
    }

    @Test
    void storesARepeatedOrOverlappingBatchOnce() throws SQLException {
        append(NODE, 1, events(1, 10));
        assertThat(append(NODE, 1, events(1, 10))).isEqualTo(new StoredBatch(10, 10, 0, 0, List.of()));
        assertThat(append(NODE, 6, events(6, 15))).isEqualTo(new StoredBatch(15, 15, 5, 0, List.of()));
        assertThat(count("audit_log")).isEqualTo(15);
    }

    @Test
    void keepsABeginningOnceAndNoticesAnotherEntryUnderItsNumber() throws SQLException {
        List<byte[]> begun = bytes(event(1).phase(AuditPhase.BEGIN, 5), event(2));
        assertThat(append(NODE, 1, begun)).isEqualTo(new StoredBatch(2, 2, 2, 0, List.of()));
        assertThat(append(NODE, 1, begun)).isEqualTo(new StoredBatch(2, 2, 0, 0, List.of()));
        assertThat(append(NODE, 1, bytes(event(3), event(2)))).isEqualTo(new StoredBatch(2, 2, 0, 1, List.of()));
        assertThat(count("audit_begin")).isEqualTo(1);
        assertThat(count("audit_log")).isEqualTo(1);
        assertThat(count("audit_conflict")).isEqualTo(1);
    }

    @Test
    void leavesNothingBehindWhenTheTransactionIsRolledBack() throws SQLException {
        try (Connection connection = source.getConnection()) {
            connection.setAutoCommit(false);
            store.append(connection, NODE, 1, bytes(ended(1).projectId("p")));
            connection.rollback();
        }
        for (String table : List.of("audit_log", "audit_begin", "audit_node", "audit_usage")) {
            assertThat(count(table)).as(table).isZero();
        }
    }

    @Test
    void storesBehindAGapAndReportsItUntilItIsClosed() throws SQLException {
        append(NODE, 1, events(1, 5));
        assertThat(append(NODE, 9, events(9, 10))).isEqualTo(new StoredBatch(10, 5, 2, 0, List.of(new AuditGap(6, 8))));
        assertThat(append(NODE, 7, events(7, 7)))
                .isEqualTo(new StoredBatch(10, 5, 1, 0, List.of(new AuditGap(6, 6), new AuditGap(8, 8))));
        assertThat(append(NODE, 4, events(4, 11))).isEqualTo(new StoredBatch(11, 11, 3, 0, List.of()));
        assertThat(count("audit_log")).isEqualTo(11);
        assertThat(append(OTHER, 101, events(1, 1)).gaps()).containsExactly(new AuditGap(1, 100));
    }

    @Test
    void anyOrderOfDeliveriesStoresEachEntryOnceAndLeavesNoGap() throws SQLException {
        for (long seed = 1; seed <= 5; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            String node = "node-" + seed;
            List<int[]> ranges = new ArrayList<>();
            for (int from = 1; from <= 60; ) {
                int to = Math.min(60, from + random.nextInt(8));
                ranges.add(new int[] {from, to});
                ranges.add(new int[] {Math.max(1, from - random.nextInt(5)), to});
                from = to + 1;
            }
            Collections.shuffle(ranges, new Random(seed));
            StoredBatch last = new StoredBatch(0, 0, 0, 0, List.of());
            int added = 0;
            for (int[] range : ranges) {
                last = append(node, range[0], events(range[0], range[1]));
                added += last.added();
                assertThat(last.contiguousThrough()).isLessThanOrEqualTo(last.storedThrough());
            }
            assertThat(last).as("seed %d", seed).isEqualTo(new StoredBatch(60, 60, last.added(), 0, List.of()));
            assertThat(added).as("seed %d", seed).isEqualTo(60);
        }
    }

    @Test
    void keepsADifferentEntryUnderATakenNumberApart() throws SQLException {
        append(NODE, 1, events(1, 2));
        List<byte[]> altered = events(5, 6);
        assertThat(append(NODE, 1, altered).conflicts()).isEqualTo(2);
        assertThat(append(NODE, 1, altered).added()).isZero();
        assertThat(count("audit_conflict")).isEqualTo(2);
        assertThat(list(AuditFilter.ALL).events())
                .extracting(event -> event.record().requestId())
                .containsExactly("r2", "r1");
    }

    @Test
    void storesEachEntryOnceWhenDeliveredByManyAtOnce() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<Integer>> deliveries = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                deliveries.add(threads.submit(() -> {
                    int added = 0;
                    for (int first = 1; first <= 200; first += 20) {
                        added += append(NODE, first, bytesOfProject(first, first + 29))
                                .added();
                    }
                    return added;
                }));
            }
            int added = 0;
            for (Future<Integer> delivery : deliveries) {
                added += delivery.get();
            }
            assertThat(added).isEqualTo(210);
        }
        assertThat(count("audit_log")).isEqualTo(210);
        assertThat(count("audit_gap")).isZero();
        assertThat(usage(UsageScope.PROJECT, "p").requests()).isEqualTo(210);
    }

    private static List<byte[]> bytesOfProject(int from, int to) {
        List<byte[]> entries = new ArrayList<>();
        for (int at = from; at <= to; at++) {
            entries.add(AuditEncoder.bytes(ended(at).projectId("p").build()));
        }
        return entries;
    }

    @Test
    void refusesBatchesOutOfBounds() {
        assertThatThrownBy(() -> append("no spaces", 1, events(1, 1))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> append(NODE, 0, events(1, 1))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> append(NODE, 1, events(1, 1001)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1001")
                .hasMessageContaining("1000");
    }

    @Test
    void keepsAnEntryThatItCannotRead() throws SQLException {
        byte[] odd = "not an audit record \0".getBytes(StandardCharsets.UTF_8);
        assertThat(append(NODE, 1, List.of(odd, events(1, 1).getFirst())).storedThrough())
                .isEqualTo(2);
        AuditPage page = list(AuditFilter.ALL.with(AuditFilter.Field.ACTION, "audit.unreadable"));
        assertThat(page.events()).singleElement().satisfies(event -> {
            assertThat(event.record().outcome()).isEqualTo(AuditOutcome.ERROR);
            assertThat(event.record().timestampMicros()).isEqualTo(NOW.toEpochMilli() * 1_000);
        });
    }

    @Test
    void readsBackEveryFieldAndFillsEveryColumn() throws SQLException {
        AuditRecord full = ended(1).action("proxy_request")
                .actor(new AuditActor(AuditActor.Kind.WALLET, "0xabc"))
                .correlationId("c1")
                .projectId("p1")
                .tokenId("t1")
                .clientIp("192.0.2.1")
                .method("POST")
                .path("/v1/chat/completions")
                .userAgent("openai/1.0 😀")
                .surface("openai")
                .model("gpt-4o")
                .provider("openai")
                .credentialSource("wallet")
                .keyFingerprint("ab12")
                .status(502)
                .outcome(AuditOutcome.FAILURE)
                .reason("upstream \"gone\"")
                .tokensIn(1)
                .tokensOut(2)
                .tokensCached(3)
                .usageEstimated(true)
                .costMicroUsd(4)
                .attempts(5)
                .elapsedMicros(6)
                .metadata(Map.of("b", "2\\", "a", "\"1\""))
                .build();
        append(NODE, 1, List.of(AuditEncoder.bytes(full)));
        assertThat(find(NODE + "-1")).contains(new AuditEvent(NODE, 1, NOW.toEpochMilli() * 1_000, full));
        inTransaction(connection -> {
            try (PreparedStatement select = connection.prepareStatement("SELECT * FROM audit_log");
                    ResultSet row = select.executeQuery()) {
                assertThat(row.next()).isTrue();
                for (int column = 1; column <= row.getMetaData().getColumnCount(); column++) {
                    assertThat(row.getObject(column))
                            .as(row.getMetaData().getColumnName(column))
                            .isNotNull();
                }
                assertThat(row.getString("phase")).isEqualTo("end");
                assertThat(row.getString("actor_kind")).isEqualTo("wallet");
                assertThat(row.getInt("status")).isEqualTo(502);
                assertThat(row.getBoolean("usage_estimated")).isTrue();
                assertThat(row.getLong("cost_micro_usd")).isEqualTo(4);
                assertThat(row.getInt("attempts")).isEqualTo(5);
                assertThat(row.getString("metadata")).isEqualTo("{\"a\":\"\\\"1\\\"\",\"b\":\"2\\\\\"}");
                return row.getLong("elapsed_micros");
            }
        });
    }

    @Test
    void findsEventsByIdAndNothingByAMalformedOrUnknownOne() throws SQLException {
        append(NODE, 1, bytes(event(1), event(2).phase(AuditPhase.BEGIN, 5)));
        assertThat(find(NODE + "-1"))
                .hasValueSatisfying(event -> assertThat(event.id()).isEqualTo(NODE + "-1"));
        for (String id : List.of("", "-", NODE, NODE + "-2", NODE + "-3", NODE + "-0", NODE + "-x", "' OR 1=1 --1")) {
            assertThat(find(id)).as(id).isEmpty();
        }
    }

    @Test
    void listsEndingsAndEventsNewestFirstInPages() throws SQLException {
        append(NODE, 1, events(1, 45));
        append(OTHER, 1, bytes(event(100).phase(AuditPhase.BEGIN, 1), ended(101)));
        AuditPage first = list(AuditFilter.ALL);
        assertThat(first.events()).hasSize(20);
        assertThat(first.events().getFirst().id()).isEqualTo(OTHER + "-2");
        assertThat(first.events().get(1).record().requestId()).isEqualTo("r45");
        assertThat(first.totalCount()).isEqualTo(46);
        assertThat(first.totalPages()).isEqualTo(3);
        assertThat(first.hasNext()).isTrue();
        assertThat(first.hasPrev()).isFalse();
        AuditPage last = list(AuditFilter.ALL.page(3, 20));
        assertThat(last.events()).hasSize(6);
        assertThat(last.hasNext()).isFalse();
        assertThat(last.hasPrev()).isTrue();
        AuditPage beyond = list(AuditFilter.ALL.page(9, 20));
        assertThat(beyond.events()).isEmpty();
        assertThat(beyond.totalCount()).isEqualTo(46);
        assertThat(list(AuditFilter.ALL.page(1, 100)).events()).hasSize(46);
    }

    @Test
    void filtersByEachFieldAlone() throws SQLException {
        append(
                NODE,
                1,
                bytes(
                        ended(1).action("proxy_request").actor(new AuditActor(AuditActor.Kind.TOKEN, "t1")),
                        ended(2).clientIp("192.0.2.7"),
                        ended(3).projectId("p1"),
                        ended(4).outcome(AuditOutcome.DENIED),
                        ended(5).actor(new AuditActor(AuditActor.Kind.MANAGEMENT, "")),
                        ended(6).correlationId("c6"),
                        ended(7).method("PATCH"),
                        ended(8).path("/v1/models")));
        assertThat(matching(AuditFilter.Field.ACTION, "proxy_request")).containsExactly("r1");
        assertThat(matching(AuditFilter.Field.ACTOR, "t1")).containsExactly("r1");
        assertThat(matching(AuditFilter.Field.ACTOR, "management")).containsExactly("r5");
        assertThat(matching(AuditFilter.Field.CLIENT_IP, "192.0.2.7")).containsExactly("r2");
        assertThat(matching(AuditFilter.Field.PROJECT_ID, "p1")).containsExactly("r3");
        assertThat(matching(AuditFilter.Field.OUTCOME, "denied")).containsExactly("r4");
        assertThat(matching(AuditFilter.Field.REQUEST_ID, "r5")).containsExactly("r5");
        assertThat(matching(AuditFilter.Field.CORRELATION_ID, "c6")).containsExactly("r6");
        assertThat(matching(AuditFilter.Field.METHOD, "PATCH")).containsExactly("r7");
        assertThat(matching(AuditFilter.Field.PATH, "/v1/models")).containsExactly("r8");
        assertThat(matching(AuditFilter.Field.PATH, "' OR '1'='1")).isEmpty();
    }

    private List<String> matching(AuditFilter.Field field, String value) throws SQLException {
        return requestIds(AuditFilter.ALL.with(field, value));
    }

    private List<String> requestIds(AuditFilter filter) throws SQLException {
        return list(filter).events().stream()
                .map(event -> event.record().requestId())
                .toList();
    }

    @Test
    void searchesTextInEitherCaseAndTakesWildcardsLiterally() throws SQLException {
        append(
                NODE,
                1,
                bytes(
                        ended(1).reason("Quota 100% used"),
                        ended(2).path("/v1/a_b"),
                        ended(3).model("gpt-4o!"),
                        ended(4).metadata(Map.of("region", "EU-West")),
                        ended(5).userAgent("Grüße É")));
        assertThat(requestIds(AuditFilter.ALL.searching("quota 100%"))).containsExactly("r1");
        assertThat(requestIds(AuditFilter.ALL.searching("0%u"))).isEmpty();
        assertThat(requestIds(AuditFilter.ALL.searching("A_B"))).containsExactly("r2");
        assertThat(requestIds(AuditFilter.ALL.searching("v1/a%b"))).isEmpty();
        assertThat(requestIds(AuditFilter.ALL.searching("4O!"))).containsExactly("r3");
        assertThat(requestIds(AuditFilter.ALL.searching("eu-west"))).containsExactly("r4");
        assertThat(requestIds(AuditFilter.ALL.searching("üße É"))).containsExactly("r5");
    }

    @Test
    void combinesFiltersAndIncludesBothEndsOfATime() throws SQLException {
        append(NODE, 1, events(1, 10));
        Instant third = Instant.ofEpochSecond(1_790_000_003);
        Instant fifth = Instant.ofEpochSecond(1_790_000_005);
        assertThat(requestIds(AuditFilter.ALL.between(third, fifth))).containsExactly("r5", "r4", "r3");
        assertThat(requestIds(AuditFilter.ALL.between(third, null))).hasSize(8);
        assertThat(requestIds(AuditFilter.ALL
                        .between(null, fifth)
                        .with(AuditFilter.Field.OUTCOME, "success")
                        .searching("R2")))
                .containsExactly("r2");
    }

    @Test
    void sumsUsageOverEveryEndingPastAThousandEntriesAndDuplicates() throws SQLException {
        AuditActor wallet = new AuditActor(AuditActor.Kind.WALLET, "0xabc");
        for (int first = 1; first <= 1500; first += 500) {
            List<byte[]> entries = new ArrayList<>();
            for (int at = first; at < first + 500; at++) {
                AuditOutcome outcome = at % 3 == 0 ? AuditOutcome.DENIED : AuditOutcome.SUCCESS;
                entries.add(AuditEncoder.bytes(ended(at)
                        .action("proxy_request")
                        .actor(wallet)
                        .outcome(outcome)
                        .tokensIn(10)
                        .tokensOut(5)
                        .tokensCached(2)
                        .costMicroUsd(7)
                        .build()));
            }
            append(NODE, first, entries);
            append(NODE, first, entries);
        }
        append(
                OTHER,
                1,
                bytes(
                        event(9).phase(AuditPhase.BEGIN, 1).actor(wallet),
                        event(9).action("token.create").actor(wallet),
                        event(9).action("proxy_request").actor(wallet).outcome(AuditOutcome.DENIED),
                        ended(9).actor(wallet).path("/api/vault/store"),
                        ended(9).actor(wallet).path("/api/usage/0xabc")));
        UsageTotals total = usage(UsageScope.WALLET, "0xabc");
        assertThat(total)
                .isEqualTo(new UsageTotals(
                        "0xabc", 1000, 1000, 10_000, 5_000, 2_000, 7_000, 1_790_000_000_000_000L + 1_499_000_000L));
        assertThat(usage(UsageScope.WALLET, "0xdef")).isEqualTo(UsageTotals.none("0xdef"));
    }

    @Test
    void sumsUsagePerDayAndProjectAndSurvivesAbsurdNumbers() throws SQLException {
        long day = 24L * 3600 * 1_000_000;
        append(
                NODE,
                1,
                bytes(
                        ended(0).phase(AuditPhase.END, 5 * day).projectId("p1").tokensIn(1),
                        ended(0).phase(AuditPhase.END, 6 * day - 1)
                                .projectId("p1")
                                .tokensIn(2),
                        ended(0).phase(AuditPhase.END, 6 * day).projectId("p1").tokensIn(4),
                        ended(0).phase(AuditPhase.END, 6 * day).projectId("p2").tokensIn(Long.MAX_VALUE),
                        ended(0).phase(AuditPhase.END, Long.MAX_VALUE)
                                .projectId("p2")
                                .tokensIn(Long.MAX_VALUE)));
        LocalDate fifth = LocalDate.ofEpochDay(5);
        LocalDate sixth = LocalDate.ofEpochDay(6);
        UsageTotals first =
                inTransaction(connection -> UsageQuery.between(connection, UsageScope.PROJECT, "p1", fifth, fifth));
        assertThat(first.tokensIn()).isEqualTo(3);
        List<UsageTotals> largest =
                inTransaction(connection -> UsageQuery.largest(connection, UsageScope.PROJECT, fifth, sixth, 10));
        assertThat(largest)
                .extracting(UsageTotals::id, UsageTotals::requests)
                .containsExactly(tuple("p1", 3L), tuple("p2", 1L));
        assertThat(usage(UsageScope.PROJECT, "p2").requests()).isEqualTo(2);
    }
}
