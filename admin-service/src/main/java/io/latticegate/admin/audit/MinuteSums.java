package io.latticegate.admin.audit;

import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;

/** What a batch adds to table {@code alert_minute}: requests that ended, as {@link UsageSums} counts them. */
final class MinuteSums {
    private static final long MICROS_PER_MINUTE = Duration.ofMinutes(1).toNanos() / 1_000;
    private static final long MAX_PER_REQUEST = 1_000_000_000_000L;

    private record Key(long minute, String project) {}

    private record Sum(long requests, long failed, long costMicroUsd) {
        Sum plus(Sum other) {
            return new Sum(requests + other.requests, failed + other.failed, costMicroUsd + other.costMicroUsd);
        }
    }

    private final Map<Key, Sum> sums =
            new TreeMap<>(Comparator.comparingLong(Key::minute).thenComparing(Key::project));

    void add(AuditRecord record) {
        if (record.phase() == AuditPhase.BEGIN || !record.action().endsWith("_request")) {
            return;
        }
        boolean failed = record.outcome() == AuditOutcome.FAILURE || record.outcome() == AuditOutcome.ERROR;
        sums.merge(
                new Key(record.timestampMicros() / MICROS_PER_MINUTE, record.projectId()),
                new Sum(1, failed ? 1 : 0, Math.min(record.costMicroUsd(), MAX_PER_REQUEST)),
                Sum::plus);
    }

    void write(Connection connection) throws SQLException {
        if (sums.isEmpty()) {
            return;
        }
        try (PreparedStatement add = connection.prepareStatement(
                "INSERT INTO alert_minute (minute, project_id, requests, failed, cost_micro_usd) VALUES (?, ?, ?, ?, ?)"
                        + " ON CONFLICT (minute, project_id) DO UPDATE SET"
                        + " requests = alert_minute.requests + excluded.requests,"
                        + " failed = alert_minute.failed + excluded.failed,"
                        + " cost_micro_usd = alert_minute.cost_micro_usd + excluded.cost_micro_usd")) {
            for (Map.Entry<Key, Sum> entry : sums.entrySet()) {
                add.setLong(1, entry.getKey().minute());
                add.setString(2, entry.getKey().project());
                add.setLong(3, entry.getValue().requests());
                add.setLong(4, entry.getValue().failed());
                add.setLong(5, entry.getValue().costMicroUsd());
                add.addBatch();
            }
            add.executeBatch();
        }
    }
}
