package io.latticegate.admin.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.admin.audit.AuditEvent;
import io.latticegate.admin.audit.AuditFeed;
import io.latticegate.admin.audit.AuditStore;
import io.latticegate.admin.audit.StoredBatch;
import io.latticegate.admin.subject.Sealing;
import io.latticegate.common.journal.AuditActor;
import io.latticegate.common.journal.AuditDecoder;
import io.latticegate.common.journal.AuditEncoder;
import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.journal.Durability;
import io.latticegate.common.journal.Journal;
import io.latticegate.common.journal.JournalOptions;
import io.latticegate.common.service.AuditLog;
import io.latticegate.common.store.Database;
import io.latticegate.common.value.Secret;
import io.latticegate.testing.FakeTime;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What deleting by age promises on every database. */
abstract class RetentionContract {
    private static final String NODE = "5f0c1c8e-0000-4000-8000-000000000001";
    private static final Duration DAY = Duration.ofDays(1);

    @TempDir
    private Path journals;

    private final FakeTime time = new FakeTime();
    private Database database;
    private Sealing sealing;
    private AuditStore store;
    private Journal journal;
    private long sequence;

    abstract Database emptyDatabase();

    @BeforeEach
    void open() throws IOException {
        database = emptyDatabase();
        sealing = new Sealing(Secret.owning(new byte[32]), database.dialect(), new SecureRandom());
        store = new AuditStore(time, sealing);
        journal = Journal.open(
                journals.resolve("journal"), JournalOptions.defaults().withSizes(128 << 10, 3 * (128L << 10)));
        sequence = 0;
    }

    @AfterEach
    void close() throws IOException {
        journal.close();
        sealing.close();
        database.close();
    }

    private Retention retention(Duration keep, String holder) {
        return new Retention(
                database,
                new WorkLease(database, time, "retention", holder, Duration.ofHours(1)),
                new AuditLog(journal, Durability.PROCESS),
                time,
                keep);
    }

    private static byte[] entry(long number, AuditPhase phase) {
        return AuditEncoder.bytes(AuditRecord.builder(phase, "proxy_request", 1_790_000_000_000_000L + number)
                .actor(new AuditActor(AuditActor.Kind.WALLET, "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf"))
                .requestId("r" + number)
                .outcome(AuditOutcome.SUCCESS)
                .build());
    }

    /** Pairs of a beginning and its end. */
    private void append(int pairs) {
        List<byte[]> entries = new ArrayList<>();
        for (int at = 1; at <= pairs; at++) {
            entries.add(entry(sequence + 2L * at - 1, AuditPhase.BEGIN));
            entries.add(entry(sequence + 2L * at, AuditPhase.END));
        }
        append(sequence + 1, entries);
        sequence += 2L * pairs;
    }

    private StoredBatch append(long first, List<byte[]> entries) {
        return database.inTransaction(connection -> store.append(connection, NODE, first, entries))
                .batch();
    }

    private List<AuditEvent> events() {
        return database.read(connection -> AuditFeed.after(connection, sealing, 0, AuditFeed.MAX_EVENTS)).stream()
                .map(AuditFeed.Positioned::event)
                .toList();
    }

    private long count(String table) {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement("SELECT COUNT(*) FROM " + table);
                    ResultSet rows = select.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        });
    }

    private List<AuditRecord> recorded() throws IOException {
        journal.force();
        return journal.read(0, 100, 1 << 20).payloads().stream()
                .map(AuditDecoder::decode)
                .toList();
    }

    @Test
    void deletesWholeDaysThatAreOlderThanIsKeptAndSaysSoFirst() throws IOException {
        append(400);
        append(400);
        append(400);
        append(150);
        time.advance(DAY);
        append(3);
        time.advance(DAY.multipliedBy(90));
        append(2);

        assertThat(retention(Duration.ofDays(90), "one").run()).isEqualTo(1_350);

        assertThat(events()).extracting(AuditEvent::sequence).containsExactly(2702L, 2704L, 2706L, 2708L, 2710L);
        assertThat(count("audit_begin")).isEqualTo(5);
        assertThat(recorded()).singleElement().satisfies(record -> {
            assertThat(record.action()).isEqualTo("audit.retention");
            assertThat(record.metadata())
                    .isEqualTo(Map.of(
                            "day", "2023-11-14",
                            "count", "1350",
                            "beginnings", "1350",
                            "first_index", "1",
                            "last_index", "1350",
                            "kept_days", "90"));
        });
        assertThat(retention(Duration.ofDays(90), "one").run()).isZero();
        assertThat(recorded()).hasSize(1);
    }

    @Test
    void anEntryThatWasDeletedIsNotStoredAgainAndOneThatNeverCameStillIs() {
        append(2);
        StoredBatch gap = append(8, List.of(entry(8, AuditPhase.END)));
        assertThat(gap.gaps()).hasSize(1);
        time.advance(DAY.multipliedBy(100));
        assertThat(retention(Duration.ofDays(90), "one").run()).isEqualTo(3);

        StoredBatch again =
                append(1, List.of(entry(1, AuditPhase.BEGIN), entry(2, AuditPhase.END), entry(3, AuditPhase.BEGIN)));
        assertThat(again.added()).isZero();
        assertThat(again.conflicts()).isZero();
        StoredBatch late = append(5, List.of(entry(5, AuditPhase.BEGIN), entry(6, AuditPhase.END)));
        assertThat(late.added()).isEqualTo(2);
        assertThat(events()).extracting(AuditEvent::sequence).containsExactly(6L);
    }

    @Test
    void keysOfMonthsOfWhichNothingIsLeftAreDestroyed() {
        append(1);
        time.advance(DAY.multipliedBy(120));
        append(1);
        assertThat(count("audit_subject")).isEqualTo(2);

        assertThat(retention(Duration.ofDays(30), "one").run()).isEqualTo(1);

        assertThat(count("audit_subject")).isEqualTo(1);
        assertThat(events().getFirst().record().actor().id()).startsWith("0x7e5f");
    }

    @Test
    void deletesNothingWithoutAnEntryInTheAuditOrWhileAnotherNodeIsAtItOrWhenAllIsKept() throws IOException {
        append(1);
        time.advance(DAY.multipliedBy(100));
        assertThat(retention(Duration.ZERO, "one").run()).isZero();
        WorkLease other = new WorkLease(database, time, "retention", "two", Duration.ofHours(1));
        assertThat(other.hold()).isTrue();
        assertThat(retention(Duration.ofDays(90), "one").run()).isZero();
        other.release();
        journal.close();
        assertThatThrownBy(() -> retention(Duration.ofDays(90), "one").run()).isInstanceOf(AuditLog.NotRecorded.class);
        assertThat(events()).hasSize(1);
    }

    @Test
    void aLeaseIsOneNodesUntilItEndsOrIsGivenBack() {
        WorkLease one = new WorkLease(database, time, "work", "one", Duration.ofSeconds(30));
        WorkLease two = new WorkLease(database, time, "work", "two", Duration.ofSeconds(30));
        assertThat(one.hold()).isTrue();
        assertThat(two.hold()).isFalse();
        time.advance(Duration.ofSeconds(20));
        assertThat(one.hold()).isTrue();
        time.advance(Duration.ofSeconds(20));
        assertThat(two.hold()).isFalse();
        time.advance(Duration.ofSeconds(20));
        assertThat(two.hold()).isTrue();
        assertThat(one.hold()).isFalse();
        two.release();
        assertThat(one.hold()).isTrue();
    }
}
