package io.latticegate.admin.analytics;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.admin.audit.AuditStore;
import io.latticegate.admin.listing.LogPlace;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the log of requests promises on every database. */
abstract class RequestLogContract {
    private static final long SEED = Long.getLong("latticegate.seed", 20_261_122L);
    private static final long NOW = 1_790_000_000L;
    static final int EXAMINED = 40;

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
    void pagesShowEachRequestOnceNewestFirstWhateverTheFilter() {
        List<AuditRecord> records = records();
        append("one", records.subList(0, 200));
        append("two", records.subList(200, records.size()));
        Map<RequestFilter, Predicate<AuditRecord>> filters = Map.of(
                filter(Map.of(), null, 0), record -> true,
                filter(Map.of(RequestFilter.Field.PROJECT_ID, "p1"), null, 0),
                        record -> record.projectId().equals("p1"),
                filter(Map.of(RequestFilter.Field.TOKEN_ID, "t2", RequestFilter.Field.MODEL, "m1"), null, 0),
                        record ->
                                record.tokenId().equals("t2") && record.model().equals("m1"),
                filter(Map.of(RequestFilter.Field.OUTCOME, "error"), null, 0),
                        record -> record.outcome() == AuditOutcome.ERROR,
                filter(Map.of(RequestFilter.Field.OUTCOME, "success", RequestFilter.Field.PROVIDER, "v1"), null, 0),
                        record -> record.outcome() == AuditOutcome.SUCCESS
                                && record.provider().equals("v1"),
                filter(Map.of(), 502, 0), record -> record.status() == 502,
                filter(Map.of(), null, 900_000), record -> record.elapsedMicros() >= 900_000,
                filter(Map.of(RequestFilter.Field.ACTOR, "nobody"), null, 0), record -> false);
        filters.forEach((filter, holds) -> {
            List<String> expected = records.stream()
                    .filter(holds)
                    .sorted((one, other) -> Long.compare(other.timestampMicros(), one.timestampMicros()))
                    .map(AuditRecord::requestId)
                    .toList();
            assertThat(all(filter)).as("%s, seed %d", filter, SEED).isEqualTo(expected);
        });
    }

    /** The ids on all pages, each of which looks at few entries. */
    private List<String> all(RequestFilter filter) {
        List<String> ids = new ArrayList<>();
        LogPlace after = null;
        int pages = 0;
        do {
            RequestFilter next = new RequestFilter(
                    filter.equal(), filter.status(), filter.elapsedMicrosMin(), null, null, after, filter.limit());
            RequestLog.Page page = database.read(connection -> RequestLog.list(connection, next, EXAMINED));
            assertThat(page.rows()).hasSizeLessThanOrEqualTo(filter.limit());
            page.rows().forEach(row -> ids.add(row.requestId()));
            after = page.next() == null
                    ? null
                    : LogPlace.of(page.next().cursor()).orElseThrow();
            assertThat(++pages).isLessThan(500);
        } while (after != null);
        return ids;
    }

    @Test
    void includesBothEndsOfATime() {
        append(
                "one",
                List.of(
                        request(1).build(),
                        request(2).build(),
                        request(3).build(),
                        request(4).build()));
        RequestFilter between =
                new RequestFilter(Map.of(), null, 0, (NOW + 2) * 1_000_000, (NOW + 3) * 1_000_000, null, 10);
        assertThat(database.read(connection -> RequestLog.list(connection, between))
                        .rows())
                .extracting(RequestRow::requestId)
                .containsExactly("r3", "r2");
    }

    @Test
    void showsARequestWithItsAttemptsAndNothingElse() {
        append(
                "one",
                List.of(
                        request(1).phase(AuditPhase.BEGIN, NOW).build(),
                        attempt(1, 1)
                                .provider("v1")
                                .outcome(AuditOutcome.ERROR)
                                .reason("timed_out")
                                .build(),
                        attempt(1, 2).provider("v2").build(),
                        attempt(2, 1).build(),
                        request(1)
                                .attempts(2)
                                .metadata(Map.of("cache", "stored", "user", "u_a", "quote", "\"\\"))
                                .build(),
                        request(1)
                                .phase(AuditPhase.END, NOW * 1_000_000)
                                .surface("manage")
                                .build()));
        RequestLog.Detail detail = requireNonNull(database.read(connection -> RequestLog.find(connection, "r1")));
        assertThat(detail.request().cache()).isEqualTo("stored");
        assertThat(detail.request().user()).isEqualTo("u_a");
        assertThat(detail.request().metadata()).containsEntry("quote", "\"\\");
        assertThat(detail.attempts()).extracting(RequestRow::provider).containsExactly("v1", "v2");
        assertThat(detail.attempts().getFirst().reason()).isEqualTo("timed_out");
        assertThat(Optional.ofNullable(database.read(connection -> RequestLog.find(connection, "r2"))))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "?", "MSAyIG4 ", "LTEgMiBu", "MSAwIG4", "MSAyIG4gbw", "MTIz"})
    void aCursorThatIsNoneIsNotTaken(String cursor) {
        assertThat(LogPlace.of(cursor)).isEmpty();
    }

    @Test
    void aCursorSpellsItsPlace() {
        LogPlace place = new LogPlace(1_790_000_000_000_001L, "a.b-c_d", 42);
        assertThat(place.cursor()).matches("[A-Za-z0-9_-]+");
        assertThat(LogPlace.of(place.cursor())).contains(place);
        assertThatThrownBy(() -> new RequestFilter(Map.of(), null, 0, null, null, null, 201))
                .isInstanceOf(IllegalArgumentException.class);
    }

    Database database() {
        return database;
    }

    void append(String node, List<AuditRecord> records) {
        List<byte[]> entries = records.stream().map(AuditEncoder::bytes).toList();
        database.inTransaction(connection -> store.append(connection, node, 1, entries));
    }

    static RequestFilter filter(
            Map<RequestFilter.Field, String> equal, @Nullable Integer status, long elapsedMicrosMin) {
        return new RequestFilter(equal, status, elapsedMicrosMin, null, null, null, 7);
    }

    private static AuditRecord.Builder request(int number) {
        return AuditRecord.builder(AuditPhase.END, "proxy_request", (NOW + number) * 1_000_000)
                .requestId("r" + number)
                .surface("openai")
                .outcome(AuditOutcome.SUCCESS)
                .status(200);
    }

    private static AuditRecord.Builder attempt(int number, int attempt) {
        return request(number)
                .phase(AuditPhase.EVENT, (NOW + number) * 1_000_000)
                .action("provider_attempt")
                .attempts(attempt);
    }

    static List<AuditRecord> records() {
        return records(400);
    }

    static List<AuditRecord> records(int count) {
        SplittableRandom random = new SplittableRandom(SEED);
        List<AuditRecord> records = new ArrayList<>();
        for (int number = 0; number < count; number++) {
            String token = "t" + random.nextInt(5);
            records.add(request(number)
                    .actor(new AuditActor(AuditActor.Kind.TOKEN, token))
                    .tokenId(token)
                    .projectId("p" + random.nextInt(3))
                    .model("m" + random.nextInt(4))
                    .provider("v" + random.nextInt(2))
                    .status(random.nextInt(30) == 0 ? 502 : 200)
                    .outcome(random.nextInt(20) == 0 ? AuditOutcome.ERROR : AuditOutcome.SUCCESS)
                    .elapsedMicros(random.nextLong(1_000_000))
                    .build());
        }
        return records;
    }
}
