package io.latticegate.common.journal;

import static io.latticegate.common.journal.Crash.SMALL;
import static io.latticegate.common.journal.Crash.append;
import static io.latticegate.common.journal.Crash.eventually;
import static io.latticegate.common.journal.Crash.readAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
    @TempDir
    private Path directory;

    @Test
    void givesContiguousSequencesFromOneAndKeepsThemOverRestarts() throws IOException {
        UUID node;
        try (Journal journal = Journal.open(directory, SMALL)) {
            node = journal.nodeId();
            assertThat(append(journal, "a")).isEqualTo(1);
            assertThat(append(journal, "b")).isEqualTo(2);
        }
        try (Journal journal = Journal.open(directory, SMALL)) {
            assertThat(journal.nodeId()).isEqualTo(node);
            assertThat(journal.lastSequence()).isEqualTo(2);
            assertThat(journal.recoveryNote()).isEmpty();
            assertThat(append(journal, "c")).isEqualTo(3);
            journal.force();
            assertThat(readAll(journal, 0)).containsExactly("a", "b", "c");
        }
    }

    @Test
    void keepsTheLargestPayloadAndRefusesEmptyOrLargerOnes() throws IOException {
        try (Journal journal = Journal.open(directory, SMALL)) {
            byte[] largest = new byte[Journal.MAX_PAYLOAD_BYTES];
            largest[largest.length - 1] = 7;
            assertThat(journal.tryAppend(largest, 0, largest.length)).isEqualTo(1);
            assertThat(journal.tryAppend(new byte[largest.length + 1], 0, largest.length + 1))
                    .isEqualTo(Journal.BAD_SIZE);
            assertThat(journal.tryAppend(largest, 0, 0)).isEqualTo(Journal.BAD_SIZE);
            journal.force();
            assertThat(journal.read(0, 10, 1).payloads()).hasSize(1).first().isEqualTo(largest);
        }
    }

    @Test
    void readsWithinTheBoundsOfRecordsAndBytes() throws IOException {
        try (Journal journal = Journal.open(directory, SMALL)) {
            for (int i = 0; i < 10; i++) {
                append(journal, "0123456789");
            }
            journal.force();
            assertThat(journal.read(0, 3, 1000).payloads()).hasSize(3);
            assertThat(journal.read(3, 100, 45).lastSequence()).isEqualTo(7);
            assertThat(journal.read(7, 100, 1).lastSequence()).isEqualTo(8);
            assertThat(journal.read(10, 100, 1000).isEmpty()).isTrue();
        }
    }

    @Test
    void readsOnlyWhatIsOnTheDevice() throws IOException {
        try (Journal journal = Journal.open(directory, Crash.MANUAL)) {
            append(journal, "a");
            assertThat(journal.read(0, 10, 1000).isEmpty()).isTrue();
            assertThatThrownBy(() -> journal.acknowledge(1)).isInstanceOf(IllegalArgumentException.class);
            journal.force();
            assertThat(journal.read(0, 10, 1000).lastSequence()).isEqualTo(1);
        }
    }

    @Test
    void continuesBehindTheAcknowledgedRecordAfterARestart() throws IOException {
        try (Journal journal = Journal.open(directory, SMALL)) {
            append(journal, "a");
            append(journal, "b");
            append(journal, "c");
            journal.force();
            journal.acknowledge(2);
            journal.acknowledge(1);
            assertThat(journal.acknowledged()).isEqualTo(2);
        }
        try (Journal journal = Journal.open(directory, SMALL)) {
            assertThat(journal.acknowledged()).isEqualTo(2);
            assertThat(readAll(journal, journal.acknowledged())).containsExactly("c");
            assertThat(journal.backlogBytes()).isEqualTo(Segment.recordBytes(1));
        }
    }

    @Test
    void recyclesAcknowledgedSegmentsAndStaysWithinItsBound() throws IOException {
        byte[] payload = new byte[1000];
        try (Journal journal = Journal.open(directory, SMALL)) {
            long position = 0;
            for (int record = 1; record <= 5_000; record++) {
                int attempt = record;
                eventually(() -> journal.tryAppend(payload, 0, payload.length) == attempt, "there is room again");
                if (record % 50 == 0) {
                    journal.force();
                    JournalBatch batch = journal.read(position, 1000, 1 << 20);
                    position = batch.lastSequence();
                    journal.acknowledge(position);
                }
            }
            assertThat(journal.backlogBytes()).isZero();
            eventually(() -> journal.health().segmentBytesInUse() <= 3L * Crash.SEGMENT_BYTES, "old segments are gone");
        }
        try (Journal journal = Journal.open(directory, SMALL)) {
            assertThat(journal.lastSequence()).isEqualTo(5_000);
            assertThat(journal.acknowledged()).isEqualTo(5_000);
            assertThatThrownBy(() -> journal.read(1, 1, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("acknowledged");
        }
    }

    @Test
    void refusesWhenNothingIsAcknowledgedAndAcceptsAgainAfterwards() throws IOException {
        byte[] payload = new byte[1_000];
        try (Journal journal = Journal.open(directory, SMALL)) {
            eventually(
                    () -> journal.tryAppend(payload, 0, payload.length) == Journal.NO_SPACE
                            && journal.health().segmentBytesInUse() == SMALL.maxBytes()
                            && journal.tryAppend(payload, 0, payload.length) == Journal.NO_SPACE,
                    "it is full");
            JournalHealth full = journal.health();
            assertThat(full.state()).isEqualTo(JournalHealth.State.FULL);
            assertThat(full.accepting()).isFalse();
            assertThat(full.reason()).contains("records wait to be delivered");
            assertThat(full.refusals()).isPositive();
            journal.force();
            journal.acknowledge(journal.lastSequence());
            eventually(() -> journal.health().accepting(), "space is back");
            assertThat(journal.tryAppend(payload, 0, payload.length)).isEqualTo(full.lastSequence() + 1);
        }
    }

    @Test
    void keepsAReserveForEndings() throws IOException {
        byte[] payload = "refused".getBytes(StandardCharsets.UTF_8);
        try (Journal journal = Journal.open(directory, SMALL)) {
            long opening = Crash.open(journal, "begin");
            eventually(
                    () -> journal.tryAppend(payload, 0, payload.length) == Journal.NO_SPACE
                            && journal.health().segmentBytesInUse() == SMALL.maxBytes()
                            && journal.tryAppend(payload, 0, payload.length) == Journal.NO_SPACE,
                    "it is full");
            assertThat(Crash.open(journal, "refused")).isEqualTo(Journal.NO_SPACE);
            assertThat(Crash.close(journal, opening, "end")).isPositive();
        }
    }

    @Test
    void refusesASecondProcessInTheSameDirectory() throws IOException {
        try (Journal journal = Journal.open(directory, SMALL)) {
            assertThatThrownBy(() -> Journal.open(directory, SMALL))
                    .isInstanceOf(JournalUnusableException.class)
                    .hasMessageContaining("in use")
                    .hasMessageContaining(directory.toString());
            assertThat(append(journal, "still mine")).isEqualTo(1);
        }
    }

    @Test
    void refusesAppendsAfterClose() throws IOException {
        Journal journal = Journal.open(directory, SMALL);
        journal.close();
        journal.close();
        assertThat(append(journal, "late")).isEqualTo(Journal.CLOSED);
        assertThat(journal.health().state()).isEqualTo(JournalHealth.State.CLOSED);
        assertThatThrownBy(() -> journal.read(0, 1, 1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void opensWithOtherSegmentSizesThanBefore() throws IOException {
        try (Journal journal = Journal.open(directory, SMALL)) {
            append(journal, "small");
        }
        JournalOptions larger = SMALL.withSizes(2 * Crash.SEGMENT_BYTES, 10L * Crash.SEGMENT_BYTES);
        try (Journal journal = Journal.open(directory, larger)) {
            byte[] payload = new byte[60_000];
            for (int record = 2; record <= 6; record++) {
                int attempt = record;
                eventually(() -> journal.tryAppend(payload, 0, payload.length) == attempt, "there is a larger segment");
            }
            journal.force();
            journal.acknowledge(6);
            eventually(() -> Files.notExists(Disk.segmentPath(directory, 1)), "the small one is gone");
        }
        assertThat(Crash.segments(directory))
                .allSatisfy(file -> assertThat(Files.size(file)).isEqualTo(2L * Crash.SEGMENT_BYTES));
    }

    @Test
    void worksWithTwoSegmentsOfAnOddSize() throws IOException {
        JournalOptions odd = SMALL.withSizes(Crash.SEGMENT_BYTES + 3, 2L * (Crash.SEGMENT_BYTES + 3));
        byte[] payload = new byte[1001];
        try (Journal journal = Journal.open(directory, odd)) {
            for (int record = 1; record <= 1000; record++) {
                int attempt = record;
                eventually(() -> journal.tryAppend(payload, 0, payload.length) == attempt, "there is room again");
                journal.force();
                journal.acknowledge(record);
            }
        }
        try (Journal journal = Journal.open(directory, odd)) {
            assertThat(journal.lastSequence()).isEqualTo(1000);
        }
    }

    @Test
    void refusesOptionsOutOfBounds() {
        assertThatThrownBy(() -> SMALL.withSizes(1000, 1 << 30)).hasMessageContaining("segmentBytes is 1000");
        assertThatThrownBy(() -> SMALL.withSizes(1 << 20, 1 << 20)).hasMessageContaining("at least two segments");
        assertThatThrownBy(() -> SMALL.withMaxOpen(0)).hasMessageContaining("maxOpen");
        assertThatThrownBy(() -> SMALL.withForceInterval(Duration.ZERO)).hasMessageContaining("forceInterval");
    }

    @Test
    void completesDurabilityAtOnceForProcessAndAfterAForceForDisk() throws Exception {
        try (Journal journal = Journal.open(directory.resolve("process"), Crash.MANUAL)) {
            long sequence = append(journal, "a");
            assertThat(journal.durable(sequence).toCompletableFuture()).isCompleted();
        }
        try (Journal journal = Journal.open(directory.resolve("disk"), Crash.MANUAL.withDurability(Durability.DISK))) {
            long sequence = append(journal, "a");
            journal.durable(sequence).toCompletableFuture().get(20, TimeUnit.SECONDS);
            assertThat(journal.forcedSequence()).isEqualTo(sequence);
        }
    }

    @Test
    void createsItsDirectoryReadableByTheOwnerOnly() throws IOException {
        Path inner = directory.resolve("journal");
        Journal.open(inner, SMALL).close();
        assertThat(Files.getPosixFilePermissions(inner))
                .allMatch(permission -> permission.name().startsWith("OWNER"));
    }

    @Test
    void losesAndMixesNothingWhenFourThreadsAppendWhileOneReads() throws Exception {
        int perThread = 20_000;
        JournalOptions options = SMALL.withForceInterval(Duration.ofMillis(1));
        try (Journal journal = Journal.open(directory, options);
                ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<Map<Long, String>>> writers = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                String name = "thread-" + thread + "-";
                writers.add(threads.submit(writer(journal, name, perThread)));
            }
            Map<Long, String> read = new HashMap<>();
            while (read.size() < 4 * perThread) {
                JournalBatch batch = journal.read(read.size(), 1000, 1 << 20);
                for (int i = 0; i < batch.payloads().size(); i++) {
                    read.put(
                            batch.firstSequence() + i,
                            new String(batch.payloads().get(i), StandardCharsets.UTF_8));
                }
                journal.acknowledge(batch.lastSequence());
            }
            for (Future<Map<Long, String>> writer : writers) {
                assertThat(read).containsAllEntriesOf(writer.get());
            }
            assertThat(journal.lastSequence()).isEqualTo(4L * perThread);
        }
    }

    private static Callable<Map<Long, String>> writer(Journal journal, String name, int count) {
        return () -> {
            Map<Long, String> accepted = new HashMap<>();
            while (accepted.size() < count) {
                String text = name + accepted.size();
                long sequence = append(journal, text);
                if (sequence > 0) {
                    accepted.put(sequence, text);
                } else {
                    LockSupport.parkNanos(50_000);
                }
            }
            return accepted;
        };
    }
}
