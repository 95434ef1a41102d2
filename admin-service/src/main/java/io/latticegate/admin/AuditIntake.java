package io.latticegate.admin;

import io.latticegate.admin.analytics.RollupWriter;
import io.latticegate.admin.audit.AuditGap;
import io.latticegate.admin.audit.AuditStore;
import io.latticegate.admin.audit.StoredBatch;
import io.latticegate.admin.subject.Sealing;
import io.latticegate.common.contract.AuditApi.Append;
import io.latticegate.common.contract.AuditApi.Appended;
import io.latticegate.common.store.Database;
import io.latticegate.common.telemetry.Log;
import io.latticegate.common.telemetry.LogKey;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Answers {@code audit.append}: a batch is acknowledged after its transaction, so that what a journal forgets is stored.
 * Entries that a journal skipped are a gap, which is counted and logged and closes when they come after all.
 */
final class AuditIntake {
    private static final Log LOG = Log.of(AuditIntake.class);
    private static final int NODES_MAX = 10_000;

    private final Database database;
    private final AuditStore store;
    private final RollupWriter usage;
    private final Counter stored;
    private final Counter repeated;
    private final Counter conflicts;
    private final Map<String, Long> missingByNode = new ConcurrentHashMap<>();

    AuditIntake(Database database, Sealing sealing, RollupWriter usage, InstantSource clock, MeterRegistry metrics) {
        this.database = database;
        this.usage = usage;
        this.store = new AuditStore(clock, sealing);
        this.stored = Counter.builder("audit.entries.stored")
                .description("Entries added to the audit store")
                .register(metrics);
        this.repeated = Counter.builder("audit.entries.repeated")
                .description("Entries that came again and changed nothing")
                .register(metrics);
        this.conflicts = Counter.builder("audit.entries.conflicting")
                .description("Entries that differ from what was stored under their number")
                .register(metrics);
        Gauge.builder("audit.entries.missing", this, AuditIntake::missing)
                .description("Entries that journals skipped, of nodes heard since the start, as far as gaps are listed")
                .register(metrics);
    }

    /** Stores a batch; throws a {@link io.latticegate.common.store.StoreFault} when nothing was acknowledged. */
    Appended append(Append question) {
        AuditStore.Result result = database.inTransaction(
                connection -> store.append(connection, question.node(), question.firstSequence(), question.entries()));
        usage.hold(result.usage());
        StoredBatch batch = result.batch();
        stored.increment(batch.added());
        repeated.increment(question.entries().size() - batch.added() - batch.conflicts());
        conflicts.increment(batch.conflicts());
        if (batch.conflicts() > 0) {
            LOG.error(
                    "audit entries differ from what is stored under their number; two journals share a node id, or one"
                            + " was altered",
                    LogKey.NODE.of(question.node()),
                    LogKey.COUNT.of(batch.conflicts()));
        }
        noteMissing(question.node(), batch);
        return new Appended(batch.storedThrough());
    }

    private void noteMissing(String node, StoredBatch batch) {
        long now = batch.gaps().stream().mapToLong(AuditIntake::length).sum();
        if (now == 0) {
            missingByNode.remove(node);
        } else if (missingByNode.containsKey(node) || missingByNode.size() < NODES_MAX) {
            Long before = missingByNode.put(node, now);
            if (before == null || before < now) {
                LOG.error("audit entries are missing from a journal", LogKey.NODE.of(node), LogKey.COUNT.of(now));
            }
        }
    }

    private static long length(AuditGap gap) {
        return gap.to() - gap.from() + 1;
    }

    private double missing() {
        return missingByNode.values().stream().mapToLong(Long::longValue).sum();
    }
}
