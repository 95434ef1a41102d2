package io.latticegate.fhe.gpu;

import io.latticegate.fhe.core.ring.BackendUnavailableException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The one platform thread that calls a driver: a device's context belongs to a thread, and native calls would hold up virtual
 * ones. Tasks run in the order in which they were posted. The queue is bounded: who posts waits for room, and is refused when
 * there is none for a while.
 */
final class Lane implements AutoCloseable {
    private final BlockingQueue<Runnable> tasks;
    private final long patienceNanos;
    private final Consumer<DeviceException> onFailure;
    private final Thread thread;
    private volatile boolean closed;

    /**
     * @param waiting most tasks in the queue
     * @param patienceNanos how long who posts waits for room
     * @param onFailure told, on the lane, of each task that the device failed
     */
    Lane(String name, int waiting, long patienceNanos, Consumer<DeviceException> onFailure) {
        this.tasks = new ArrayBlockingQueue<>(waiting);
        this.patienceNanos = patienceNanos;
        this.onFailure = onFailure;
        this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
        thread.start();
    }

    private void run() {
        while (!closed || !tasks.isEmpty()) {
            try {
                tasks.take().run();
            } catch (DeviceException failure) {
                onFailure.accept(failure);
            } catch (InterruptedException end) {
                return;
            } catch (RuntimeException bug) {
                onFailure.accept(new DeviceException("a task of the device's lane failed: " + bug, bug));
            }
        }
    }

    /**
     * Has a task run later, after all that were posted before it.
     *
     * @throws BackendUnavailableException if the queue stays full, or the lane is closed
     */
    void post(Runnable task) {
        if (closed) {
            throw new BackendUnavailableException("the device is being given back");
        }
        try {
            if (!tasks.offer(task, patienceNanos, TimeUnit.NANOSECONDS)) {
                throw new BackendUnavailableException("the device's queue is full");
            }
        } catch (InterruptedException cancelled) {
            Thread.currentThread().interrupt();
            throw new BackendUnavailableException("waiting for the device was given up");
        }
    }

    /** Has a task run after all that were posted before it, and waits for what it returns or throws. */
    <T> T call(Callable<T> task) {
        FutureTask<T> result = new FutureTask<>(task);
        post(() -> {
            result.run();
            if (result.state() == Future.State.FAILED && result.exceptionNow() instanceof DeviceException failure) {
                throw failure;
            }
        });
        return await(result);
    }

    /** Waits also when interrupted, since the task may use memory of who waits. */
    private static <T> T await(FutureTask<T> result) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return result.get();
                } catch (InterruptedException later) {
                    interrupted = true;
                } catch (ExecutionException fault) {
                    throw refused(fault);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static RuntimeException refused(ExecutionException fault) {
        if (fault.getCause() instanceof DeviceException failure) {
            return new BackendUnavailableException("the device failed: " + failure.getMessage(), failure);
        }
        return fault.getCause() instanceof RuntimeException bug ? bug : new IllegalStateException(fault.getCause());
    }

    /** How many tasks wait. */
    int waiting() {
        return tasks.size();
    }

    /** Runs what was posted, and then {@code last}; later posts are refused. */
    void close(Runnable last) {
        post(() -> {
            last.run();
            closed = true;
        });
        try {
            thread.join();
        } catch (InterruptedException cancelled) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        close(() -> {});
    }
}
