package io.latticegate.admin.retention;

import io.latticegate.admin.analytics.RollupWriter;
import io.latticegate.admin.subject.ClientAddresses;
import io.latticegate.common.journal.AuditActor;
import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.service.AuditLog;
import io.latticegate.common.store.Database;
import io.latticegate.common.telemetry.Log;
import io.latticegate.common.telemetry.LogKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Deletes the entries of days that are older than the audit is kept, a day at a time, and the keys of months of which nothing
 * is left. Hashes of the entries are not touched, so that proofs of later entries stay valid. What is about to be deleted is
 * in the audit before it is: no entry, no deletion. Sums of usage stay.
 */
public final class Retention {
    private static final Log LOG = Log.of(Retention.class);
    private static final int ROWS_MAX = 1_000;
    private static final Duration MINUTES_KEPT = Duration.ofDays(2);

    private final Database database;
    private final WorkLease lease;
    private final AuditLog audit;
    private final InstantSource clock;
    private final Duration keep;

    /** @param keep whole days; zero: for ever */
    public Retention(Database database, WorkLease lease, AuditLog audit, InstantSource clock, Duration keep) {
        this.database = database;
        this.lease = lease;
        this.audit = audit;
        this.clock = clock;
        this.keep = keep;
    }

    /**
     * Deletes every day that is due, unless another node is at it; how many ends and events were deleted.
     *
     * @throws AuditLog.NotRecorded when the journal takes no entry; nothing of that day is deleted
     */
    public long run() {
        if (!lease.hold()) {
            return 0;
        }
        try {
            forgetMinutes();
            return keep.isZero() ? 0 : deleteDays();
        } finally {
            lease.release();
        }
    }

    private long deleteDays() {
        LocalDate oldestKept =
                LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC).minusDays(keep.toDays());
        long deleted = 0;
        while (true) {
            Optional<LogSegment> oldest = database.read(LogSegment::oldest);
            if (oldest.isEmpty() || !oldest.get().day().isBefore(oldestKept)) {
                forgetRest(oldestKept);
                return deleted;
            }
            LogSegment segment = oldest.get();
            record(segment);
            if (!delete(segment)) {
                return deleted;
            }
            deleted += segment.events();
        }
    }

    private void record(LogSegment segment) {
        Map<String, String> facts = new TreeMap<>();
        facts.put("day", segment.day().toString());
        facts.put("count", Long.toString(segment.events()));
        facts.put("beginnings", Long.toString(segment.beginnings()));
        facts.put("kept_days", Long.toString(keep.toDays()));
        if (segment.events() > 0) {
            facts.put("first_index", Long.toString(segment.first()));
            facts.put("last_index", Long.toString(segment.last()));
        }
        audit.record(AuditRecord.builder(
                        AuditPhase.EVENT, "audit.retention", ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant()))
                .actor(new AuditActor(AuditActor.Kind.SYSTEM, ""))
                .outcome(AuditOutcome.SUCCESS)
                .reason("entries are older than the audit is kept")
                .metadata(facts)
                .build());
        LOG.info("audit entries of a day are deleted for their age", LogKey.COUNT.of(segment.events()));
    }

    /** False: another node has taken over. */
    private boolean delete(LogSegment segment) {
        long from = segment.first();
        while (segment.events() > 0 && from <= segment.last()) {
            long through = Math.min(segment.last(), from + ROWS_MAX - 1);
            if (!lease.hold()) {
                return false;
            }
            database.inTransaction(connection -> deleteThrough(connection, through));
            from = through + 1;
        }
        int begun = ROWS_MAX;
        while (begun == ROWS_MAX) {
            if (!lease.hold()) {
                return false;
            }
            begun = database.inTransaction(connection -> deleteBeginnings(connection, segment.endMicros()));
        }
        return true;
    }

    private static int deleteThrough(Connection connection, long through) throws SQLException {
        RollupWriter.settle(connection);
        Map<String, Long> newest = new TreeMap<>();
        try (PreparedStatement select =
                connection.prepareStatement("SELECT node, MAX(seq) FROM audit_log WHERE position <= ? GROUP BY node")) {
            select.setLong(1, through);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    newest.put(rows.getString(1), rows.getLong(2));
                }
            }
        }
        prune(connection, newest);
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM audit_log WHERE position <= ?")) {
            delete.setLong(1, through);
            return delete.executeUpdate();
        }
    }

    private static int deleteBeginnings(Connection connection, long before) throws SQLException {
        Map<String, Long> newest = new TreeMap<>();
        int rowsFound = 0;
        try (PreparedStatement select = connection.prepareStatement(
                        "SELECT node, seq FROM audit_begin WHERE received_at < ? ORDER BY received_at LIMIT "
                                + ROWS_MAX);
                PreparedStatement delete =
                        connection.prepareStatement("DELETE FROM audit_begin WHERE node = ? AND seq = ?")) {
            select.setLong(1, before);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    rowsFound++;
                    newest.merge(rows.getString(1), rows.getLong(2), Math::max);
                    delete.setString(1, rows.getString(1));
                    delete.setLong(2, rows.getLong(2));
                    delete.addBatch();
                }
            }
            if (rowsFound > 0) {
                prune(connection, newest);
                delete.executeBatch();
            }
        }
        return rowsFound;
    }

    private static void prune(Connection connection, Map<String, Long> newest) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE audit_node SET pruned_through = ? WHERE node = ? AND pruned_through < ?")) {
            for (Map.Entry<String, Long> one : newest.entrySet()) {
                update.setLong(1, one.getValue());
                update.setString(2, one.getKey());
                update.setLong(3, one.getValue());
                update.executeUpdate();
            }
        }
    }

    /** What hangs on entries that are gone: keys of months before that of the oldest kept day, and conflicts. */
    private void forgetRest(LocalDate oldestKept) {
        long before = ChronoUnit.MICROS.between(
                Instant.EPOCH, oldestKept.atStartOfDay(ZoneOffset.UTC).toInstant());
        long month = ChronoUnit.MONTHS.between(LocalDate.EPOCH.withDayOfMonth(1), oldestKept.withDayOfMonth(1));
        boolean done = forget(
                        "DELETE FROM audit_mention WHERE (key_id, node, seq) IN (SELECT m.key_id, m.node, m.seq"
                                + " FROM audit_subject s JOIN audit_mention m ON m.key_id = s.key_id WHERE s.month < ?",
                        month)
                && forget(
                        "DELETE FROM audit_subject WHERE key_id IN (SELECT key_id FROM audit_subject"
                                + " WHERE erasure IS NULL AND month < ?",
                        month)
                && forget("DELETE FROM alert WHERE id IN (SELECT id FROM alert WHERE resolved_at < ?", before)
                && forget(
                        "DELETE FROM audit_conflict WHERE (node, seq, digest) IN (SELECT node, seq, digest"
                                + " FROM audit_conflict WHERE received_at < ?",
                        before);
        if (!done) {
            LOG.info("another node goes on with what hangs on deleted audit entries");
        }
    }

    /** Deletes some rows in each transaction while there are any, since a month may have left millions; false: not all of them. */
    private boolean forget(String some, long before) {
        int gone = ROWS_MAX;
        while (gone == ROWS_MAX) {
            if (!lease.hold()) {
                return false;
            }
            gone = database.inTransaction(connection -> execute(connection, some + " LIMIT " + ROWS_MAX + ")", before));
        }
        return true;
    }

    private void forgetMinutes() {
        long before = clock.instant().minus(MINUTES_KEPT).getEpochSecond() / 60;
        database.inTransaction(connection -> execute(connection, "DELETE FROM alert_minute WHERE minute < ?", before)
                + ClientAddresses.forget(connection, clock.instant()));
    }

    private static int execute(Connection connection, String sql, long parameter) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, parameter);
            return statement.executeUpdate();
        }
    }
}
