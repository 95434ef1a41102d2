package io.latticegate.common.journal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The records in memory-mapped segments, and the end at which they are written.
 *
 * <p>One lock, held for some hundred nanoseconds, guards the writing end; {@link SegmentReader} is the other end. What was
 * forced is never written again, so it is read without that lock.
 */
final class SegmentLog {
    private static final int SPINS = 200;
    private static final int TYPICAL_RECORD_BYTES = 1024;

    private final JournalOptions options;
    private final UUID node;
    private final Positions positions;
    private final Semaphore spaceWanted;
    private final ReentrantLock appendLock = new ReentrantLock();

    private final Deque<Segment> spares = new ArrayDeque<>();
    private final OpenSequences open;
    private Segment active;
    private String failure = "";
    private boolean closed;
    private long refusals;
    private long spareBytes;
    private long appendedBytes;
    private volatile Segment[] live;
    private volatile long last;
    private volatile long forced;

    /** A stretch of a segment that is not known to be on the device. */
    record Stretch(Segment segment, int from, int to) {}

    /** Everything up to the record {@code last} that is not known to be on the device. */
    record Unforced(List<Stretch> stretches, long last) {}

    /**
     * @param found what recovery read: at least one segment, the last one is written next, all of it forced
     * @param spaceWanted released when a spare was used or a segment fully acknowledged
     */
    SegmentLog(JournalOptions options, JournalDirectory.Found found, Semaphore spaceWanted) {
        this.options = options;
        this.node = found.node();
        this.positions = found.positions();
        this.live = found.segments().toArray(Segment[]::new);
        this.active = found.segments().getLast();
        this.spaceWanted = spaceWanted;
        for (Segment spare : found.spares()) {
            spares.addLast(spare);
            spareBytes += spare.size() - Segment.HEADER_BYTES;
        }
        this.open = new OpenSequences(options.maxOpen(), found.unfinished().keySet());
        this.last = active.lastSequence();
        this.forced = last;
        for (Segment segment : live) {
            appendedBytes += segment.end() - Segment.HEADER_BYTES;
        }
        positions.forced(forced);
    }

    /**
     * Appends one record.
     *
     * @param opening 0 for a plain record, {@link Journal#OPENS} for one that opens an entry, else the sequence of the
     *     opening that this record closes
     * @return the sequence, or one of the refusals of {@link Journal}
     */
    long append(long opening, byte[] buffer, int offset, int length) {
        try {
            acquireBriefly();
            try {
                int bytes = Segment.recordBytes(length);
                long refusal = refusal(opening, length, bytes);
                if (refusal < 0) {
                    refusals++;
                    return refusal;
                }
                return write(opening, buffer, offset, length, bytes);
            } finally {
                appendLock.unlock();
            }
        } catch (InternalError fault) {
            fail("the mapped memory of the journal faulted: its file was truncated or its device failed ("
                    + fault.getMessage() + ")");
            return Journal.FAILED;
        }
    }

    /** Why the append cannot be, 0 when it can. */
    private long refusal(long opening, int length, int bytes) {
        if (closed) {
            return Journal.CLOSED;
        }
        if (!failure.isEmpty()) {
            return Journal.FAILED;
        }
        if (length < 1 || length > Segment.MAX_PAYLOAD_BYTES) {
            return Journal.BAD_SIZE;
        }
        if (opening == Journal.OPENS && open.isFull()) {
            return Journal.TOO_MANY_OPEN;
        }
        if (opening > 0 && !open.contains(opening)) {
            return Journal.NOT_OPEN;
        }
        return free(bytes) - bytes < (opening > 0 ? 0 : options.reserveBytes()) ? Journal.NO_SPACE : 0;
    }

    private long write(long opening, byte[] buffer, int offset, int length, int bytes) {
        if (active.remaining() < bytes) {
            Segment next = spares.removeFirst();
            spareBytes -= next.size() - Segment.HEADER_BYTES;
            next.activate(node, last + 1);
            Segment[] more = Arrays.copyOf(live, live.length + 1);
            more[live.length] = next;
            active = next;
            live = more;
            spaceWanted.release();
        }
        long sequence = last + 1;
        active.put(opening == Journal.OPENS ? sequence : opening, buffer, offset, length);
        last = sequence;
        appendedBytes += bytes;
        if (opening == Journal.OPENS) {
            open.add(sequence);
        } else if (opening != 0) {
            open.remove(opening);
        }
        return sequence;
    }

    /** Bytes that records can still take when the next one needs {@code bytes}. */
    private long free(int bytes) {
        return active.remaining() < bytes ? spareBytes : spareBytes + active.remaining();
    }

    private void acquireBriefly() {
        for (int spin = 0; spin < SPINS; spin++) {
            if (appendLock.tryLock()) {
                return;
            }
            Thread.onSpinWait();
        }
        appendLock.lock();
    }

    /** What was appended and is not known to be on the device; without stretches when there is nothing. */
    Unforced unforced() {
        acquireBriefly();
        try {
            List<Stretch> stretches = new ArrayList<>();
            for (Segment segment : live) {
                if (segment.forcedTo() < segment.end()) {
                    stretches.add(new Stretch(segment, segment.forcedTo(), segment.end()));
                }
            }
            return new Unforced(stretches, last);
        } finally {
            appendLock.unlock();
        }
    }

    /** Notes that all of it is on the device, and that appends may go on if they were refused for it. */
    void forced(Unforced done) {
        acquireBriefly();
        try {
            for (Stretch stretch : done.stretches()) {
                stretch.segment().forcedTo(stretch.to());
            }
            positions.forced(done.last());
            forced = done.last();
            failure = "";
        } finally {
            appendLock.unlock();
        }
    }

    /** Refuses appends until the next {@link #forced(Unforced)}. */
    void fail(String reason) {
        acquireBriefly();
        try {
            failure = reason;
        } finally {
            appendLock.unlock();
        }
    }

    /** Entries that were opened up to that record and are still open, ascending. */
    long[] openThrough(long sequence) {
        acquireBriefly();
        try {
            return open.through(sequence);
        } finally {
            appendLock.unlock();
        }
    }

    /** The segments that hold records, oldest first; the last one is being written. Not to be changed. */
    Segment[] live() {
        return live;
    }

    /** Takes the oldest segments out; the caller sees to it that nobody reads them. */
    void detach(int oldest) {
        acquireBriefly();
        try {
            live = Arrays.copyOfRange(live, oldest, live.length);
        } finally {
            appendLock.unlock();
        }
    }

    void addSpare(Segment spare) {
        acquireBriefly();
        try {
            spares.addLast(spare);
            spareBytes += spare.size() - Segment.HEADER_BYTES;
        } finally {
            appendLock.unlock();
        }
    }

    int spareCount() {
        acquireBriefly();
        try {
            return spares.size();
        } finally {
            appendLock.unlock();
        }
    }

    long last() {
        return last;
    }

    String failure() {
        acquireBriefly();
        try {
            return failure;
        } finally {
            appendLock.unlock();
        }
    }

    long forced() {
        return forced;
    }

    boolean isOpen(long opening) {
        acquireBriefly();
        try {
            return open.contains(opening);
        } finally {
            appendLock.unlock();
        }
    }

    /**
     * @param acknowledged the newest acknowledged record
     * @param acknowledgedBytes bytes of acknowledged records among those counted here
     * @param spaceFault why the last allocation failed, empty when it did not
     */
    JournalHealth health(long acknowledged, long acknowledgedBytes, String spaceFault, long segmentBytesInUse) {
        acquireBriefly();
        try {
            JournalHealth.State state = JournalHealth.State.OPEN;
            String reason = spaceFault;
            if (closed) {
                state = JournalHealth.State.CLOSED;
                reason = "the journal was closed";
            } else if (!failure.isEmpty()) {
                state = JournalHealth.State.FAILED;
                reason = failure;
            } else if (free(TYPICAL_RECORD_BYTES) - TYPICAL_RECORD_BYTES < options.reserveBytes()) {
                state = JournalHealth.State.FULL;
                reason = spaceFault.isEmpty()
                        ? "no room within " + options.maxBytes() + " bytes: " + (last - acknowledged)
                                + " records wait to be delivered"
                        : spaceFault;
            }
            return new JournalHealth(
                    state,
                    reason,
                    last,
                    forced,
                    acknowledged,
                    appendedBytes - acknowledgedBytes,
                    segmentBytesInUse,
                    open.size(),
                    refusals);
        } finally {
            appendLock.unlock();
        }
    }

    /** Refuses every append from now on. Returns whether it was open. */
    boolean close() {
        acquireBriefly();
        try {
            boolean wasOpen = !closed;
            closed = true;
            return wasOpen;
        } finally {
            appendLock.unlock();
        }
    }

    /** Unmaps every segment; no other thread may be using the log. */
    void unmap() {
        for (Segment segment : live) {
            segment.unmap();
        }
        spares.forEach(Segment::unmap);
    }
}
