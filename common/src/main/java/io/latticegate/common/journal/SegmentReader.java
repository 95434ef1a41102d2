package io.latticegate.common.journal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.CRC32C;

/**
 * The consumer's end of a {@link SegmentLog}: reading, acknowledging, and finding out which segments may go.
 *
 * <p>Its lock also guards the life of mapped segments and is always taken before that of the log. Only forced records are
 * read: what the consumer took over would otherwise be written anew, under the same sequence, after a power cut.
 */
final class SegmentReader {
    private final SegmentLog log;
    private final Positions positions;
    private final Semaphore spaceWanted;
    private final ReentrantLock readLock = new ReentrantLock();
    private final byte[] scratch = new byte[Segment.MAX_PAYLOAD_BYTES];
    private final CRC32C check = new CRC32C();
    private boolean unmapped;
    private Cursor reading;
    private Cursor acknowledging;
    private volatile long acknowledged;
    private final AtomicLong acknowledgedBytes = new AtomicLong();

    /** The next record to read: its segment, position and sequence. */
    private record Cursor(Segment segment, int position, long sequence) {}

    /** @param spaceWanted released when a segment is fully acknowledged */
    SegmentReader(SegmentLog log, JournalDirectory.Found found, Semaphore spaceWanted) {
        this.log = log;
        this.positions = found.positions();
        this.spaceWanted = spaceWanted;
        this.reading = start(log.live()[0]);
        this.acknowledging = reading;
        this.acknowledged = reading.sequence() - 1;
        acknowledge(found.acknowledged());
        positions.acknowledged(acknowledged);
    }

    private static Cursor start(Segment segment) {
        return new Cursor(segment, Segment.HEADER_BYTES, segment.firstSequence());
    }

    /** The first record of those stretches that does not read back as it was written, 0 when all do. */
    long firstDamaged(SegmentLog.Unforced written) {
        readLock.lock();
        try {
            for (SegmentLog.Stretch stretch : written.stretches()) {
                Segment segment = stretch.segment();
                Cursor cursor = start(segment);
                while (cursor.position() < stretch.to()) {
                    if (!segment.recordAt(cursor.position(), cursor.sequence(), scratch, check)) {
                        return cursor.sequence();
                    }
                    cursor = behind(cursor);
                }
            }
            return 0;
        } finally {
            readLock.unlock();
        }
    }

    private void requireMapped() {
        if (unmapped) {
            throw new IllegalStateException("the journal is closed");
        }
    }

    private static Cursor behind(Cursor cursor) {
        int bytes = Segment.recordBytes(cursor.segment().lengthAt(cursor.position()));
        return new Cursor(cursor.segment(), cursor.position() + bytes, cursor.sequence() + 1);
    }

    /** See {@link Journal#read}. */
    JournalBatch read(long afterSequence, int maxRecords, int maxBytes) throws IOException {
        readLock.lock();
        try {
            requireMapped();
            long limit = log.forced();
            List<byte[]> payloads = new ArrayList<>();
            if (afterSequence >= limit) {
                return new JournalBatch(Math.max(1, afterSequence + 1), payloads);
            }
            Cursor cursor = reading.sequence() == afterSequence + 1 ? reading : find(afterSequence + 1);
            int bytes = 0;
            while (cursor.sequence() <= limit && payloads.size() < maxRecords) {
                cursor = enter(cursor);
                Segment segment = cursor.segment();
                if (!segment.recordAt(cursor.position(), cursor.sequence(), scratch, check)) {
                    throw new JournalUnusableException("journal record " + cursor.sequence() + " at byte "
                            + cursor.position() + " of " + segment.path() + " is damaged although it was on disk. "
                            + JournalUnusableException.ADVICE);
                }
                int length = segment.lengthAt(cursor.position());
                if (!payloads.isEmpty() && bytes + length > maxBytes) {
                    break;
                }
                payloads.add(Arrays.copyOf(scratch, length));
                bytes += length;
                cursor = behind(cursor);
            }
            reading = cursor;
            return new JournalBatch(afterSequence + 1, payloads);
        } finally {
            readLock.unlock();
        }
    }

    private Cursor find(long sequence) {
        Segment[] segments = log.live();
        if (sequence < segments[0].firstSequence()) {
            throw new IllegalArgumentException("record " + sequence
                    + " was acknowledged and is gone; the first kept is " + segments[0].firstSequence());
        }
        int at = segments.length - 1;
        while (segments[at].firstSequence() > sequence) {
            at--;
        }
        Cursor cursor = start(segments[at]);
        while (cursor.sequence() < sequence) {
            cursor = behind(cursor);
        }
        return cursor;
    }

    /** The same record, in the segment that holds it when the cursor stands behind the last record of the one before. */
    private Cursor enter(Cursor cursor) {
        Segment[] segments = log.live();
        if (cursor.segment() == segments[segments.length - 1]
                || cursor.sequence() <= cursor.segment().lastSequence()) {
            return cursor;
        }
        return find(cursor.sequence());
    }

    /** See {@link Journal#acknowledge}. */
    final void acknowledge(long sequence) {
        readLock.lock();
        try {
            requireMapped();
            if (sequence > log.forced()) {
                throw new IllegalArgumentException("record " + sequence
                        + " cannot be acknowledged; the last one that could be read is " + log.forced());
            }
            if (sequence <= acknowledged) {
                return;
            }
            Cursor cursor = acknowledging;
            long bytes = 0;
            while (cursor.sequence() <= sequence) {
                Cursor record = enter(cursor);
                cursor = behind(record);
                bytes += cursor.position() - record.position();
            }
            acknowledging = cursor;
            acknowledgedBytes.addAndGet(bytes);
            acknowledged = sequence;
            positions.acknowledged(sequence);
            Segment[] segments = log.live();
            if (segments.length > 1 && segments[1].firstSequence() <= sequence + 1) {
                spaceWanted.release();
            }
        } finally {
            readLock.unlock();
        }
    }

    /** Segments of which every record is acknowledged, oldest first; never the one being written. */
    List<Segment> recyclable() {
        Segment[] segments = log.live();
        List<Segment> done = new ArrayList<>();
        for (int at = 0; at + 1 < segments.length && segments[at + 1].firstSequence() <= acknowledged + 1; at++) {
            done.add(segments[at]);
        }
        return done;
    }

    /** Copies the payloads of those records, ascending and still in mapped segments. */
    void copyPayloads(List<Long> sequences, Map<Long, byte[]> into) {
        readLock.lock();
        try {
            Cursor cursor = start(log.live()[0]);
            for (long sequence : sequences) {
                while (cursor.sequence() < sequence) {
                    cursor = behind(enter(cursor));
                }
                cursor = enter(cursor);
                into.put(sequence, cursor.segment().payloadAt(cursor.position()));
            }
        } finally {
            readLock.unlock();
        }
    }

    /** Takes the oldest segments out; nobody uses their memory afterwards. */
    void detach(List<Segment> oldest) throws IOException {
        positions.force();
        readLock.lock();
        try {
            log.detach(oldest.size());
            if (oldest.contains(reading.segment())) {
                reading = start(log.live()[0]);
            }
            if (oldest.contains(acknowledging.segment())) {
                acknowledging = start(log.live()[0]);
            }
        } finally {
            readLock.unlock();
        }
    }

    long acknowledged() {
        return acknowledged;
    }

    /** Bytes of acknowledged records among those that were there at the start or came since. */
    long acknowledgedBytes() {
        return acknowledgedBytes.get();
    }

    /** Forces the positions and unmaps everything; appends must have ended. */
    void unmap() throws IOException {
        readLock.lock();
        unmapped = true;
        try {
            positions.force();
        } finally {
            log.unmap();
            positions.unmap();
            readLock.unlock();
        }
    }
}
