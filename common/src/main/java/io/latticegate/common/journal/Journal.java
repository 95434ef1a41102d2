package io.latticegate.common.journal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;

/**
 * The write-ahead journal of one process: what it says is written before the deed.
 *
 * <p><b>Writing.</b> An append copies the record into a memory-mapped, pre-allocated file under a short lock: about a
 * microsecond, no system call, callable on an event loop. From then on the record survives the death of the process. A
 * thread forces all new records together every {@link JournalOptions#forceInterval()}; {@link #durable} tells when.
 * (A store to a page that the kernel is writing out may wait on devices that demand stable pages.)
 *
 * <p><b>Entries.</b> {@link #tryOpen} begins something that must end, {@link #tryClose} ends it, exactly once: what was
 * opened and not closed when the process died is in {@link #unfinished()} after the next start, however long ago its opening
 * record was delivered and its segment recycled.
 *
 * <p><b>Refusing.</b> Appends return a negative number, never an exception, when the bound is reached ({@link #NO_SPACE}) or
 * the device failed ({@link #FAILED}); {@link #health()} says why. A reserve is kept so that entries can still be closed.
 * Both conditions end by themselves when space or the device is back; retries run at least each second.
 *
 * <p><b>Delivering.</b> One consumer reads in order and acknowledges; delivery is at-least-once, and {@link #nodeId()} with
 * the sequence identifies a record for ever. Only records on the device are read.
 *
 * <p>Thread-safe. {@link #open} and {@link #close()} block; {@link #read} copies memory and may fault pages in.
 */
public final class Journal implements AutoCloseable {
    /** The longest payload in bytes. */
    public static final int MAX_PAYLOAD_BYTES = Segment.MAX_PAYLOAD_BYTES;

    /** Refusal: the bound is reached, or no further segment could be allocated in time. */
    public static final long NO_SPACE = -1;

    /** Refusal: the device failed. */
    public static final long FAILED = -2;

    /** Refusal: the journal was closed. */
    public static final long CLOSED = -3;

    /** Refusal: the payload is empty or longer than {@link #MAX_PAYLOAD_BYTES}. */
    public static final long BAD_SIZE = -4;

    /** Refusal: {@link JournalOptions#maxOpen()} entries are open. */
    public static final long TOO_MANY_OPEN = -5;

    /** Refusal: the entry to close was never opened, or is closed already. */
    public static final long NOT_OPEN = -6;

    /** Stands for the record's own sequence, which is known only under the lock. */
    static final long OPENS = -1;

    private final JournalDirectory directory;
    private final JournalDirectory.Found found;
    private final SegmentLog log;
    private final SegmentReader reader;
    private final GroupCommit commit;
    private final SpaceKeeper space;

    private Journal(
            JournalDirectory directory,
            JournalDirectory.Found found,
            SegmentLog log,
            SegmentReader reader,
            GroupCommit commit,
            SpaceKeeper space) {
        this.directory = directory;
        this.found = found;
        this.log = log;
        this.reader = reader;
        this.commit = commit;
        this.space = space;
    }

    /**
     * Opens or creates the journal in a directory that no other process uses.
     *
     * @throws JournalUnusableException if the directory is in use, damaged, or not of one node
     * @throws IOException if a file cannot be read, written or allocated
     */
    public static Journal open(Path directory, JournalOptions options) throws IOException {
        return open(directory, options, new Disk());
    }

    static Journal open(Path path, JournalOptions options, Disk disk) throws IOException {
        JournalDirectory directory = JournalDirectory.lock(path);
        boolean opened = false;
        try {
            JournalDirectory.Found found = directory.recover(options, disk);
            Semaphore spaceWanted = new Semaphore(0);
            SegmentLog log = new SegmentLog(options, found, spaceWanted);
            SegmentReader reader = new SegmentReader(log, found, spaceWanted);
            Journal journal = new Journal(
                    directory,
                    found,
                    log,
                    reader,
                    new GroupCommit(log, reader, disk, options),
                    new SpaceKeeper(log, reader, disk, path, options, spaceWanted, found));
            if (!journal.health().accepting()) {
                journal.space.work();
            }
            journal.commit.start();
            journal.space.start();
            opened = true;
            return journal;
        } finally {
            if (!opened) {
                directory.close();
            }
        }
    }

    /**
     * Appends a record that stands for itself.
     *
     * @return its sequence number, contiguous from 1, or a refusal (negative)
     */
    public long tryAppend(byte[] buffer, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, buffer.length);
        return log.append(0, buffer, offset, length);
    }

    /**
     * Appends a record that opens an entry.
     *
     * @return its sequence number, which {@link #tryClose} wants, or a refusal (negative): then nothing may be begun
     */
    public long tryOpen(byte[] buffer, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, buffer.length);
        return log.append(OPENS, buffer, offset, length);
    }

    /**
     * Appends the record that closes an entry; may use the reserve.
     *
     * @param opening what {@link #tryOpen} returned
     * @return its sequence number, or a refusal (negative): the entry is then still open
     */
    public long tryClose(long opening, byte[] buffer, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, buffer.length);
        return log.append(opening < 1 ? Long.MAX_VALUE : opening, buffer, offset, length);
    }

    /**
     * Completes when the record has the durability that the options promise: at once with {@link Durability#PROCESS}, after
     * a force with {@link Durability#DISK}, exceptionally when the force failed. Completes on the journal's thread; hop
     * before doing anything long.
     */
    public CompletionStage<Void> durable(long sequence) {
        return commit.durable(sequence);
    }

    /** What a refusal means, for a log line. */
    public static String refusal(long code) {
        return switch ((int) code) {
            case (int) NO_SPACE -> "no space";
            case (int) FAILED -> "device failed";
            case (int) CLOSED -> "closed";
            case (int) BAD_SIZE -> "payload size not in 1 to " + MAX_PAYLOAD_BYTES;
            case (int) TOO_MANY_OPEN -> "too many open entries";
            case (int) NOT_OPEN -> "entry not open";
            default -> throw new IllegalArgumentException(code + " is not a refusal");
        };
    }

    /** Opening records, by sequence, of entries that an earlier process opened and that are still open. */
    public SortedMap<Long, byte[]> unfinished() {
        SortedMap<Long, byte[]> open = new TreeMap<>(found.unfinished());
        open.keySet().removeIf(opening -> !log.isOpen(opening));
        return open;
    }

    /** What recovery cleared when the journal was opened, for a log line; empty when nothing. */
    public String recoveryNote() {
        return found.note();
    }

    /**
     * Records behind {@code afterSequence}, in order.
     *
     * @param afterSequence {@link #acknowledged()} at first, then the last sequence read
     * @param maxRecords at most so many records, 1 and more
     * @param maxBytes at most so many bytes of payload, but always one record when there is one
     * @throws IllegalArgumentException if those records were acknowledged and are gone
     * @throws IOException if a record on disk is damaged
     */
    public JournalBatch read(long afterSequence, int maxRecords, int maxBytes) throws IOException {
        if (afterSequence < 0 || maxRecords < 1 || maxBytes < 1) {
            throw new IllegalArgumentException("afterSequence " + afterSequence + ", maxRecords " + maxRecords
                    + ", maxBytes " + maxBytes + "; allowed: 0, 1, 1 and more");
        }
        return reader.read(afterSequence, maxRecords, maxBytes);
    }

    /**
     * Notes that the consumer has taken over every record up to and including {@code sequence}; lower values are ignored.
     * Survives the death of the process; after a power cut some records may be delivered again.
     */
    public void acknowledge(long sequence) {
        reader.acknowledge(sequence);
    }

    /** Random, made with the directory. */
    public UUID nodeId() {
        return found.node();
    }

    /** The newest record, 0 when there never was one. */
    public long lastSequence() {
        return log.last();
    }

    /** The newest record that is known to be on the device and can be read. */
    public long forcedSequence() {
        return log.forced();
    }

    /** The newest acknowledged record. */
    public long acknowledged() {
        return reader.acknowledged();
    }

    /** Bytes of records that are not acknowledged, their headers included. */
    public long backlogBytes() {
        return health().backlogBytes();
    }

    /** What the journal can do now. */
    public JournalHealth health() {
        return log.health(reader.acknowledged(), reader.acknowledgedBytes(), space.fault(), space.bytesInUse());
    }

    /** Forces what was appended so far; blocks. */
    public void force() throws IOException {
        String failure = commit.forceOnce();
        if (!failure.isEmpty()) {
            throw new IOException(failure);
        }
    }

    /**
     * Refuses appends, forces the rest and gives the directory back. Harmless the second time.
     *
     * @throws IOException if the rest could not be forced
     */
    @Override
    public void close() throws IOException {
        if (!log.close()) {
            return;
        }
        try (directory) {
            space.stop();
            try {
                commit.stop();
            } finally {
                reader.unmap();
            }
        }
    }

    static void join(Thread thread, long millis) throws IOException {
        try {
            thread.join(millis);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + thread.getName() + " was ending", interrupted);
        }
        if (thread.isAlive()) {
            throw new IOException(thread.getName() + " did not end within " + millis + " ms: the disk does not answer");
        }
    }
}
