package io.latticegate.common.journal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps spare segments ready and takes acknowledged ones back, on a platform thread. Before a segment goes, the entries
 * opened in it that are still open are written to the file {@code carried}.
 */
final class SpaceKeeper {
    private static final int SPARES_AHEAD = 2;
    private static final long RETRY_MILLIS = 1_000;
    private static final long STOP_MILLIS = 10_000;

    private final SegmentLog log;
    private final SegmentReader reader;
    private final Disk disk;
    private final Path directory;
    private final JournalOptions options;
    private final Semaphore wanted;
    private final Thread thread;
    private volatile boolean stopping;
    private volatile String fault = "";
    private final AtomicLong bytesInUse = new AtomicLong();
    private long nextIndex;
    private long unloadedTo;
    private final Deque<Segment> retired = new ArrayDeque<>();
    private SortedMap<Long, byte[]> carried;

    SpaceKeeper(
            SegmentLog log,
            SegmentReader reader,
            Disk disk,
            Path directory,
            JournalOptions options,
            Semaphore wanted,
            JournalDirectory.Found found) {
        this.log = log;
        this.reader = reader;
        this.disk = disk;
        this.directory = directory;
        this.options = options;
        this.wanted = wanted;
        this.carried = found.carried();
        nextIndex = 1;
        for (List<Segment> segments : List.of(found.segments(), found.spares())) {
            for (Segment segment : segments) {
                bytesInUse.addAndGet(segment.size());
                nextIndex = Math.max(nextIndex, segment.index() + 1);
            }
        }
        this.thread = Thread.ofPlatform().name("journal-space").daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Why the last attempt to make room failed, empty when it did not. */
    String fault() {
        return fault;
    }

    long bytesInUse() {
        return bytesInUse.get();
    }

    private void run() {
        try {
            while (!stopping) {
                work();
                if (wanted.tryAcquire(RETRY_MILLIS, TimeUnit.MILLISECONDS)) {
                    wanted.drainPermits();
                }
            }
        } catch (InterruptedException _) {
            fault = "the thread that allocates journal segments was interrupted";
        }
    }

    /** One round: takes acknowledged segments back and allocates what is missing. */
    void work() {
        try {
            recycle(reader.recyclable());
            reuse();
            unloadWritten();
            while (!stopping
                    && log.spareCount() < SPARES_AHEAD
                    && bytesInUse.get() + options.segmentBytes() <= options.maxBytes()) {
                Segment spare = disk.allocate(directory, nextIndex, options.segmentBytes());
                nextIndex++;
                log.addSpare(spare);
                bytesInUse.addAndGet(options.segmentBytes());
            }
            fault = "";
        } catch (IOException failed) {
            fault = String.valueOf(failed.getMessage());
        }
    }

    private void recycle(List<Segment> done) throws IOException {
        if (done.isEmpty()) {
            return;
        }
        carry(log.openThrough(done.getLast().lastSequence()));
        reader.detach(done);
        retired.addAll(done);
    }

    /** Oldest first: what is left after a crash must be contiguous. */
    private void reuse() throws IOException {
        while (!retired.isEmpty()) {
            Segment segment = retired.getFirst();
            if (segment.size() == options.segmentBytes() && log.spareCount() < SPARES_AHEAD) {
                Segment spare = disk.recycle(directory, segment, nextIndex);
                nextIndex++;
                log.addSpare(spare);
            } else {
                disk.delete(directory, segment);
                bytesInUse.addAndGet(-segment.size());
            }
            retired.removeFirst();
        }
    }

    /** Otherwise what waits to be delivered would count as this process's memory, up to the journal's size. */
    private void unloadWritten() {
        Segment[] live = log.live();
        for (int i = 0; i < live.length - 1; i++) {
            if (live[i].index() > unloadedTo) {
                live[i].unload();
                unloadedTo = live[i].index();
            }
        }
    }

    private void carry(long[] open) throws IOException {
        SortedMap<Long, byte[]> next = new TreeMap<>();
        List<Long> unknown = new ArrayList<>();
        for (long opening : open) {
            byte[] known = carried.get(opening);
            if (known == null) {
                unknown.add(opening);
            } else {
                next.put(opening, known);
            }
        }
        reader.copyPayloads(unknown, next);
        if (!next.keySet().equals(carried.keySet())) {
            CarriedEntries.save(directory, next);
            carried = next;
        }
    }

    void stop() throws IOException {
        stopping = true;
        wanted.release();
        Journal.join(thread, STOP_MILLIS);
        retired.forEach(Segment::unmap);
    }
}
