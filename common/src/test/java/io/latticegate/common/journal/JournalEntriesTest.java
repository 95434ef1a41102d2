package io.latticegate.common.journal;

import static io.latticegate.common.journal.Crash.SMALL;
import static io.latticegate.common.journal.Crash.append;
import static io.latticegate.common.journal.Crash.close;
import static io.latticegate.common.journal.Crash.copy;
import static io.latticegate.common.journal.Crash.eventually;
import static io.latticegate.common.journal.Crash.open;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalEntriesTest {
    private static final byte[] FILLER = new byte[8_000];

    @TempDir
    private Path directory;

    private static Set<String> unfinished(Journal journal) {
        Set<String> texts = new HashSet<>();
        journal.unfinished().values().forEach(payload -> texts.add(new String(payload, StandardCharsets.UTF_8)));
        return texts;
    }

    /** Appends, reads and acknowledges until the segment with the record is gone. */
    private static void pushOut(Journal journal, Path path, long sequence) throws IOException {
        List<Path> before = Crash.segments(path);
        while (!Crash.segments(path).stream().noneMatch(before::contains)) {
            eventually(() -> journal.tryAppend(FILLER, 0, FILLER.length) > sequence, "there is room");
            journal.force();
            journal.acknowledge(journal.forcedSequence());
        }
    }

    @Test
    void closesAnEntryOnceAndOnlyWhenItWasOpened() throws IOException {
        try (Journal journal = Journal.open(directory, SMALL)) {
            long opening = open(journal, "begin");
            assertThat(close(journal, opening, "end")).isEqualTo(opening + 1);
            assertThat(close(journal, opening, "end")).isEqualTo(Journal.NOT_OPEN);
            assertThat(close(journal, append(journal, "event"), "end")).isEqualTo(Journal.NOT_OPEN);
            assertThat(close(journal, Journal.NO_SPACE, "end")).isEqualTo(Journal.NOT_OPEN);
            assertThat(journal.health().openEntries()).isZero();
        }
    }

    @Test
    void refusesToOpenMoreThanTheBound() throws IOException {
        try (Journal journal = Journal.open(directory, SMALL.withMaxOpen(2))) {
            long first = open(journal, "1");
            open(journal, "2");
            assertThat(open(journal, "3")).isEqualTo(Journal.TOO_MANY_OPEN);
            close(journal, first, "end");
            assertThat(open(journal, "3")).isPositive();
        }
    }

    @Test
    void remembersAnOpenEntryWhoseSegmentWasRecycledOverTwoCrashes() throws IOException {
        Path current = directory.resolve("0");
        long opening;
        try (Journal journal = Journal.open(current, SMALL)) {
            opening = open(journal, "begin");
            close(journal, open(journal, "short"), "end");
            pushOut(journal, current, 0);
            current = copy(current, directory.resolve("1"));
        }
        for (int crash = 2; crash <= 3; crash++) {
            try (Journal journal = Journal.open(current, SMALL)) {
                assertThat(unfinished(journal)).containsExactly("begin");
                assertThat(journal.unfinished()).containsOnlyKeys(opening);
                pushOut(journal, current, 0);
                current = copy(current, directory.resolve(String.valueOf(crash)));
            }
        }
        try (Journal journal = Journal.open(current, SMALL)) {
            assertThat(close(journal, opening, "end")).isPositive();
            assertThat(journal.unfinished()).isEmpty();
            current = copy(current, directory.resolve("closed"));
            pushOut(journal, directory.resolve("3"), 0);
        }
        for (String left : List.of("closed", "3")) {
            try (Journal journal = Journal.open(directory.resolve(left), SMALL)) {
                assertThat(journal.unfinished()).isEmpty();
            }
        }
    }

    @Test
    void everyEntryEndsExactlyOnceWhateverTheMomentOfTheCrashes() throws IOException {
        for (long seed = 1; seed <= 12; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Path current = directory.resolve("entries" + seed);
            Set<String> begun = new HashSet<>();
            Map<String, Integer> ended = new HashMap<>();
            for (int life = 0; life < 6; life++) {
                try (Journal journal = Journal.open(current, SMALL)) {
                    assertThat(unfinished(journal)).as("seed %d", seed).isEqualTo(openNow(begun, ended));
                    List<Long> openings = new ArrayList<>(journal.unfinished().keySet());
                    Map<Long, String> names = new HashMap<>();
                    journal.unfinished()
                            .forEach((sequence, payload) ->
                                    names.put(sequence, new String(payload, StandardCharsets.UTF_8)));
                    for (int step = random.nextInt(400); step > 0; step--) {
                        if (random.nextInt(3) == 0) {
                            String name = "entry " + life + "/" + step;
                            long sequence = open(journal, name);
                            if (sequence > 0) {
                                openings.add(sequence);
                                names.put(sequence, name);
                                begun.add(name);
                            }
                        } else if (random.nextBoolean() && !openings.isEmpty()) {
                            long opening = openings.remove(random.nextInt(openings.size()));
                            if (close(journal, opening, "end") > 0) {
                                ended.merge(names.getOrDefault(opening, ""), 1, Integer::sum);
                            }
                        } else {
                            journal.tryAppend(FILLER, 0, FILLER.length);
                        }
                        if (random.nextInt(20) == 0) {
                            journal.force();
                            journal.acknowledge(journal.forcedSequence());
                        }
                    }
                    journal.force();
                    current = quietCopy(journal, current, directory.resolve("entries" + seed + "-" + life));
                }
            }
            assertThat(ended.values()).as("seed %d", seed).allMatch(count -> count == 1);
        }
    }

    private static Set<String> openNow(Set<String> begun, Map<String, Integer> ended) {
        Set<String> open = new HashSet<>(begun);
        open.removeAll(ended.keySet());
        return open;
    }

    /** Copies when the journal's own threads have nothing to do, since a copy is not taken at one instant. */
    private static Path quietCopy(Journal journal, Path from, Path to) throws IOException {
        journal.acknowledge(journal.forcedSequence());
        eventually(() -> oneUsedTwoSpare(from), "one segment is written and two are spare");
        return copy(from, to);
    }

    /** Whether there is one segment with records, and two spares behind it. */
    private static boolean oneUsedTwoSpare(Path journal) {
        try {
            List<Boolean> activated = new ArrayList<>();
            for (Path file : Crash.segments(journal)) {
                try (FileChannel channel = FileChannel.open(file)) {
                    activated.add(Segment.header(channel) != null);
                }
            }
            return activated.equals(List.of(true, false, false));
        } catch (NoSuchFileException _) {
            return false;
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        }
    }

    @Test
    void endsInterruptedRequestsWithWhatTheirBeginningSaid() throws IOException {
        AuditRecord begun = AuditRecord.builder(AuditPhase.BEGIN, "proxy_request", 1_000_000)
                .requestId("r1")
                .projectId("p1")
                .actor(new AuditActor(AuditActor.Kind.TOKEN, "t1"))
                .path("/v1/chat/completions")
                .build();
        byte[] beginning = AuditEncoder.bytes(begun);
        Path crashed = directory.resolve("crashed");
        try (Journal journal = Journal.open(directory.resolve("a"), SMALL)) {
            journal.tryOpen(beginning, 0, beginning.length);
            open(journal, "not an audit record");
            copy(directory.resolve("a"), crashed);
        }
        try (Journal journal = Journal.open(crashed, SMALL)) {
            InterruptedRequests interrupted = new InterruptedRequests(journal, () -> Instant.ofEpochSecond(3));
            assertThat(interrupted.end()).isEqualTo(2);
            assertThat(interrupted.end()).isZero();
            journal.force();
            List<byte[]> payloads = journal.read(2, 10, 100_000).payloads();
            assertThat(payloads).hasSize(2);
            assertThat(AuditDecoder.decode(payloads.get(0)))
                    .isEqualTo(begun.toBuilder()
                            .phase(AuditPhase.END, 3_000_000)
                            .outcome(AuditOutcome.ERROR)
                            .reason("interrupted")
                            .elapsedMicros(2_000_000)
                            .build());
            assertThat(AuditDecoder.decode(payloads.get(1)).action()).isEqualTo("audit.unreadable");
        }
        try (Journal journal = Journal.open(crashed, SMALL)) {
            assertThat(new InterruptedRequests(journal, () -> Instant.ofEpochSecond(4)).end())
                    .isZero();
        }
    }
}
