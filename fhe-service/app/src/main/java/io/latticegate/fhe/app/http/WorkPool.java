package io.latticegate.fhe.app.http;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A bounded number of platform threads with a bounded queue; what does not fit is refused. */
public final class WorkPool implements AutoCloseable {
    private static final long IDLE_SECONDS = 30;

    private final ThreadPoolExecutor executor;

    /** @param waiting how many tasks may wait for a thread; 0 for none */
    public WorkPool(String name, int threads, int waiting) {
        BlockingQueue<Runnable> queue = waiting == 0 ? new SynchronousQueue<>() : new LinkedBlockingQueue<>(waiting);
        executor = new ThreadPoolExecutor(
                threads,
                threads,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                queue,
                Thread.ofPlatform().name(name + "-", 0).daemon().factory());
        executor.allowCoreThreadTimeOut(true);
    }

    /** Runs {@code task} on a thread of this pool. @throws Refusal 503 when all are taken */
    public void execute(Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException full) {
            throw Refusal.overloaded("All threads for this kind of call are taken");
        }
    }

    /** How many tasks run. */
    public int running() {
        return executor.getActiveCount();
    }

    /** Takes nothing more and interrupts what waits. */
    @Override
    public void close() {
        executor.shutdownNow();
    }
}
