package io.latticegate.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.admin.analytics.RollupWriter;
import io.latticegate.admin.subject.Sealing;
import io.latticegate.common.contract.AuditApi.Append;
import io.latticegate.common.journal.AuditEncoder;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreLocation;
import io.latticegate.common.value.Secret;
import io.latticegate.testing.FakeTime;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditIntakeTest {
    private static final String NODE = "6f1f6d0e-9a5b-4a51-8b6a-2b7f9c1d0e11";

    @TempDir
    private Path directory;

    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private Database database;
    private AuditIntake intake;

    @BeforeEach
    void open() {
        database = Database.open("audit", new StoreLocation.Sqlite(directory));
        Sealing sealing = new Sealing(Secret.owning(new byte[32]), database.dialect(), new SecureRandom());
        intake = new AuditIntake(database, sealing, new RollupWriter(database), new FakeTime(), metrics);
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void acknowledgesWhatIsStoredAndCountsRepetitionsApart() {
        assertThat(intake.append(entries(1, 3)).storedThrough()).isEqualTo(3);
        assertThat(intake.append(entries(2, 5)).storedThrough()).isEqualTo(5);

        assertThat(count("audit.entries.stored")).isEqualTo(5);
        assertThat(count("audit.entries.repeated")).isEqualTo(2);
        assertThat(count("audit.entries.conflicting")).isZero();
        assertThat(missing()).isZero();
    }

    @Test
    void countsEntriesThatAJournalSkippedUntilTheyCome() {
        intake.append(entries(1, 2));
        assertThat(intake.append(entries(6, 7)).storedThrough()).isEqualTo(7);
        assertThat(missing()).isEqualTo(3);

        intake.append(entries(3, 5));

        assertThat(missing()).isZero();
        assertThat(count("audit.entries.stored")).isEqualTo(7);
    }

    @Test
    void countsEntriesThatDifferFromWhatIsStored() {
        intake.append(entries(1, 1));

        intake.append(new Append(NODE, 1, List.of(entry(99))));

        assertThat(count("audit.entries.conflicting")).isEqualTo(1);
        assertThat(count("audit.entries.stored")).isEqualTo(1);
    }

    private static Append entries(int from, int to) {
        return new Append(
                NODE,
                from,
                IntStream.rangeClosed(from, to).mapToObj(AuditIntakeTest::entry).toList());
    }

    private static byte[] entry(int number) {
        return AuditEncoder.bytes(AuditRecord.builder(AuditPhase.EVENT, "test", 1_000_000L + number)
                .requestId("request-" + number)
                .build());
    }

    private double count(String name) {
        return metrics.get(name).counter().count();
    }

    private double missing() {
        return metrics.get("audit.entries.missing").gauge().value();
    }
}
