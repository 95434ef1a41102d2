package io.latticegate.admin.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.admin.audit.AuditStore;
import io.latticegate.common.journal.Journal;
import io.latticegate.common.journal.JournalBatch;
import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreLocation;
import io.latticegate.verify.LogSource;
import io.latticegate.verify.Report;
import io.latticegate.verify.Verification;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What was acknowledged as durable is in the audit store once, under a head that verifies, however the process ended:
 * killed at random, at every point at which it reaches the disk, and with a full disk on the way. Every build does a few
 * rounds; {@code -Dlatticegate.kills=1000} does that many.
 */
class KilledLogTest {
    private static final int KILLS = Integer.getInteger("latticegate.kills", 16);
    private static final String SIGKILL = "none";

    /** How a process ends: by SIGKILL, or by itself at a point. */
    private static final List<String> ENDS = List.of(
            SIGKILL,
            "force-before",
            "force-after",
            "stored",
            LogVictim.FULL,
            "acknowledged",
            "signed",
            SIGKILL,
            "allocate-before",
            "allocate-after",
            "recycle-before",
            "recycle-after");

    @TempDir
    private Path folder;

    private final SplittableRandom random = new SplittableRandom(1_122);
    private final Map<Long, Long> acknowledged = new HashMap<>();

    @Test
    void keepsEveryAcknowledgedEntryOnceUnderAHeadThatVerifies() throws Exception {
        byte[] kept = new byte[0];
        for (int kill = 0; kill < KILLS; kill++) {
            runUntilItEnds(ENDS.get(kill % ENDS.size()));
            if (kill >= KILLS / 2 && kept.length == 0 && Files.exists(folder.resolve(LastSeenHead.FILE))) {
                kept = Files.readAllBytes(folder.resolve(LastSeenHead.FILE));
            }
        }
        deliverTheRest();

        try (LogOnDisk log = new LogOnDisk(new StoreLocation.Sqlite(folder), folder)) {
            log.log.tend();
            try (Stream<Path> files = Files.list(folder)) {
                assertThat(files)
                        .as("left behind by the killed")
                        .noneMatch(file -> String.valueOf(file.getFileName()).startsWith("."));
            }
            BitSet stored = stored(log.database);
            assertThat(acknowledged.keySet())
                    .as("acknowledged entries lost")
                    .allMatch(number -> stored.get(number.intValue()));
            assertThat(stored.length() - 1)
                    .as("numbers from 1 on without a gap")
                    .isEqualTo(stored.cardinality());
            assertThat(log.head().size()).isEqualTo(stored.cardinality());
            Report report = verify(log.files(), kept);
            assertThat(report.findings()).as(report.text()).isEmpty();
        }
        assertThat(acknowledged.size()).isGreaterThan(KILLS * 20);
    }

    private void runUntilItEnds(String end) throws Exception {
        long passes = end.startsWith("allocate") || end.startsWith("recycle")
                ? 1 + random.nextInt(2)
                : 1 + random.nextInt(60);
        int killAfter = end.equals(SIGKILL) ? 1 + random.nextInt(400) : end.equals(LogVictim.FULL) ? 1_500 : 900;
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx96m",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        LogVictim.class.getName(),
                        folder.toString(),
                        end,
                        Long.toString(passes))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        int accepted = 0;
        try (DataInputStream reports = new DataInputStream(process.getInputStream())) {
            while (true) {
                long sequence = reports.readLong();
                long number = reports.readLong();
                assertThat(acknowledged.put(sequence, number))
                        .as("number %d acknowledged twice", sequence)
                        .isNull();
                if (++accepted == killAfter) {
                    process.toHandle().destroyForcibly();
                }
            }
        } catch (EOFException ended) {
            assertThat(process.waitFor()).as("ended at %s", end).isEqualTo(LogVictim.HALTED);
        } finally {
            process.destroyForcibly();
        }
    }

    private void deliverTheRest() throws IOException {
        try (Journal journal = Journal.open(folder.resolve("journal"), LogVictim.OPTIONS);
                Database database = Database.open("audit", new StoreLocation.Sqlite(folder))) {
            AuditStore store = LogOnDisk.store(database, InstantSource.system());
            journal.force();
            for (JournalBatch batch = journal.read(journal.acknowledged(), 1_000, 1 << 20);
                    !batch.isEmpty();
                    batch = journal.read(journal.acknowledged(), 1_000, 1 << 20)) {
                JournalBatch next = batch;
                database.inTransaction(connection ->
                        store.append(connection, journal.nodeId().toString(), next.firstSequence(), next.payloads()));
                journal.acknowledge(batch.lastSequence());
            }
        }
    }

    /** The numbers that are stored; those that were acknowledged with the content that was. */
    private BitSet stored(Database database) {
        return database.read(connection -> {
            BitSet stored = new BitSet();
            try (var select = connection.prepareStatement(
                            "SELECT seq, payload FROM audit_log UNION ALL SELECT seq, payload FROM audit_begin");
                    var rows = select.executeQuery()) {
                while (rows.next()) {
                    long sequence = rows.getLong(1);
                    assertThat(stored.get((int) sequence))
                            .as("%d stored twice", sequence)
                            .isFalse();
                    stored.set((int) sequence);
                    Long number = acknowledged.get(sequence);
                    if (number != null) {
                        assertThat(new String(rows.getBytes(2), StandardCharsets.ISO_8859_1))
                                .as("entry %d", sequence)
                                .contains(LogVictim.requestId(number));
                    }
                }
            }
            return stored;
        });
    }

    private static Report verify(Map<String, byte[]> files, byte[] kept) {
        LogSource source = new LogSource() {
            @Override
            public Optional<byte[]> get(String name, int bytesMax) {
                return Optional.ofNullable(files.get(name));
            }

            @Override
            public String describe() {
                return "memory";
            }
        };
        assertThat(new String(kept, StandardCharsets.UTF_8)).startsWith("latticegate.audit/kill\n");
        return Verification.of(source, new Verification.Known(files.get("keys"), kept, 0));
    }
}
