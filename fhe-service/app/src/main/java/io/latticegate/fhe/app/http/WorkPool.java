package io.latticegate.fhe.app.http;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A bounded number of platform threads and of tasks that wait for one; what does not fit is refused. One owner gets at most
 * half of the threads and half of the waiting places, so that one whose clients send slowly does not keep out the others.
 */
public final class WorkPool implements AutoCloseable {
    private static final long IDLE_SECONDS = 30;

    private final ThreadPoolExecutor executor;
    private final int threads;
    private final int waitingMax;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Task> waiting = new ArrayDeque<>();
    private final Map<String, Integer> runningOf = new HashMap<>();
    private int running;
    private boolean closed;

    private record Task(String owner, Runnable body) {}

    /** @param waitingMax how many tasks may wait for a thread */
    public WorkPool(String name, int threads, int waitingMax) {
        this.threads = threads;
        this.waitingMax = waitingMax;
        this.executor = new ThreadPoolExecutor(
                threads,
                threads,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().name(name + "-", 0).daemon().factory());
        executor.allowCoreThreadTimeOut(true);
    }

    /**
     * Runs {@code body} on a thread of this pool, soon.
     *
     * @param owner whose task it is; empty for what belongs to nobody, which has no share of its own
     * @throws Refusal 503 when all places are taken, or the owner's are
     */
    public void execute(String owner, Runnable body) {
        Task task = new Task(owner, body);
        lock.lock();
        try {
            if (closed) {
                throw Refusal.overloaded("The service is stopping");
            }
            waiting.addLast(task);
            startWhatCan();
            if (!task.equals(waiting.peekLast())) {
                return;
            }
            long own =
                    waiting.stream().filter(other -> other.owner.equals(owner)).count();
            boolean share = owner.isEmpty() || own <= (waitingMax + 1) / 2;
            if (waiting.size() > waitingMax || !share) {
                waiting.removeLast();
                throw Refusal.overloaded(
                        share
                                ? waitingMax + " calls of this kind wait; more are not taken"
                                : own - 1 + " calls of this project wait, half of what is taken");
            }
        } finally {
            lock.unlock();
        }
    }

    private void startWhatCan() {
        for (Iterator<Task> tasks = waiting.iterator(); running < threads && tasks.hasNext(); ) {
            Task task = tasks.next();
            int own = runningOf.getOrDefault(task.owner, 0);
            if (task.owner.isEmpty() || own < (threads + 1) / 2) {
                tasks.remove();
                running++;
                runningOf.put(task.owner, own + 1);
                executor.execute(() -> run(task));
            }
        }
    }

    private void run(Task task) {
        try {
            task.body.run();
        } finally {
            lock.lock();
            try {
                running--;
                runningOf.computeIfPresent(task.owner, (_, count) -> count == 1 ? null : count - 1);
                startWhatCan();
            } finally {
                lock.unlock();
            }
        }
    }

    /** Takes nothing more, forgets what waits and interrupts what runs. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            waiting.clear();
        } finally {
            lock.unlock();
        }
        executor.shutdownNow();
    }
}
