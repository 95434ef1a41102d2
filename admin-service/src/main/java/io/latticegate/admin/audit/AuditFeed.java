package io.latticegate.admin.audit;

import io.latticegate.admin.subject.Sealing;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Ends and events in the order in which they became visible: whoever goes on after the last position that it has seen misses
 * none and sees none twice.
 */
public final class AuditFeed {
    /** Most events that are read at once. */
    public static final int MAX_EVENTS = 500;

    /** @param position from 1, one more for each */
    public record Positioned(long position, AuditEvent event) {}

    /**
     * What is behind the newest position that a reader has.
     *
     * @param events how many positions that is; some may be deleted for their age
     * @param oldestMicros when the oldest of them was received, microseconds since 1970 UTC; 0: there is none
     */
    public record Backlog(long events, long oldestMicros) {}

    private AuditFeed() {}

    /**
     * Events after a position.
     *
     * @param start earliest time, included; null for any
     * @param end latest time, included; null for any
     * @param limit 1 to {@value #MAX_EVENTS}
     */
    public static List<Positioned> after(
            Connection connection,
            Sealing sealing,
            long position,
            @Nullable Instant start,
            @Nullable Instant end,
            int limit)
            throws SQLException {
        if (limit < 1 || limit > MAX_EVENTS) {
            throw new IllegalArgumentException("limit is " + limit + "; allowed: 1 to " + MAX_EVENTS);
        }
        String sql = "SELECT node, seq, received_at, payload, position FROM audit_log WHERE position > ?"
                + (start == null ? "" : " AND occurred_at >= ?")
                + (end == null ? "" : " AND occurred_at <= ?")
                + " ORDER BY position LIMIT ?";
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            int next = 1;
            select.setLong(next++, position);
            if (start != null) {
                select.setLong(next++, ChronoUnit.MICROS.between(Instant.EPOCH, start));
            }
            if (end != null) {
                select.setLong(next++, ChronoUnit.MICROS.between(Instant.EPOCH, end));
            }
            select.setInt(next, limit);
            List<Long> positions = new ArrayList<>();
            List<AuditEvent> events = AuditQuery.read(connection, sealing, select, positions);
            List<Positioned> found = new ArrayList<>();
            for (int at = 0; at < events.size(); at++) {
                found.add(new Positioned(positions.get(at), events.get(at)));
            }
            return found;
        }
    }

    /** What a reader that has seen {@code position} has not seen yet. */
    public static Backlog backlog(Connection connection, long position) throws SQLException {
        long last = 0;
        try (PreparedStatement select = connection.prepareStatement("SELECT last FROM audit_position WHERE id = 1");
                ResultSet rows = select.executeQuery()) {
            last = rows.next() ? rows.getLong(1) : 0;
        }
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT received_at FROM audit_log WHERE position > ? ORDER BY position LIMIT 1")) {
            select.setLong(1, position);
            try (ResultSet rows = select.executeQuery()) {
                return rows.next() ? new Backlog(Math.max(0, last - position), rows.getLong(1)) : new Backlog(0, 0);
            }
        }
    }
}
