package io.latticegate.fhe.app.job;

import io.latticegate.fhe.app.http.Refusal;
import io.latticegate.fhe.core.ring.BackendUnavailableException;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Jobs that wait in their order for one of a fixed number of platform threads. Everything is bounded: how many wait, how many
 * of one owner (half of that), what all hold in memory, how long each may take. What is beyond a bound is refused at once, so
 * that a client can go elsewhere.
 *
 * <p>Batches: a worker that takes a job also takes those behind it whose works have the same key. Under load batches grow by
 * themselves, and when idle a job runs alone.
 */
public final class JobQueue implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JobQueue.class);
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final int ID_BYTES = 16;

    private final int waitingMax;
    private final Memory memory;
    private final MeterRegistry metrics;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final SecureRandom random;
    private final JobTable table;
    private final ScheduledThreadPoolExecutor timer;
    private final List<Thread> workers = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final ArrayDeque<Job> waiting = new ArrayDeque<>();
    private int running;
    private int lastBatch;
    private int largestBatch;
    private boolean closed;

    /**
     * Starts the workers.
     *
     * @param memoryBytes what all jobs may hold together
     */
    public JobQueue(
            int workers,
            int waitingMax,
            long memoryBytes,
            MeterRegistry metrics,
            InstantSource clock,
            LongSupplier nanoTime,
            SecureRandom random) {
        this.waitingMax = waitingMax;
        this.memory = new Memory(memoryBytes);
        this.metrics = metrics;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.random = random;
        this.table = new JobTable(clock);
        this.timer = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().name("fhe-deadline").daemon().factory());
        timer.setRemoveOnCancelPolicy(true);
        Gauge.builder("fhe.jobs.waiting", this, JobQueue::waiting)
                .description("Jobs that wait for a worker")
                .register(metrics);
        Gauge.builder("fhe.jobs.running", this, JobQueue::running)
                .description("Jobs that workers compute")
                .register(metrics);
        Gauge.builder("fhe.jobs.memory", memory, Memory::taken)
                .description("What jobs hold in ciphertexts")
                .baseUnit("bytes")
                .register(metrics);
        for (int i = 0; i < workers; i++) {
            this.workers.add(
                    Thread.ofPlatform().name("fhe-worker-" + i).daemon().start(this::work));
        }
    }

    /** Jobs that have not been forgotten, by owner. */
    public JobTable table() {
        return table;
    }

    /**
     * Sets memory aside before a body is read.
     *
     * @throws Refusal 503 where the queue is full, or what jobs hold would be more than allowed
     */
    public Place reserve(long bytes) {
        lock.lock();
        try {
            requireRoom();
        } finally {
            lock.unlock();
        }
        return new Place(memory, bytes);
    }

    private void requireRoom() {
        if (closed) {
            throw Refusal.overloaded("The service is stopping");
        }
        if (waiting.size() >= waitingMax) {
            throw Refusal.overloaded(waiting.size() + " jobs wait; more are not taken");
        }
    }

    /**
     * Puts work into the queue.
     *
     * @param id the client's name for the job, or null for one of ours
     * @param place held until the job has ended
     * @throws Refusal 503 where the queue is full, 400 where the id is malformed or of a job that is known
     */
    public Job submit(String owner, @Nullable String id, Work work, Duration limit, Place place) {
        if (id != null && !ID.matcher(id).matches()) {
            throw Refusal.invalid("The member job is malformed; allowed are 1 to 64 letters, digits, dots, hyphens and"
                    + " underscores that begin with a letter or digit");
        }
        Job job = new Job(
                id == null ? freshId() : id,
                owner,
                work,
                this,
                clock.instant(),
                nanoTime.getAsLong() + limit.toNanos());
        lock.lock();
        try {
            requireRoom();
            long own = waiting.stream()
                    .filter(other -> other.owner().equals(owner))
                    .count();
            if (own >= (waitingMax + 1) / 2) {
                throw Refusal.overloaded(own + " jobs of this project wait, half of what the queue takes");
            }
            table.add(job);
            waiting.addLast(job);
            arrived.signal();
        } finally {
            lock.unlock();
        }
        place.hold();
        var expiry = timer.schedule(job::expire, limit.toNanos(), TimeUnit.NANOSECONDS);
        var unused = job.ending().thenRun(() -> {
            expiry.cancel(false);
            place.release();
        });
        return job;
    }

    private String freshId() {
        byte[] bits = new byte[ID_BYTES];
        random.nextBytes(bits);
        return HexFormat.of().formatHex(bits);
    }

    public int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    public int running() {
        lock.lock();
        try {
            return running;
        } finally {
            lock.unlock();
        }
    }

    public int workers() {
        return workers.size();
    }

    /** How many jobs the last batch had; 0 before the first. */
    public int lastBatch() {
        lock.lock();
        try {
            return lastBatch;
        } finally {
            lock.unlock();
        }
    }

    /** How many jobs the largest batch had since the start. */
    public int largestBatch() {
        lock.lock();
        try {
            return largestBatch;
        } finally {
            lock.unlock();
        }
    }

    /** The bytes that jobs hold together now. */
    public long memoryTakenBytes() {
        return memory.taken();
    }

    /** The most bytes that jobs may hold together. */
    public long memoryBytes() {
        return memory.bytesMax();
    }

    long nanoTime() {
        return nanoTime.getAsLong();
    }

    Instant now() {
        return clock.instant();
    }

    /** A job that somebody stopped: ends at once if it waits. */
    void stopped(Job job, JobState how, @Nullable Refusal why) {
        boolean waited;
        lock.lock();
        try {
            waited = waiting.remove(job);
        } finally {
            lock.unlock();
        }
        if (waited) {
            job.end(how, why);
        }
    }

    void ended(Job job) {
        Instant started = job.startedAt();
        Timer.builder("fhe.jobs.duration")
                .description("Time from a job's arrival to its end")
                .tag("kind", job.kind())
                .tag("state", job.state().wireName())
                .register(metrics)
                .record(Duration.between(job.createdAt(), now()));
        if (started != null) {
            Timer.builder("fhe.jobs.wait")
                    .description("Time that a job waits for a worker")
                    .tag("kind", job.kind())
                    .register(metrics)
                    .record(Duration.between(job.createdAt(), started));
        }
    }

    private void work() {
        while (true) {
            List<Job> batch;
            try {
                batch = take();
            } catch (InterruptedException closing) {
                return;
            }
            if (batch.isEmpty()) {
                continue;
            }
            DistributionSummary.builder("fhe.jobs.batch")
                    .description("Jobs that ran in one go")
                    .tag("kind", batch.getFirst().kind())
                    .register(metrics)
                    .record(batch.size());
            try {
                run(batch);
            } finally {
                ran(batch.size());
            }
        }
    }

    private void ran(int jobs) {
        lock.lock();
        try {
            running -= jobs;
        } finally {
            lock.unlock();
        }
    }

    private List<Job> take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (waiting.isEmpty()) {
                arrived.await();
            }
            List<Job> batch = new ArrayList<>();
            Job first = waiting.removeFirst();
            Work work = first.work();
            batch.add(first);
            Object key = work.batchKey();
            for (Iterator<Job> others = waiting.iterator();
                    key != null && others.hasNext() && batch.size() < work.batchMax(); ) {
                Job other = others.next();
                if (key.equals(other.work().batchKey())) {
                    others.remove();
                    batch.add(other);
                }
            }
            Instant now = now();
            batch.removeIf(job -> !job.start(now));
            running += batch.size();
            lastBatch = batch.size();
            largestBatch = Math.max(largestBatch, lastBatch);
            return batch;
        } finally {
            lock.unlock();
        }
    }

    private static void run(List<Job> batch) {
        Refusal failure = null;
        try {
            batch.getFirst().work().run(List.copyOf(batch));
        } catch (Job.Stopped stopped) {
            LOG.debug("a job was stopped");
        } catch (Refusal refusal) {
            failure = refusal;
        } catch (InternalError unreadable) {
            LOG.error("a mapped file could not be read", unreadable);
            failure = Refusal.storeUnavailable();
        } catch (BackendUnavailableException busy) {
            LOG.warn("a job was not computed: {}", busy.getMessage());
            failure = Refusal.overloaded("The computation found no room, or its device failed; try again");
        } catch (RuntimeException bug) {
            LOG.error("a job failed", bug);
            failure = Refusal.of(500, "internal_error", "The computation failed");
        } catch (OutOfMemoryError full) {
            LOG.error("a job did not fit into memory", full);
            failure = Refusal.overloaded("The computation did not fit into memory");
        }
        for (Job job : batch) {
            if (job.live()) {
                job.end(failure == null ? JobState.DONE : JobState.FAILED, failure);
            } else if (job.tooLate()) {
                job.end(JobState.FAILED, job.late());
            } else {
                job.end(JobState.CANCELLED, null);
            }
        }
    }

    /** Cancels what waits and runs, and ends the workers. */
    @Override
    public void close() {
        List<Job> left;
        lock.lock();
        try {
            closed = true;
            left = List.copyOf(waiting);
        } finally {
            lock.unlock();
        }
        left.forEach(Job::cancel);
        table.all().forEach(Job::cancel);
        workers.forEach(Thread::interrupt);
        timer.shutdownNow();
    }
}
