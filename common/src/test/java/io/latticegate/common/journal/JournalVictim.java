package io.latticegate.common.journal;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.CRC32;

/** A process that appends from four threads and reports each accepted append, until it is killed. */
final class JournalVictim {
    static final JournalOptions OPTIONS = Crash.SMALL.withSizes(Crash.SEGMENT_BYTES, 64L * Crash.SEGMENT_BYTES);

    private JournalVictim() {}

    static int hash(byte[] payload) {
        CRC32 crc = new CRC32();
        crc.update(payload);
        return (int) crc.getValue();
    }

    static String text(byte[] payload) {
        return new String(payload, StandardCharsets.UTF_8);
    }

    public static void main(String[] arguments) throws Exception {
        Journal journal = Journal.open(Path.of(arguments[0]), OPTIONS);
        FileOutputStream reports = new FileOutputStream(FileDescriptor.out);
        for (int thread = 0; thread < 4; thread++) {
            SplittableRandom random = new SplittableRandom(System.nanoTime() + thread);
            Thread.ofPlatform().start(() -> append(journal, random, reports));
        }
    }

    private static void append(Journal journal, SplittableRandom random, FileOutputStream reports) {
        List<Long> open = new ArrayList<>();
        while (true) {
            int kind = random.nextInt(3);
            boolean opens = kind == 0 && open.size() < 50;
            boolean ends = kind == 1 && !open.isEmpty();
            long opening = ends ? open.removeLast() : 0;
            String start = opens ? "open" : ends ? "end of " + opening + "." : "event";
            byte[] payload = (start + "x".repeat(random.nextInt(400))).getBytes(StandardCharsets.UTF_8);
            long sequence;
            if (ends) {
                sequence = journal.tryClose(opening, payload, 0, payload.length);
            } else if (opens) {
                sequence = journal.tryOpen(payload, 0, payload.length);
            } else {
                sequence = journal.tryAppend(payload, 0, payload.length);
            }
            if (sequence > 0) {
                if (opens) {
                    open.add(sequence);
                }
                report(reports, sequence, hash(payload));
            } else {
                if (ends) {
                    open.add(opening);
                }
                LockSupport.parkNanos(50_000);
            }
        }
    }

    /** One write of 12 bytes to a pipe is whole or absent (POSIX, PIPE_BUF). */
    private static void report(FileOutputStream reports, long sequence, int hash) {
        try {
            reports.write(ByteBuffer.allocate(12).putLong(sequence).putInt(hash).array());
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        }
    }
}
