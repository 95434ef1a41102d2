package io.latticegate.admin.manage;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.journal.AuditActor;
import io.latticegate.common.journal.AuditDecoder;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.journal.Durability;
import io.latticegate.common.journal.Journal;
import io.latticegate.common.journal.JournalOptions;
import io.latticegate.common.service.AuditLog;
import io.latticegate.testing.FakeTime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A page that asks again and again is recorded at once, and then once a minute with how often it did. */
class RepeatedReadsTest {
    private static final Principal ANN =
            new Principal(new AuditActor(AuditActor.Kind.MANAGEMENT, "principal:ann"), Role.VIEWER);

    @TempDir
    private Path folder;

    private final FakeTime time = new FakeTime();
    private Journal journal;
    private AuditedCall.Trail trail;
    private RepeatedReads reads;

    @BeforeEach
    void open() throws IOException {
        journal = Journal.open(
                folder.resolve("journal"), JournalOptions.defaults().withSizes(128 << 10, 3 * (128L << 10)));
        trail = new AuditedCall.Trail(journal, new AuditLog(journal, Durability.PROCESS), Durability.PROCESS, time);
        reads = new RepeatedReads(trail);
    }

    @AfterEach
    void close() throws IOException {
        journal.close();
    }

    private static ManageRequest request(String address, String path, Map<String, String> query) {
        return new ManageRequest(
                "req_1", "", address, "browser", "GET", path, List.of("x"), query, "", "", "*/*", new byte[0]);
    }

    private void read(String session, ManageRequest request) {
        AuditedCall call = new AuditedCall(trail, "provider.list", ANN, request);
        call.endRead(200, reads, RepeatedReads.key(session, request));
    }

    private void read() {
        read("session", request("192.0.2.1", "/manage/providers", Map.of("a", "1")));
    }

    private List<AuditRecord> recorded() {
        try {
            journal.force();
            return journal.read(0, 1_000, 1 << 20).payloads().stream()
                    .map(AuditDecoder::decode)
                    .toList();
        } catch (IOException fault) {
            throw new AssertionError(fault);
        }
    }

    @Test
    void theFirstOfAMinuteIsRecordedAndTheOthersAreCounted() {
        for (int again = 0; again < 6; again++) {
            read();
            time.advance(Duration.ofSeconds(9));
        }
        assertThat(recorded()).hasSize(1);
        reads.settle();
        assertThat(recorded()).as("the minute is not over").hasSize(1);
        time.advance(Duration.ofSeconds(6));
        reads.settle();
        reads.settle();
        assertThat(recorded()).hasSize(2);
        AuditRecord counted = recorded().getLast();
        assertThat(counted.action()).isEqualTo("provider.list");
        assertThat(counted.actor()).isEqualTo(ANN.actor());
        assertThat(counted.path()).isEqualTo("/manage/providers");
        assertThat(counted.metadata()).containsEntry("repeats", "5").containsEntry("since", FakeTime.START.toString());
        read();
        assertThat(recorded()).as("another minute").hasSize(3);
        time.advance(RepeatedReads.WINDOW);
        reads.settle();
        assertThat(recorded()).as("it came once").hasSize(3);
    }

    @Test
    void anythingElseIsAnotherRead() {
        read();
        read("another", request("192.0.2.1", "/manage/providers", Map.of("a", "1")));
        read("session", request("192.0.2.2", "/manage/providers", Map.of("a", "1")));
        read("session", request("192.0.2.1", "/manage/nodes", Map.of("a", "1")));
        read("session", request("192.0.2.1", "/manage/providers", Map.of("a", "2")));
        read("session", request("192.0.2.1", "/manage/providers", Map.of("a", "1", "b", "")));
        assertThat(recorded()).hasSize(6);
        read();
        assertThat(recorded()).hasSize(6);
    }

    @Test
    void countsAreRecordedAtTheEnd() {
        read();
        read();
        reads.close();
        assertThat(recorded()).hasSize(2);
        assertThat(recorded().getLast().metadata()).containsEntry("repeats", "1");
    }

    @Test
    void ofTooManyReadsEachIsRecorded() {
        for (int read = 0; read < RepeatedReads.READS_MAX; read++) {
            reads.recorded(
                    "key " + read,
                    AuditRecord.builder(io.latticegate.common.journal.AuditPhase.EVENT, "provider.list", 1)
                            .build());
        }
        read();
        read();
        assertThat(recorded()).hasSize(2);
    }

    @Test
    void whileTheJournalTakesNothingNothingIsCounted() throws IOException {
        read();
        journal.close();
        assertThat(reads.repeats(
                        RepeatedReads.key("session", request("192.0.2.1", "/manage/providers", Map.of("a", "1")))))
                .isFalse();
    }
}
