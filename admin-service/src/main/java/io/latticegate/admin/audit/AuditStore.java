package io.latticegate.admin.audit;

import io.latticegate.admin.analytics.RollupWriter;
import io.latticegate.admin.analytics.Rollups;
import io.latticegate.admin.subject.Sealing;
import io.latticegate.admin.subject.Sealing.Stored;
import io.latticegate.common.contract.AuditApi;
import io.latticegate.common.journal.AuditPhase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Stores what journals deliver at least once, exactly once.
 *
 * <p>Ends and events go to table {@code audit_log}, beginnings to {@code audit_begin}.
 *
 * <p>An entry is identified by its node and sequence number. The node's row in {@code audit_node} is written first, which
 * makes concurrent deliveries of one node follow one another in every database. A repeated entry changes nothing; a different
 * one under the same number is kept in {@code audit_conflict}. A delivery that skips numbers is stored and the gap is noted,
 * since refusing it would stop the node for ever when the missing entries are gone; entries that come later close the gap.
 *
 * <p>Every method runs inside the caller's transaction, and may be run again when that is rolled back.
 */
public final class AuditStore {
    /** The most gaps that {@link StoredBatch} lists. */
    public static final int MAX_GAPS = 100;

    private static final Pattern NODE = Pattern.compile("[0-9a-zA-Z._-]{1,64}");

    private static final String STORED = "node = ? AND seq BETWEEN ? AND ?";

    private static final long MAX_SEQUENCE = 100_000_000_000_000_000L;

    private final InstantSource clock;
    private final Sealing sealing;

    /**
     * What a transaction stored, if it commits.
     *
     * @param usage what it adds to the sums of usage, which {@link RollupWriter} writes
     */
    public record Result(StoredBatch batch, RollupWriter.Batch usage) {}

    /** A store that stamps entries with the time of their receipt and seals what they tell of somebody. */
    public AuditStore(InstantSource clock, Sealing sealing) {
        this.clock = clock;
        this.sealing = sealing;
    }

    /**
     * Stores a batch.
     *
     * @param connection in a transaction, which the caller commits
     * @param node the journal's node id, 1 to 64 letters, digits, dots, dashes and underscores
     * @param firstSequence number of the first entry, from 1
     * @param entries consecutive entries, at most {@link AuditApi#ENTRIES_MAX}
     * @throws IllegalArgumentException if an argument is out of bounds
     */
    public Result append(Connection connection, String node, long firstSequence, List<byte[]> entries)
            throws SQLException {
        check(node, firstSequence, entries);
        long before = lock(connection, node);
        Rollups rollups = new Rollups();
        if (entries.isEmpty()) {
            return new Result(result(connection, node, before, 0, 0), new RollupWriter.Batch(1, 0, rollups));
        }
        long last = firstSequence + entries.size() - 1;
        Map<Long, byte[]> known =
                firstSequence > before ? Map.of() : known(connection, node, firstSequence, Math.min(last, before));
        long receivedAt = ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
        UsageSums usage = new UsageSums();
        MinuteSums minutes = new MinuteSums();
        ArrivedEntries arrived = new ArrivedEntries(node, receivedAt);
        int conflicts = 0;
        int begun = 0;
        PrunedEntries pruned = PrunedEntries.of(connection, node, firstSequence, last);
        for (int at = 0; at < entries.size(); at++) {
            long sequence = firstSequence + at;
            byte[] payload = entries.get(at);
            byte[] stored = known.get(sequence);
            if (stored == null) {
                if (!pruned.had(sequence)) {
                    arrived.add(sequence, payload);
                }
            } else if (!sealing.holds(connection, new Stored(node, sequence, stored), payload)) {
                conflicts += keepConflict(connection, node, sequence, payload, receivedAt);
            }
        }
        int added = arrived.size();
        List<byte[]> sealed = arrived.seal(connection, sealing);
        long taken = arrived.takePositions(connection);
        long position = taken;
        try (PreparedStatement log = connection.prepareStatement(AuditColumns.INSERT);
                PreparedStatement begin = connection.prepareStatement(AuditColumns.INSERT_BEGIN)) {
            for (int at = 0; at < added; at++) {
                AuditEvent event = arrived.event(at);
                if (event.record().phase() == AuditPhase.BEGIN) {
                    AuditColumns.setBegin(begin, event, sealed.get(at));
                    begin.addBatch();
                    begun++;
                } else {
                    AuditColumns.set(log, event, sealed.get(at), ++position);
                    log.addBatch();
                    usage.add(event.record());
                    rollups.add(event.record(), receivedAt);
                    minutes.add(event.record());
                }
            }
            if (begun > 0) {
                begin.executeBatch();
            }
            if (added > begun) {
                log.executeBatch();
            }
        }
        minutes.write(connection);
        usage.write(connection);
        if (firstSequence > before + 1) {
            noteGap(connection, node, before + 1, firstSequence - 1, receivedAt);
        } else if (firstSequence <= before && added > 0) {
            closeGaps(connection, node, firstSequence, last, receivedAt);
        }
        if (last > before) {
            advance(connection, node, last);
        }
        StoredBatch batch = result(connection, node, Math.max(before, last), added, conflicts);
        arrived.leaves(sealed).write(connection);
        return new Result(batch, new RollupWriter.Batch(taken + 1, position, rollups));
    }

    private static void check(String node, long firstSequence, List<byte[]> entries) {
        if (!NODE.matcher(node).matches()) {
            throw new IllegalArgumentException("audit node id of " + node.length()
                    + " characters; allowed: 1 to 64 letters, digits, '.', '-', '_'");
        }
        if (firstSequence < 1 || firstSequence > MAX_SEQUENCE || entries.size() > AuditApi.ENTRIES_MAX) {
            throw new IllegalArgumentException("audit batch of " + entries.size() + " entries from " + firstSequence
                    + "; allowed: " + AuditApi.ENTRIES_MAX + " entries, from 1");
        }
    }

    /** Takes the node's row for this transaction. Returns the newest stored sequence number. */
    private static long lock(Connection connection, String node) throws SQLException {
        try (PreparedStatement lock = connection.prepareStatement("INSERT INTO audit_node (node, stored_through)"
                + " VALUES (?, 0) ON CONFLICT (node) DO UPDATE SET stored_through = audit_node.stored_through")) {
            lock.setString(1, node);
            lock.executeUpdate();
        }
        try (PreparedStatement select =
                connection.prepareStatement("SELECT stored_through FROM audit_node WHERE node = ?")) {
            select.setString(1, node);
            try (ResultSet rows = select.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        }
    }

    private static Map<Long, byte[]> known(Connection connection, String node, long from, long to) throws SQLException {
        Map<Long, byte[]> payloads = new HashMap<>();
        try (PreparedStatement select = connection.prepareStatement("SELECT seq, payload FROM audit_log WHERE " + STORED
                + " UNION ALL SELECT seq, payload FROM audit_begin WHERE " + STORED)) {
            for (int at = 0; at < 6; at += 3) {
                select.setString(at + 1, node);
                select.setLong(at + 2, from);
                select.setLong(at + 3, to);
            }
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    payloads.put(rows.getLong(1), rows.getBytes(2));
                }
            }
        }
        return payloads;
    }

    /** Counts as one also when it is kept already. */
    private int keepConflict(Connection connection, String node, long sequence, byte[] payload, long receivedAt)
            throws SQLException {
        ArrivedEntries one = new ArrivedEntries(node, receivedAt);
        one.add(sequence, payload);
        byte[] sealed = one.seal(connection, sealing).getFirst();
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO audit_conflict"
                + " (node, seq, digest, payload, received_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")) {
            insert.setString(1, node);
            insert.setLong(2, sequence);
            insert.setBytes(3, sealing.digest(payload));
            insert.setBytes(4, sealed);
            insert.setLong(5, receivedAt);
            insert.executeUpdate();
        }
        return 1;
    }

    private static void noteGap(Connection connection, String node, long from, long to, long detectedAt)
            throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO audit_gap (node, from_seq, to_seq, detected_at) VALUES (?, ?, ?, ?)")) {
            insert.setString(1, node);
            insert.setLong(2, from);
            insert.setLong(3, to);
            insert.setLong(4, detectedAt);
            insert.executeUpdate();
        }
    }

    /** Takes the stored range out of every gap that it meets. */
    private static void closeGaps(Connection connection, String node, long from, long to, long detectedAt)
            throws SQLException {
        List<AuditGap> met = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT from_seq, to_seq FROM audit_gap WHERE node = ? AND from_seq <= ? AND to_seq >= ?")) {
            select.setString(1, node);
            select.setLong(2, to);
            select.setLong(3, from);
            readGaps(select, met);
        }
        for (AuditGap gap : met) {
            try (PreparedStatement delete =
                    connection.prepareStatement("DELETE FROM audit_gap WHERE node = ? AND from_seq = ?")) {
                delete.setString(1, node);
                delete.setLong(2, gap.from());
                delete.executeUpdate();
            }
            if (gap.from() < from) {
                noteGap(connection, node, gap.from(), from - 1, detectedAt);
            }
            if (gap.to() > to) {
                noteGap(connection, node, to + 1, gap.to(), detectedAt);
            }
        }
    }

    private static void advance(Connection connection, String node, long last) throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE audit_node SET stored_through = ? WHERE node = ?")) {
            update.setLong(1, last);
            update.setString(2, node);
            update.executeUpdate();
        }
    }

    private static StoredBatch result(Connection connection, String node, long storedThrough, int added, int conflicts)
            throws SQLException {
        List<AuditGap> gaps = gaps(connection, node);
        long contiguous = gaps.isEmpty() ? storedThrough : gaps.getFirst().from() - 1;
        return new StoredBatch(storedThrough, contiguous, added, conflicts, gaps);
    }

    /** What is missing of a node, oldest first, at most {@link #MAX_GAPS}. */
    public static List<AuditGap> gaps(Connection connection, String node) throws SQLException {
        List<AuditGap> gaps = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT from_seq, to_seq FROM audit_gap WHERE node = ? ORDER BY from_seq LIMIT " + MAX_GAPS)) {
            select.setString(1, node);
            readGaps(select, gaps);
        }
        return gaps;
    }

    private static void readGaps(PreparedStatement select, List<AuditGap> into) throws SQLException {
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                into.add(new AuditGap(rows.getLong(1), rows.getLong(2)));
            }
        }
    }
}
