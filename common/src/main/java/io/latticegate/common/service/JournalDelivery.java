package io.latticegate.common.service;

import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.contract.AuditApi;
import io.latticegate.common.journal.Journal;
import io.latticegate.common.journal.JournalBatch;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends this process's journal to the audit verticle, in order and until each entry is acknowledged. Storing is
 * exactly-once by (journal id, sequence), so repeating a batch is harmless. One batch is under way at a time; a failure is
 * followed by a pause that doubles up to {@link #PAUSE_MAX_MILLIS}.
 */
public final class JournalDelivery {
    /** Longest pause between two tries. */
    public static final long PAUSE_MAX_MILLIS = 2_000;

    private static final Logger LOG = LoggerFactory.getLogger(JournalDelivery.class);
    private static final long IDLE_MILLIS = 20;

    /** A transaction costs the store as much as dozens of entries do, so they are gathered. */
    private static final long GATHER_MILLIS = 20;

    private static final int BATCH_BYTES_MAX = 512 * 1024;

    private final Vertx vertx;
    private final MeshBus bus;
    private final Journal journal;
    private volatile boolean stopping;

    public JournalDelivery(Vertx vertx, MeshBus bus, Journal journal) {
        this.vertx = vertx;
        this.bus = bus;
        this.journal = journal;
    }

    public void start() {
        next(0, IDLE_MILLIS);
    }

    /** Stops after the batch under way. What was not delivered stays in the journal for the next start. */
    public void stop() {
        stopping = true;
    }

    /** Waits until everything that is in the journal now is delivered, or {@code withinMillis} have passed. */
    public Future<Void> flush(long withinMillis) {
        Promise<Void> done = Promise.promise();
        long target = journal.lastSequence();
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(withinMillis);
        awaitDelivery(target, until, done);
        return done.future();
    }

    private void awaitDelivery(long target, long until, Promise<Void> done) {
        if (journal.acknowledged() >= target || System.nanoTime() - until > 0) {
            done.complete();
        } else {
            vertx.setTimer(5, timer -> awaitDelivery(target, until, done));
        }
    }

    private void next(long delay, long pause) {
        if (stopping) {
            return;
        }
        if (delay == 0) {
            deliver(pause);
        } else {
            vertx.setTimer(delay, timer -> deliver(pause));
        }
    }

    private void deliver(long pause) {
        if (stopping) {
            return;
        }
        vertx.executeBlocking(this::read, false).onComplete(read -> {
            if (read.failed()) {
                LOG.error("cannot read the audit journal; delivery is tried again", read.cause());
                next(PAUSE_MAX_MILLIS, PAUSE_MAX_MILLIS);
                return;
            }
            JournalBatch batch = read.result();
            if (batch.isEmpty()) {
                next(IDLE_MILLIS, IDLE_MILLIS);
                return;
            }
            var append = new AuditApi.Append(journal.nodeId().toString(), batch.firstSequence(), batch.payloads());
            bus.ask(AuditApi.APPEND, append).onComplete(reply -> {
                if (reply.succeeded()) {
                    journal.acknowledge(reply.result().storedThrough());
                    boolean fullBatchWaits = journal.lastSequence() - journal.acknowledged() >= AuditApi.ENTRIES_MAX;
                    next(fullBatchWaits ? 0 : GATHER_MILLIS, IDLE_MILLIS);
                } else {
                    LOG.warn(
                            "audit entries wait in the journal: {}",
                            reply.cause().getMessage());
                    next(pause, Math.min(pause * 2, PAUSE_MAX_MILLIS));
                }
            });
        });
    }

    private JournalBatch read() throws IOException {
        return journal.read(journal.acknowledged(), AuditApi.ENTRIES_MAX, BATCH_BYTES_MAX);
    }
}
