package io.latticegate.common.journal;

import static io.latticegate.common.journal.Crash.SMALL;
import static io.latticegate.common.journal.Crash.append;
import static io.latticegate.common.journal.Crash.eventually;
import static io.latticegate.common.journal.Crash.readAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalFaultTest {
    @TempDir
    private Path directory;

    /** A disk that fails on demand. */
    private static final class FailingDisk extends Disk {
        private volatile boolean full;
        private volatile boolean broken;

        @Override
        Segment allocate(Path path, long index, int size) throws IOException {
            if (full) {
                throw new IOException("No space left on device");
            }
            return super.allocate(path, index, size);
        }

        @Override
        void force(Segment segment, int from, int to) throws IOException {
            if (broken) {
                throw new IOException("Input/output error");
            }
            super.force(segment, from, to);
        }
    }

    @Test
    void refusesOnAFullDeviceOnlyWhenItsSegmentsAreUsedUpAndRecoversByItself() throws IOException {
        FailingDisk disk = new FailingDisk();
        byte[] payload = new byte[1_000];
        try (Journal journal = Journal.open(directory, SMALL, disk)) {
            eventually(() -> journal.health().segmentBytesInUse() == 3L * Crash.SEGMENT_BYTES, "spares are ready");
            disk.full = true;
            assertThat(journal.tryAppend(payload, 0, payload.length)).isPositive();
            eventually(() -> journal.tryAppend(payload, 0, payload.length) == Journal.NO_SPACE, "segments are used up");
            eventually(() -> journal.health().reason().contains("No space left"), "the reason is known");
            assertThat(journal.health().state()).isEqualTo(JournalHealth.State.FULL);
            disk.full = false;
            eventually(() -> journal.tryAppend(payload, 0, payload.length) > 0, "an allocation succeeded");
            assertThat(journal.health().state()).isEqualTo(JournalHealth.State.OPEN);
        }
    }

    @Test
    void refusesWhileTheDeviceFailsAndKeepsWhatWasAcceptedBefore() throws Exception {
        FailingDisk disk = new FailingDisk();
        try (Journal journal = Journal.open(directory, SMALL.withDurability(Durability.DISK), disk)) {
            journal.durable(append(journal, "a")).toCompletableFuture().get(20, TimeUnit.SECONDS);
            disk.broken = true;
            long sequence = append(journal, "b");
            CompletableFuture<Void> durable = journal.durable(sequence).toCompletableFuture();
            assertThatThrownBy(() -> durable.get(20, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(IOException.class)
                    .hasMessageContaining("Input/output error");
            assertThat(append(journal, "c")).isEqualTo(Journal.FAILED);
            assertThat(journal.health().state()).isEqualTo(JournalHealth.State.FAILED);
            assertThat(journal.health().reason()).contains("Input/output error");
            assertThat(journal.forcedSequence()).isEqualTo(1);
            disk.broken = false;
            eventually(() -> journal.health().accepting(), "a retry succeeded");
            assertThat(append(journal, "c")).isEqualTo(3);
            journal.force();
            assertThat(readAll(journal, 0)).containsExactly("a", "b", "c");
        }
    }

    @Test
    void saysWhenClosingCouldNotReachTheDeviceAndStillGivesTheDirectoryBack() throws IOException {
        FailingDisk disk = new FailingDisk();
        Journal journal = Journal.open(directory, Crash.MANUAL, disk);
        append(journal, "a");
        disk.broken = true;
        assertThatThrownBy(journal::close).hasMessageContaining("Input/output error");
        try (Journal again = Journal.open(directory, Crash.MANUAL)) {
            assertThat(readAll(again, 0)).containsExactly("a");
        }
    }

    @Test
    void survivesThatItsFileIsCutOffUnderneath() throws IOException {
        try (Journal journal = Journal.open(directory, Crash.MANUAL)) {
            append(journal, "a");
            Path active = Crash.segments(directory).getFirst();
            try (FileChannel channel = FileChannel.open(active, StandardOpenOption.WRITE)) {
                channel.truncate(4096);
            }
            eventually(() -> faults(journal), "the fault shows");
            try (FileChannel channel = FileChannel.open(active, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                Disk.zeroFill(channel, Crash.SEGMENT_BYTES);
            }
        }
    }

    /** Compiled code may report a fault of mapped memory only after the method that met it has returned. */
    private static boolean faults(Journal journal) {
        byte[] payload = new byte[10_000];
        try {
            return journal.tryAppend(payload, 0, payload.length) == Journal.FAILED;
        } catch (InternalError _) {
            return true;
        }
    }
}
