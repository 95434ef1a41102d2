package io.latticegate.fhe.app.job;

import io.latticegate.fhe.app.http.Refusal;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One piece of {@link Work} on its way through a {@link JobQueue}. */
public final class Job {
    private final String id;
    private final String owner;
    private final String kind;
    private final JobQueue queue;
    private final Instant createdAt;
    private final long deadlineNanos;
    private final CompletableFuture<@Nullable Void> ending = new CompletableFuture<>();
    private @Nullable Work work;
    private JobState state = JobState.QUEUED;
    private @Nullable Refusal error;
    private @Nullable Instant startedAt;
    private @Nullable Instant endedAt;
    private volatile boolean stopped;

    /** Thrown by {@link #requireLive} where nobody wants the result any more. */
    public static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Stopped() {
            super("the job was stopped", null, false, false);
        }
    }

    Job(String id, String owner, Work work, JobQueue queue, Instant createdAt, long deadlineNanos) {
        this.id = id;
        this.owner = owner;
        this.work = work;
        this.kind = work.kind();
        this.queue = queue;
        this.createdAt = createdAt;
        this.deadlineNanos = deadlineNanos;
    }

    public String id() {
        return id;
    }

    /** The project that the job is of. */
    public String owner() {
        return owner;
    }

    public String kind() {
        return kind;
    }

    /** What it computes. @throws IllegalStateException when it has ended, and its operands are let go */
    public synchronized Work work() {
        Work current = work;
        if (current == null) {
            throw new IllegalStateException("job " + id + " has ended");
        }
        return current;
    }

    public synchronized JobState state() {
        return state;
    }

    /** Why it failed. */
    public synchronized @Nullable Refusal error() {
        return error;
    }

    public Instant createdAt() {
        return createdAt;
    }

    public synchronized @Nullable Instant startedAt() {
        return startedAt;
    }

    public synchronized @Nullable Instant endedAt() {
        return endedAt;
    }

    /** Completes, never exceptionally, when the job has ended, whichever way. */
    public CompletableFuture<@Nullable Void> ending() {
        return ending;
    }

    /** Whether somebody still wants the result. */
    public boolean live() {
        return !stopped && queue.nanoTime() - deadlineNanos < 0;
    }

    /** @throws Stopped when nobody wants the result any more, or it is too late */
    public void requireLive() {
        if (!live()) {
            throw new Stopped();
        }
    }

    /** Stops it: at once where it waits, at its next step where it runs. */
    public void cancel() {
        stopped = true;
        queue.stopped(this, JobState.CANCELLED, null);
    }

    /** Ends it with an error; the others that run with it go on. */
    public void fail(Refusal why) {
        end(JobState.FAILED, why);
    }

    /** The deadline has passed. */
    void expire() {
        stopped = true;
        queue.stopped(this, JobState.FAILED, late());
    }

    Refusal late() {
        return Refusal.deadline("The job's deadline has passed; ask for a later one with deadline_ms");
    }

    boolean tooLate() {
        return queue.nanoTime() - deadlineNanos >= 0;
    }

    synchronized boolean start(Instant now) {
        if (state != JobState.QUEUED) {
            return false;
        }
        state = JobState.RUNNING;
        startedAt = now;
        return true;
    }

    /** Whether this call ended it. */
    boolean end(JobState how, @Nullable Refusal why) {
        synchronized (this) {
            if (state.ended()) {
                return false;
            }
            state = how;
            error = why;
            endedAt = queue.now();
            work = null;
        }
        queue.ended(this);
        ending.complete(null);
        return true;
    }
}
