package io.latticegate.common.journal;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Forces what was appended, all of it at once, on a platform thread: every force interval, and at once when somebody waits
 * for durability. Those who come while a force runs share the next one.
 *
 * <p>After a failed force the kernel may have marked the pages clean without having written them, so a second force alone
 * proves nothing (P. Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020). The retry therefore
 * writes every page again, forces, and reads all records back; only then are appends accepted again.
 */
final class GroupCommit {
    private static final CompletionStage<Void> DONE = CompletableFuture.completedStage(null);
    private static final int MAX_WAITERS = 1 << 16;
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long STOP_MILLIS = 10_000;

    private record Waiter(long sequence, CompletableFuture<Void> done) {}

    private final SegmentLog log;
    private final SegmentReader reader;
    private final Disk disk;
    private final JournalOptions options;
    private final long retryNanos;
    private final Semaphore wanted = new Semaphore(0);
    private final Queue<Waiter> arriving = new ConcurrentLinkedQueue<>();
    private final Deque<Waiter> waiting = new ArrayDeque<>();
    private final AtomicInteger waiters = new AtomicInteger();
    private final ReentrantLock forceLock = new ReentrantLock();
    private final Thread thread;
    private volatile boolean stopping;
    private long failedAtNanos;

    GroupCommit(SegmentLog log, SegmentReader reader, Disk disk, JournalOptions options) {
        this.log = log;
        this.reader = reader;
        this.disk = disk;
        this.options = options;
        this.retryNanos = Math.min(RETRY_NANOS, 20 * options.forceInterval().toNanos());
        this.thread = Thread.ofPlatform().name("journal-force").daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    CompletionStage<Void> durable(long sequence) {
        if (options.durability() == Durability.PROCESS || sequence <= log.forced()) {
            return DONE;
        }
        if (waiters.incrementAndGet() > MAX_WAITERS) {
            waiters.decrementAndGet();
            return CompletableFuture.failedStage(
                    new IOException("more than " + MAX_WAITERS + " appends wait for the disk"));
        }
        CompletableFuture<Void> done = new CompletableFuture<>();
        arriving.add(new Waiter(sequence, done));
        wanted.release();
        return done;
    }

    private void run() {
        try {
            while (!stopping) {
                if (wanted.tryAcquire(options.forceInterval().toNanos(), TimeUnit.NANOSECONDS)) {
                    wanted.drainPermits();
                }
                forceOnce();
            }
        } catch (InterruptedException _) {
            log.fail("the thread that forces the journal was interrupted");
        }
    }

    /** Forces what is there now, unless a failure is too recent. Returns why it failed, empty when it did not. */
    String forceOnce() {
        forceLock.lock();
        try {
            String failure = log.failure();
            if (!failure.isEmpty()) {
                failure = retry(failure);
            } else {
                SegmentLog.Unforced unforced = log.unforced();
                if (!unforced.stretches().isEmpty()) {
                    failure = force(unforced);
                }
            }
            release(failure);
            return failure;
        } finally {
            forceLock.unlock();
        }
    }

    private String force(SegmentLog.Unforced unforced) {
        try {
            for (SegmentLog.Stretch stretch : unforced.stretches()) {
                disk.force(stretch.segment(), stretch.from(), stretch.to());
            }
            log.forced(unforced);
            return "";
        } catch (IOException fault) {
            return failed("the journal cannot be forced to disk: " + fault.getMessage());
        }
    }

    private String retry(String failure) {
        if (failedAtNanos != 0 && System.nanoTime() - failedAtNanos < retryNanos) {
            return failure;
        }
        SegmentLog.Unforced unforced = log.unforced();
        try {
            for (SegmentLog.Stretch stretch : unforced.stretches()) {
                stretch.segment().dirtyAgain(stretch.from(), stretch.to());
                disk.force(stretch.segment(), stretch.from(), stretch.to());
            }
            long damaged = reader.firstDamaged(unforced);
            if (damaged != 0) {
                return failed(
                        "journal record " + damaged + " did not survive a failure of the disk; restart on an intact"
                                + " disk with an empty journal directory");
            }
            log.forced(unforced);
            return "";
        } catch (IOException | InternalError fault) {
            return failed("the journal cannot be forced to disk: " + fault.getMessage());
        }
    }

    private String failed(String reason) {
        failedAtNanos = System.nanoTime();
        log.fail(reason);
        return reason;
    }

    private void release(String failure) {
        for (Waiter waiter = arriving.poll(); waiter != null; waiter = arriving.poll()) {
            waiting.add(waiter);
        }
        for (int count = waiting.size(); count > 0; count--) {
            Waiter waiter = waiting.removeFirst();
            if (waiter.sequence() <= log.forced()) {
                waiters.decrementAndGet();
                waiter.done().complete(null);
            } else if (!failure.isEmpty()) {
                waiters.decrementAndGet();
                waiter.done().completeExceptionally(new IOException(failure));
            } else {
                waiting.addLast(waiter);
            }
        }
    }

    /** Stops the thread and forces once more. The log must refuse appends already. */
    void stop() throws IOException {
        stopping = true;
        wanted.release();
        Journal.join(thread, STOP_MILLIS);
        failedAtNanos = 0;
        String failure = forceOnce();
        if (!failure.isEmpty()) {
            throw new IOException(failure);
        }
    }
}
