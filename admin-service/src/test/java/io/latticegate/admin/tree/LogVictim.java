package io.latticegate.admin.tree;

import io.latticegate.admin.audit.AuditStore;
import io.latticegate.common.journal.AuditEncoder;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.journal.Durability;
import io.latticegate.common.journal.FaultyDevice;
import io.latticegate.common.journal.Journal;
import io.latticegate.common.journal.JournalBatch;
import io.latticegate.common.journal.JournalOptions;
import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreFault;
import io.latticegate.common.store.StoreLocation;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A process that journals from three threads, reports each entry once it is durable, delivers the journal into the audit
 * store and signs heads, until it is killed or, at a point given in advance, kills itself without any last word.
 */
final class LogVictim {
    static final JournalOptions OPTIONS = JournalOptions.defaults()
            .withSizes(128 << 10, 16L * (128 << 10))
            .withForceInterval(Duration.ofMillis(1))
            .withDurability(Durability.DISK);

    /** Ends as SIGKILL does: no shutdown hook, no flush. */
    static final int HALTED = 137;

    /** What is refused to sign ends with this instead. */
    static final int REFUSED = 3;

    /** In place of a point: the device of the journal fills up once on the way, and the store with it. */
    static final String FULL = "full";

    private static final int FULL_AFTER = 60;
    private static final int REFUSALS_WHILE_FULL = 20;

    private final String point;
    private final AtomicLong countdown;
    private final FaultyDevice device = new FaultyDevice(this::reached);
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final FileOutputStream reports = new FileOutputStream(FileDescriptor.out);

    private LogVictim(String point, long count) {
        this.point = point;
        this.countdown = new AtomicLong(count);
    }

    /** What an entry is recognised by, as it stands in its bytes. */
    static String requestId(long number) {
        return HexFormat.of().toHexDigits(number);
    }

    /** Arguments: folder, point and how often it is passed before it ends the process. */
    public static void main(String[] arguments) throws IOException {
        System.setOut(System.err); // what a library prints must not get between the reports
        new LogVictim(arguments[1], Long.parseLong(arguments[2])).run(Path.of(arguments[0]));
    }

    private void reached(String here) {
        if (here.equals(point) && countdown.decrementAndGet() == 0) {
            Runtime.getRuntime().halt(HALTED);
        }
    }

    private void run(Path folder) throws IOException {
        Journal journal = device.open(folder.resolve("journal"), OPTIONS);
        Database database = Database.open("audit", new StoreLocation.Sqlite(folder));
        TransparencyLog log =
                new TransparencyLog(database, "kill", folder, InstantSource.system(), new SimpleMeterRegistry());
        for (int thread = 0; thread < 3; thread++) {
            SplittableRandom random = new SplittableRandom(System.nanoTime() + thread);
            Thread.ofPlatform().start(() -> append(journal, random));
        }
        Thread.ofPlatform().start(() -> deliver(journal, database));
        Thread.ofPlatform().start(() -> sign(log));
        if (point.equals(FULL)) {
            Thread.ofPlatform().start(this::fillUp);
        }
    }

    private void append(Journal journal, SplittableRandom random) {
        while (true) {
            AuditPhase phase = random.nextInt(3) == 0 ? AuditPhase.BEGIN : AuditPhase.EVENT;
            long number = random.nextLong();
            byte[] entry = AuditEncoder.bytes(AuditRecord.builder(phase, "kill", System.currentTimeMillis() * 1_000)
                    .requestId(requestId(number))
                    .path("x".repeat(random.nextInt(900)))
                    .build());
            long sequence = journal.tryAppend(entry, 0, entry.length);
            if (sequence < 0 || !durable(journal, sequence)) {
                refused.incrementAndGet();
                LockSupport.parkNanos(200_000);
                continue;
            }
            report(sequence, number);
            accepted.incrementAndGet();
        }
    }

    private static boolean durable(Journal journal, long sequence) {
        try {
            journal.durable(sequence).toCompletableFuture().join();
            return true;
        } catch (CompletionException failed) {
            return false;
        }
    }

    private void deliver(Journal journal, Database database) {
        AuditStore store = LogOnDisk.store(database, InstantSource.system());
        while (true) {
            try {
                JournalBatch batch = journal.read(journal.acknowledged(), 50, 64 << 10);
                if (batch.isEmpty()) {
                    LockSupport.parkNanos(500_000);
                    continue;
                }
                if (point.equals(FULL) && full()) {
                    LockSupport.parkNanos(500_000);
                    continue;
                }
                database.inTransaction(connection ->
                        store.append(connection, journal.nodeId().toString(), batch.firstSequence(), batch.payloads()));
                reached("stored");
                journal.acknowledge(batch.lastSequence());
                reached("acknowledged");
            } catch (StoreFault fault) {
                LockSupport.parkNanos(500_000);
            } catch (IOException fault) {
                throw new UncheckedIOException(fault);
            }
        }
    }

    private void sign(TransparencyLog log) {
        while (true) {
            log.tend();
            if (!log.health().healthy()) {
                System.err.println(log.health().detail());
                Runtime.getRuntime().halt(REFUSED);
            }
            reached("signed");
            LockSupport.parkNanos(2_000_000);
        }
    }

    private boolean full() {
        return accepted.get() >= FULL_AFTER && refused.get() < REFUSALS_WHILE_FULL;
    }

    /** While the device is full nothing is delivered either, so that the journal fills up and refuses. */
    private void fillUp() {
        while (accepted.get() < FULL_AFTER) {
            LockSupport.parkNanos(100_000);
        }
        device.full(true);
        while (refused.get() < REFUSALS_WHILE_FULL) {
            LockSupport.parkNanos(100_000);
        }
        device.full(false);
    }

    /** One write of 16 bytes to a pipe is whole or absent (POSIX, PIPE_BUF). */
    private void report(long sequence, long number) {
        try {
            reports.write(
                    ByteBuffer.allocate(16).putLong(sequence).putLong(number).array());
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        }
    }
}
