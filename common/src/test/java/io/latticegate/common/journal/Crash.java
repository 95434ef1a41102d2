package io.latticegate.common.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** What journal tests share: small options, and directories as a crash would leave them. */
final class Crash {
    static final int SEGMENT_BYTES = 128 << 10;
    static final JournalOptions SMALL = JournalOptions.defaults()
            .withSizes(SEGMENT_BYTES, 8L * SEGMENT_BYTES)
            .withForceInterval(Duration.ofMillis(1));
    /** Forces only when the test says so. */
    static final JournalOptions MANUAL = SMALL.withForceInterval(Duration.ofHours(1));

    private Crash() {}

    /**
     * The directory as the page cache holds it now: what kill -9 leaves behind. Copied again when a segment was recycled
     * meanwhile, which no kill sees half of.
     */
    static Path copy(Path journal, Path target) throws IOException {
        Files.createDirectories(target);
        while (true) {
            List<Path> before = files(journal);
            try {
                for (Path file : before) {
                    Files.copy(file, target.resolve(file.getFileName()));
                }
                if (before.equals(files(journal))) {
                    return target;
                }
            } catch (NoSuchFileException recycled) {
                assertThat(files(journal)).isNotEqualTo(before);
            }
            for (Path half : files(target)) {
                Files.delete(half);
            }
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> !file.toString().endsWith(".tmp"))
                    .sorted()
                    .toList();
        }
    }

    static List<Path> segments(Path journal) throws IOException {
        try (Stream<Path> files = Files.list(journal)) {
            return files.filter(file -> file.toString().endsWith(".wal"))
                    .sorted()
                    .toList();
        }
    }

    static void flip(Path file, long position, int bit) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, position);
            one.put(0, (byte) (one.get(0) ^ 1 << bit)).flip();
            channel.write(one, position);
        }
    }

    static long append(Journal journal, String text) {
        byte[] payload = text.getBytes(StandardCharsets.UTF_8);
        return journal.tryAppend(payload, 0, payload.length);
    }

    static long open(Journal journal, String text) {
        byte[] payload = text.getBytes(StandardCharsets.UTF_8);
        return journal.tryOpen(payload, 0, payload.length);
    }

    static long close(Journal journal, long opening, String text) {
        byte[] payload = text.getBytes(StandardCharsets.UTF_8);
        return journal.tryClose(opening, payload, 0, payload.length);
    }

    /** Everything behind a sequence, as text. */
    static List<String> readAll(Journal journal, long after) throws IOException {
        List<String> texts = new ArrayList<>();
        long position = after;
        for (JournalBatch batch = journal.read(position, 100, 1 << 20);
                !batch.isEmpty();
                batch = journal.read(position, 100, 1 << 20)) {
            assertThat(batch.firstSequence()).isEqualTo(position + 1);
            batch.payloads().forEach(payload -> texts.add(new String(payload, StandardCharsets.UTF_8)));
            position = batch.lastSequence();
        }
        return texts;
    }

    /** Waits for what another thread of the journal does, at most 20 seconds. */
    static void eventually(BooleanSupplier condition, String what) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waiting until %s", what).isLessThan(deadline);
            LockSupport.parkNanos(50_000);
        }
    }
}
