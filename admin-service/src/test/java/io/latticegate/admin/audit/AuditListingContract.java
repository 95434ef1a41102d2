package io.latticegate.admin.audit;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.admin.audit.AuditFilter.Field;
import io.latticegate.admin.subject.Sealing;
import io.latticegate.common.journal.AuditActor;
import io.latticegate.common.journal.AuditEncoder;
import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.store.Database;
import io.latticegate.common.value.Secret;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What listings of the audit promise on every database, where a page looks at few entries. */
abstract class AuditListingContract {
    static final long NOW = 1_790_000_000L;
    static final int EXAMINED = 40;

    private static final long SEED = Long.getLong("latticegate.seed", 20_261_122L);
    private static final int ENTRIES = 400;
    private static final int PAGES_MAX = 500;

    private AuditStore store;
    private Sealing sealing;
    private Database database;

    abstract Database emptyDatabase();

    @BeforeEach
    void open() {
        database = emptyDatabase();
        sealing = new Sealing(Secret.owning(new byte[32]), database.dialect(), new SecureRandom());
        store = new AuditStore(() -> Instant.ofEpochSecond(NOW), sealing);
    }

    @AfterEach
    void close() {
        sealing.close();
        database.close();
    }

    @Test
    void pagesShowEachEventOnceNewestFirstWhateverTheFilterWhileOthersArrive() {
        List<AuditRecord> records = records(ENTRIES);
        append("one", 1, records.subList(0, 150));
        append("two", 1, records.subList(150, ENTRIES));
        int arrived = 0;
        for (Map.Entry<AuditFilter, Predicate<AuditRecord>> one : filters().entrySet()) {
            Set<String> before = new HashSet<>(ids(records.stream()));
            List<String> found = new ArrayList<>();
            AuditFilter filter = one.getKey();
            @Nullable AuditPage page = null;
            for (int pages = 0; page == null || page.hasNext(); pages++) {
                assertThat(pages).as("pages of %s", filter).isLessThan(PAGES_MAX);
                page = list(page == null ? filter : filter.after(again(page, filter)));
                assertThat(page.events()).hasSizeLessThanOrEqualTo(filter.pageSize());
                assertThat(page.page()).isEqualTo(pages + 1);
                assertThat(page.hasPrev()).isEqualTo(pages > 0 && page.totalCount() > 0);
                ids(page.events().stream().map(AuditEvent::record)).stream()
                        .filter(before::contains)
                        .forEach(found::add);
                append(
                        "three",
                        ++arrived,
                        List.of(request(ENTRIES + arrived, "t0", "p0").build()));
            }
            List<String> expected = ids(records.stream().filter(one.getValue()));
            assertThat(found).as("%s, seed %d", filter, SEED).isEqualTo(expected.reversed());
            assertThat(page.totalIsExact()).isTrue();
            assertThat(page.totalCount()).isGreaterThanOrEqualTo(expected.size());
        }
    }

    @Test
    void aTotalIsExactWhereFewEntriesComeIntoQuestionAndElseALowerBound() {
        List<AuditRecord> records = records(ENTRIES);
        append("one", 1, records);
        filters().forEach((filter, matches) -> {
            long truth = records.stream().filter(matches).count();
            AuditPage bounded = list(filter);
            AuditPage whole = list(filter, ENTRIES + 1);
            assertThat(whole.totalIsExact()).as("%s", filter).isTrue();
            assertThat(whole.totalCount()).as("%s", filter).isEqualTo(truth);
            assertThat(bounded.totalCount()).as("%s", filter).isLessThanOrEqualTo(truth);
            assertThat(bounded.totalCount())
                    .as("%s", filter)
                    .isGreaterThanOrEqualTo(bounded.events().size());
            if (bounded.totalIsExact()) {
                assertThat(bounded.totalCount()).as("%s", filter).isEqualTo(truth);
            }
        });
        AuditPage all = list(AuditFilter.ALL.page(1, 7));
        assertThat(all.totalIsExact()).isFalse();
        assertThat(all.totalCount()).isEqualTo(EXAMINED);
        assertThat(all.totalPages()).isEqualTo(6);
    }

    @Test
    void aPageThatFindsNothingSaysHowFarItLooked() {
        append("one", 1, records(ENTRIES));
        AuditFilter nowhere = AuditFilter.ALL.searching("nowhere");
        AuditPage page = list(nowhere);
        assertThat(page.events()).isEmpty();
        assertThat(page.totalIsExact()).isFalse();
        assertThat(page.examinedToMicros()).isEqualTo((NOW + ENTRIES - EXAMINED) * 1_000_000);
        for (int pages = 2; page.hasNext(); pages++) {
            page = list(nowhere.after(again(page, nowhere)));
            assertThat(page.page()).isEqualTo(pages);
        }
        assertThat(page.page()).isEqualTo(ENTRIES / EXAMINED + 1);
        assertThat(page.totalIsExact()).isTrue();
        assertThat(page.totalCount()).isZero();
        assertThat(page.examinedToMicros()).isNull();
    }

    @Test
    void pagesByNumberAreThoseOfTheCursors() {
        append("one", 1, records(ENTRIES));
        for (AuditFilter filter : filters().keySet()) {
            @Nullable AuditPage byCursor = null;
            for (int number = 1; number <= 3; number++) {
                byCursor = list(byCursor == null ? filter : filter.after(again(byCursor, filter)), ENTRIES + 1);
                AuditPage byNumber = list(filter.page(number, filter.pageSize()), ENTRIES + 1);
                assertThat(byNumber.events()).as("%s", filter).isEqualTo(byCursor.events());
                assertThat(byNumber.hasNext()).as("%s", filter).isEqualTo(byCursor.hasNext());
                if (!byCursor.hasNext()) {
                    break;
                }
            }
        }
        AuditPage beyond =
                list(AuditFilter.ALL.with(Field.CORRELATION_ID, "trace-0").page(9, 20));
        assertThat(beyond.events()).isEmpty();
        assertThat(beyond.hasNext()).isFalse();
        assertThat(beyond.totalCount()).isEqualTo(8);
        assertThat(beyond.totalIsExact()).isTrue();
    }

    @Test
    void aCorrelationIdIsFoundWhereItIsTheRequestsOwnIdToo() {
        append(
                "one",
                1,
                List.of(
                        request(1, "t0", "p0").correlationId("r1").build(),
                        request(2, "t0", "p0").correlationId("r1").build(),
                        request(3, "t0", "p0").correlationId("r3").build()));
        assertThat(list(AuditFilter.ALL.with(Field.CORRELATION_ID, "r1")).events())
                .extracting(event -> event.record().requestId())
                .containsExactly("r2", "r1");
    }

    @Test
    void aCursorIsTakenBackUnalteredAndForItsFiltersOnly() {
        append("one", 1, records(60));
        AuditFilter filter =
                AuditFilter.ALL.with(Field.PROJECT_ID, "p1").searching("maker").page(1, 5);
        AuditCursor cursor = requireNonNull(list(filter).next());
        String text = cursor.text(sealing, filter);
        assertThat(text).matches("[A-Za-z0-9_-]+");
        assertThat(AuditCursor.of(text, sealing, filter)).contains(cursor);
        assertThat(AuditCursor.of(text, sealing, filter.page(1, 50))).contains(cursor);
        for (AuditFilter other : List.of(
                AuditFilter.ALL,
                filter.with(Field.PROJECT_ID, "p2"),
                filter.with(Field.OUTCOME, "success"),
                filter.searching("make"),
                filter.between(null, Instant.ofEpochSecond(NOW)),
                filter.between(Instant.ofEpochSecond(NOW), null))) {
            assertThat(AuditCursor.of(text, sealing, other)).as("%s", other).isEmpty();
        }
        for (int at = 0; at < text.length(); at++) {
            char changed = text.charAt(at) == 'A' ? 'Q' : 'A';
            String altered = text.substring(0, at) + changed + text.substring(at + 1);
            assertThat(AuditCursor.of(altered, sealing, filter)).as(altered).isEmpty();
        }
        try (Sealing foreign = new Sealing(Secret.owning(new byte[] {1}), database.dialect(), new SecureRandom())) {
            assertThat(AuditCursor.of(text, foreign, filter)).isEmpty();
        }
        for (String none : List.of("", "x", "?", text + "A", text.substring(4), "A".repeat(401))) {
            assertThat(AuditCursor.of(none, sealing, filter)).as(none).isEmpty();
        }
    }

    @Test
    void eventsOfATimeAreReadInStretchesThatMissNone() {
        List<AuditRecord> records = records(ENTRIES);
        append("one", 1, records);
        Instant start = Instant.ofEpochSecond(NOW + 120);
        Instant end = Instant.ofEpochSecond(NOW + 310);
        List<String> found = new ArrayList<>();
        AuditFeed.Stretch some = new AuditFeed.Stretch(List.of(), 0, false);
        for (int stretches = 0; !some.ended(); stretches++) {
            assertThat(stretches).isLessThan(PAGES_MAX);
            long after = some.through();
            some = database.read(connection -> AuditFeed.between(connection, sealing, after, start, end, 9, EXAMINED));
            assertThat(some.through() - after).isLessThanOrEqualTo(EXAMINED);
            some.events().forEach(one -> found.add(one.event().record().requestId()));
        }
        assertThat(found).isEqualTo(ids(records.subList(120, 311).stream()));
    }

    /** The cursor as a client brings it back. */
    private AuditCursor again(AuditPage page, AuditFilter filter) {
        String text = requireNonNull(page.next()).text(sealing, filter);
        return AuditCursor.of(text, sealing, filter).orElseThrow();
    }

    private AuditPage list(AuditFilter filter) {
        return list(filter, EXAMINED);
    }

    private AuditPage list(AuditFilter filter, int examinedMax) {
        return database.read(connection -> AuditQuery.list(connection, sealing, filter, examinedMax));
    }

    Database database() {
        return database;
    }

    Sealing sealing() {
        return sealing;
    }

    void append(String node, long first, List<AuditRecord> records) {
        List<byte[]> entries = records.stream().map(AuditEncoder::bytes).toList();
        database.inTransaction(connection -> store.append(connection, node, first, entries));
    }

    private static List<String> ids(Stream<AuditRecord> records) {
        return records.map(AuditRecord::requestId).toList();
    }

    /** Filters by each index, by none, and by several, with what they mean. */
    static Map<AuditFilter, Predicate<AuditRecord>> filters() {
        Map<AuditFilter, Predicate<AuditRecord>> filters = new LinkedHashMap<>();
        AuditFilter all = AuditFilter.ALL.page(1, 7);
        filters.put(all, record -> true);
        filters.put(
                all.with(Field.REQUEST_ID, "r77"), record -> record.requestId().equals("r77"));
        filters.put(
                all.with(Field.CORRELATION_ID, "trace-0"),
                record -> record.correlationId().equals("trace-0"));
        filters.put(all.with(Field.ACTOR, "t2"), record -> record.actor().id().equals("t2"));
        filters.put(all.with(Field.ACTOR, "management"), record -> managed(record));
        filters.put(
                all.with(Field.CLIENT_IP, "192.0.2.3"),
                record -> record.clientIp().equals("192.0.2.3"));
        filters.put(all.with(Field.ACTION, "token.list"), record -> managed(record));
        filters.put(all.with(Field.ACTION, "proxy_request"), record -> !managed(record));
        filters.put(all.with(Field.OUTCOME, "denied"), record -> record.outcome() == AuditOutcome.DENIED);
        filters.put(all.with(Field.OUTCOME, "success"), record -> record.outcome() == AuditOutcome.SUCCESS);
        filters.put(
                all.with(Field.PROJECT_ID, "p1"), record -> record.projectId().equals("p1"));
        filters.put(all.with(Field.METHOD, "GET"), record -> managed(record));
        filters.put(all.with(Field.PATH, "/v1/chat/completions"), record -> !managed(record));
        filters.put(
                all.with(Field.PROJECT_ID, "p1").with(Field.OUTCOME, "denied"),
                record -> record.projectId().equals("p1") && record.outcome() == AuditOutcome.DENIED);
        filters.put(all.with(Field.PROJECT_ID, "p2").with(Field.ACTOR, "management"), record -> false);
        filters.put(
                all.with(Field.CLIENT_IP, "192.0.2.1").with(Field.ACTOR, "management"),
                record -> managed(record) && record.clientIp().equals("192.0.2.1"));
        filters.put(all.searching("Maker-1"), record -> record.provider().equals("maker-1"));
        filters.put(all.searching("r123"), record -> record.requestId().startsWith("r123"));
        filters.put(all.searching("nowhere"), record -> false);
        filters.put(
                all.with(Field.ACTOR, "t1").searching("maker-0"),
                record -> record.actor().id().equals("t1") && record.provider().equals("maker-0"));
        filters.put(
                all.between(Instant.ofEpochSecond(NOW + 100), Instant.ofEpochSecond(NOW + 200)),
                record -> record.timestampMicros() >= (NOW + 100) * 1_000_000
                        && record.timestampMicros() <= (NOW + 200) * 1_000_000);
        filters.put(
                all.with(Field.PROJECT_ID, "p0").between(null, Instant.ofEpochSecond(NOW + 90)),
                record -> record.projectId().equals("p0") && record.timestampMicros() <= (NOW + 90) * 1_000_000);
        return filters;
    }

    private static boolean managed(AuditRecord record) {
        return record.actor().kind() == AuditActor.Kind.MANAGEMENT;
    }

    private static AuditRecord.Builder request(int number, String token, String project) {
        return AuditRecord.builder(AuditPhase.END, "proxy_request", (NOW + number) * 1_000_000)
                .requestId("r" + number)
                .actor(new AuditActor(AuditActor.Kind.TOKEN, token))
                .tokenId(token)
                .projectId(project)
                .method("POST")
                .path("/v1/chat/completions")
                .outcome(AuditOutcome.SUCCESS)
                .status(200);
    }

    /** A second apart, oldest first: requests, and among them what the management token did. */
    static List<AuditRecord> records(int count) {
        SplittableRandom random = new SplittableRandom(SEED);
        List<AuditRecord> records = new ArrayList<>();
        for (int number = 0; number < count; number++) {
            AuditRecord.Builder record = request(number, "t" + random.nextInt(5), "p" + random.nextInt(3))
                    .provider("maker-" + random.nextInt(2))
                    .clientIp("192.0.2." + random.nextInt(6))
                    .correlationId(number % 50 == 0 ? "trace-0" : number % 3 == 0 ? "r" + number : "")
                    .outcome(random.nextInt(20) == 0 ? AuditOutcome.DENIED : AuditOutcome.SUCCESS);
            records.add(
                    number % 6 == 5
                            ? record.phase(AuditPhase.EVENT, (NOW + number) * 1_000_000)
                                    .action("token.list")
                                    .actor(new AuditActor(AuditActor.Kind.MANAGEMENT, ""))
                                    .tokenId("")
                                    .projectId("")
                                    .provider("")
                                    .method("GET")
                                    .path("/manage/tokens")
                                    .build()
                            : record.build());
        }
        return records;
    }
}
