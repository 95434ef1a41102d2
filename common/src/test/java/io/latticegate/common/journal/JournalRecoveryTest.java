package io.latticegate.common.journal;

import static io.latticegate.common.journal.Crash.MANUAL;
import static io.latticegate.common.journal.Crash.append;
import static io.latticegate.common.journal.Crash.copy;
import static io.latticegate.common.journal.Crash.flip;
import static io.latticegate.common.journal.Crash.readAll;
import static io.latticegate.common.journal.Crash.segments;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalRecoveryTest {
    @TempDir
    private Path directory;

    private static String text(SplittableRandom random, int record) {
        return "record " + record + " " + "x".repeat(random.nextInt(3000));
    }

    /** Writes records, some of them forced, and leaves the directory as a crash would. */
    private Path crashed(SplittableRandom random, String name, int forced, int more, List<String> texts)
            throws IOException {
        Path original = directory.resolve(name);
        try (Journal journal = Journal.open(original, MANUAL)) {
            for (int record = 0; record < forced + more; record++) {
                if (record == forced) {
                    journal.force();
                }
                String text = text(random, record);
                Crash.eventually(() -> append(journal, text) > 0, "there is a segment");
                texts.add(text);
            }
            if (more == 0) {
                journal.force();
            }
            return copy(original, directory.resolve(name + "-crashed"));
        }
    }

    @Test
    void findsEveryRecordThatWasAcceptedBeforeTheProcessDied() throws IOException {
        for (long seed = 1; seed <= 20; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            List<String> texts = new ArrayList<>();
            Path crashed = crashed(random, "all" + seed, random.nextInt(200), 1 + random.nextInt(200), texts);
            try (Journal journal = Journal.open(crashed, MANUAL)) {
                assertThat(readAll(journal, 0)).as("seed %d", seed).isEqualTo(texts);
                assertThat(journal.recoveryNote()).isEmpty();
            }
        }
    }

    @Test
    void endsAtATornRecordThatWasNeverForcedAndNeverShowsWhatStoodBehindIt() throws IOException {
        for (long seed = 1; seed <= 40; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            List<String> texts = new ArrayList<>();
            int forced = 1 + random.nextInt(100);
            Path crashed = crashed(random, "torn" + seed, forced, 20 + random.nextInt(100), texts);
            int torn = forced + random.nextInt(texts.size() - forced);
            tear(crashed, texts, torn, random);
            try (Journal journal = Journal.open(crashed, MANUAL)) {
                assertThat(readAll(journal, 0)).as("seed %d", seed).isEqualTo(texts.subList(0, torn));
                assertThat(journal.recoveryNote()).contains("record " + torn);
                assertThat(append(journal, texts.get(torn))).isEqualTo(torn + 1);
                Path again = copy(crashed, directory.resolve("again" + seed));
                try (Journal reopened = Journal.open(again, MANUAL)) {
                    assertThat(reopened.lastSequence()).as("seed %d", seed).isEqualTo(torn + 1);
                }
            }
        }
    }

    /** Flips a bit of the record's length, CRC, sequence, or payload; or cuts the file off within it. */
    private static void tear(Path crashed, List<String> texts, int record, SplittableRandom random) throws IOException {
        long[] place = place(crashed, texts, record);
        Path file = segments(crashed).get((int) place[0]);
        int within =
                random.nextInt(Segment.RECORD_HEADER_BYTES + texts.get(record).length());
        boolean lastUsed = place(crashed, texts, texts.size() - 1)[0] == place[0];
        if (lastUsed && random.nextBoolean()) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(place[1] + within);
            }
        } else {
            flip(file, place[1] + within, random.nextInt(8));
        }
    }

    /** Index of the segment and position of a record, computed from the format's description. */
    private static long[] place(Path journal, List<String> texts, int record) throws IOException {
        int segment = 0;
        int position = Segment.HEADER_BYTES;
        for (int at = 0; ; at++) {
            int bytes = (24 + texts.get(at).length() + 7) / 8 * 8;
            if (position + bytes > Files.size(segments(journal).get(segment))) {
                segment++;
                position = Segment.HEADER_BYTES;
            }
            if (at == record) {
                return new long[] {segment, position};
            }
            position += bytes;
        }
    }

    @Test
    void refusesADirectoryInWhichAForcedRecordIsDamaged() throws IOException {
        for (long seed = 1; seed <= 40; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            List<String> texts = new ArrayList<>();
            Path crashed = crashed(random, "damaged" + seed, 50 + random.nextInt(150), 10, texts);
            int damaged = random.nextInt(50);
            long[] place = place(crashed, texts, damaged);
            Path file = segments(crashed).get((int) place[0]);
            flip(file, place[1] + random.nextInt(24 + texts.get(damaged).length()), random.nextInt(8));
            assertThatThrownBy(() -> Journal.open(crashed, MANUAL))
                    .as("seed %d", seed)
                    .isInstanceOf(JournalUnusableException.class)
                    .hasMessageContaining("record " + (damaged + 1) + " at byte " + place[1])
                    .hasMessageContaining(file.toString())
                    .hasMessageContaining("move it away");
            assertThatThrownBy(() -> Journal.open(crashed, MANUAL))
                    .as("the lock is given back, the refusal stays")
                    .hasMessageContaining("damaged");
        }
    }

    @Test
    void anyFlippedBitIsHarmlessOrRefused() throws IOException {
        SplittableRandom random = new SplittableRandom(7);
        List<String> texts = new ArrayList<>();
        Path crashed = crashed(random, "bits", 150, 0, texts);
        int refused = 0;
        for (int round = 0; round < 150; round++) {
            Path flipped = copy(crashed, directory.resolve("bits" + round));
            long[] last = place(flipped, texts, texts.size() - 1);
            List<Path> files = segments(flipped);
            int segment = random.nextInt((int) last[0] + 1);
            long limit = segment == last[0] ? last[1] : Files.size(files.get(segment));
            boolean header = round % 5 == 0;
            flip(files.get(segment), header ? random.nextInt(56) : random.nextLong(limit), random.nextInt(8));
            try (Journal journal = Journal.open(flipped, MANUAL)) {
                assertThat(readAll(journal, 0)).as("round %d", round).isEqualTo(texts);
            } catch (JournalUnusableException expected) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(100);
    }

    @Test
    void refusesADirectoryFromWhichASegmentWasRemovedOrCutShort() throws IOException {
        List<String> texts = new ArrayList<>();
        Path crashed = crashed(new SplittableRandom(3), "missing", 300, 0, texts);
        int used = (int) place(crashed, texts, texts.size() - 1)[0];
        assertThat(used).isGreaterThanOrEqualTo(2);
        for (int removed = 0; removed <= used; removed++) {
            Path without = copy(crashed, directory.resolve("without" + removed));
            Files.delete(segments(without).get(removed));
            Path cut = copy(crashed, directory.resolve("cut" + removed));
            try (FileChannel channel = FileChannel.open(segments(cut).get(removed), StandardOpenOption.WRITE)) {
                channel.truncate(removed % 2 == 0 ? 0 : 500);
            }
            assertThatThrownBy(() -> Journal.open(without, MANUAL)).isInstanceOf(JournalUnusableException.class);
            assertThatThrownBy(() -> Journal.open(cut, MANUAL)).isInstanceOf(JournalUnusableException.class);
        }
    }

    @Test
    void refusesSegmentsOfAnotherNode() throws IOException {
        Path one = crashed(new SplittableRandom(1), "one", 5, 0, new ArrayList<>());
        Path other = crashed(new SplittableRandom(2), "other", 5, 0, new ArrayList<>());
        Files.delete(segments(one).getFirst());
        Files.copy(
                segments(other).getFirst(),
                one.resolve(segments(other).getFirst().getFileName()));
        assertThatThrownBy(() -> Journal.open(one, MANUAL))
                .isInstanceOf(JournalUnusableException.class)
                .hasMessageContaining("written by node");
    }

    @Test
    void refusesADirectoryWithoutItsNodeId() throws IOException {
        Path crashed = crashed(new SplittableRandom(1), "nodeless", 5, 0, new ArrayList<>());
        Files.delete(crashed.resolve("node"));
        assertThatThrownBy(() -> Journal.open(crashed, MANUAL))
                .isInstanceOf(JournalUnusableException.class)
                .hasMessageContaining("node");
    }
}
