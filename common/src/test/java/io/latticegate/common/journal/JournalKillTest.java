package io.latticegate.common.journal;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalKillTest {
    private static final int KILLS = 24;

    @TempDir
    private Path directory;

    @Test
    void losesNothingAcceptedAndEndsEverythingOnceWhenKilledAgainAndAgain() throws Exception {
        SplittableRandom random = new SplittableRandom(42);
        Map<Long, byte[]> delivered = new HashMap<>();
        Map<Long, Integer> reported = new HashMap<>();
        for (int kill = 0; kill < KILLS; kill++) {
            Map<Long, Integer> accepted = runAndKill(200 + random.nextInt(6000));
            assertThat(accepted).as("kill %d", kill).isNotEmpty();
            reported.putAll(accepted);
            deliverAndEnd(delivered);
            accepted.forEach((sequence, hash) -> assertThat(JournalVictim.hash(requireNonNull(delivered.get(sequence))))
                    .as("record %d", sequence)
                    .isEqualTo(hash));
        }
        assertThat(delivered.keySet())
                .hasSize(Math.toIntExact(
                        delivered.keySet().stream().max(Long::compare).orElseThrow()));
        Set<Long> open = new HashSet<>();
        delivered.keySet().stream().sorted().forEach(sequence -> {
            String text = JournalVictim.text(requireNonNull(delivered.get(sequence)));
            if (text.startsWith("open")) {
                open.add(sequence);
            } else if (text.startsWith("end of ")) {
                long opening = Long.parseLong(text.substring(7, text.indexOf('.')));
                assertThat(open.remove(opening))
                        .as("first ending of %d", opening)
                        .isTrue();
            }
        });
        assertThat(open).isEmpty();
        assertThat(reported.size()).isGreaterThan(KILLS * 200);
    }

    /** Takes everything over, as the audit store would, and ends what the killed process had open. */
    private void deliverAndEnd(Map<Long, byte[]> delivered) throws IOException {
        try (Journal journal = Journal.open(directory, JournalVictim.OPTIONS)) {
            for (long opening : journal.unfinished().keySet()) {
                assertThat(Crash.close(journal, opening, "end of " + opening + "."))
                        .isPositive();
            }
            journal.force();
            long position = journal.acknowledged();
            while (position < journal.forcedSequence()) {
                JournalBatch batch = journal.read(position, 1000, 1 << 20);
                for (int i = 0; i < batch.payloads().size(); i++) {
                    delivered.put(batch.firstSequence() + i, batch.payloads().get(i));
                }
                position = batch.lastSequence();
                journal.acknowledge(position);
            }
        }
    }

    /** Returns hashes, by sequence, of the appends that the process reported as accepted before it was killed. */
    private Map<Long, Integer> runAndKill(int after) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx64m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                JournalVictim.class.getName(),
                directory.toString()));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Map<Long, Integer> accepted = new HashMap<>();
        try (DataInputStream reports = new DataInputStream(process.getInputStream())) {
            while (true) {
                long sequence = reports.readLong();
                int hash = reports.readInt();
                assertThat(accepted.put(sequence, hash)).isNull();
                if (accepted.size() == after) {
                    process.toHandle().destroyForcibly();
                }
            }
        } catch (EOFException _) {
            assertThat(process.waitFor()).as("ended by SIGKILL").isEqualTo(128 + 9);
        } finally {
            process.destroyForcibly();
        }
        return accepted;
    }
}
