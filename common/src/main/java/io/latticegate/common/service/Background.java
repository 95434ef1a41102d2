package io.latticegate.common.service;

import io.vertx.core.Vertx;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Work that a service does now and then beside its questions, one run at a time, until its executor is shut down. */
public final class Background {
    private static final Logger LOG = LoggerFactory.getLogger(Background.class);

    /** Runs {@code task} on {@code executor} every {@code millis}; a failing run is logged and the next one is tried. */
    public static void every(Vertx vertx, long millis, ExecutorService executor, String name, Runnable task) {
        AtomicBoolean running = new AtomicBoolean();
        vertx.setPeriodic(millis, timer -> {
            if (executor.isShutdown()) {
                vertx.cancelTimer(timer);
                return;
            }
            if (!running.compareAndSet(false, true)) {
                return;
            }
            try {
                executor.execute(() -> run(name, task, running));
            } catch (RejectedExecutionException stopping) {
                vertx.cancelTimer(timer);
            }
        });
    }

    private static void run(String name, Runnable task, AtomicBoolean running) {
        try {
            task.run();
        } catch (RuntimeException fault) {
            LOG.warn("{} failed and is tried again: {}", name, fault.getMessage());
        } finally {
            running.set(false);
        }
    }

    private Background() {}
}
