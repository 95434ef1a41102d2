package io.latticegate.admin.audit;

import io.latticegate.admin.listing.Where;
import io.latticegate.admin.subject.Sealing;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Ends and events in the order in which they became visible: whoever goes on after the last position that it has seen misses
 * none and sees none twice.
 */
public final class AuditFeed {
    /** Most events that are read at once. */
    public static final int MAX_EVENTS = 500;

    /** Most entries that are looked at for events of some time. */
    public static final int EXAMINED_MAX = 20_000;

    /** The time as an expression that no index has: the walk goes along the positions, which are bounded. */
    private static final String UNINDEXED_TIME = "occurred_at + 0";

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
     * Events that were found.
     *
     * @param through the last position that was looked at, from which a reader goes on
     * @param ended whether nothing was left behind it
     */
    public record Stretch(List<Positioned> events, long through, boolean ended) {
        public Stretch {
            events = List.copyOf(events);
        }
    }

    /**
     * Events after a position.
     *
     * @param limit 1 to {@value #MAX_EVENTS}
     */
    public static List<Positioned> after(Connection connection, Sealing sealing, long position, int limit)
            throws SQLException {
        return select(connection, sealing, Where.of("position > ?", position), limit);
    }

    /**
     * Events of some time after a position, of which no more than {@link #EXAMINED_MAX} are looked at.
     *
     * @param start earliest time, included; null for any
     * @param end latest time, included; null for any
     * @param limit the most events, 1 to {@value #MAX_EVENTS}
     */
    public static Stretch between(
            Connection connection,
            Sealing sealing,
            long position,
            @Nullable Instant start,
            @Nullable Instant end,
            int limit)
            throws SQLException {
        if (start == null && end == null) {
            List<Positioned> events = after(connection, sealing, position, limit);
            return new Stretch(
                    events, events.isEmpty() ? position : events.getLast().position(), events.size() < limit);
        }
        return between(connection, sealing, position, start, end, limit, EXAMINED_MAX);
    }

    /** @param examinedMax the most entries that are looked at */
    static Stretch between(
            Connection connection,
            Sealing sealing,
            long position,
            @Nullable Instant start,
            @Nullable Instant end,
            int limit,
            int examinedMax)
            throws SQLException {
        Optional<Long> reach = reach(connection, position, examinedMax);
        Where wanted = Where.of("position > ?", position);
        if (reach.isPresent()) {
            wanted = wanted.and(Where.of("position <= ?", reach.get()));
        }
        if (start != null) {
            wanted = wanted.and(Where.of(UNINDEXED_TIME + " >= ?", micros(start)));
        }
        if (end != null) {
            wanted = wanted.and(Where.of(UNINDEXED_TIME + " <= ?", micros(end)));
        }
        List<Positioned> events = select(connection, sealing, wanted, limit);
        if (events.size() == limit) {
            return new Stretch(events, events.getLast().position(), false);
        }
        long last = events.isEmpty() ? position : events.getLast().position();
        return new Stretch(events, reach.orElse(last), reach.isEmpty());
    }

    /** The position of the {@code examined}th entry after {@code position}; nothing where there are fewer. */
    private static Optional<Long> reach(Connection connection, long position, int examined) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT position FROM audit_log WHERE position > ? ORDER BY position LIMIT 1 OFFSET ?")) {
            select.setLong(1, position);
            select.setInt(2, examined - 1);
            try (ResultSet rows = select.executeQuery()) {
                return rows.next() ? Optional.of(rows.getLong(1)) : Optional.empty();
            }
        }
    }

    private static List<Positioned> select(Connection connection, Sealing sealing, Where wanted, int limit)
            throws SQLException {
        if (limit < 1 || limit > MAX_EVENTS) {
            throw new IllegalArgumentException("limit is " + limit + "; allowed: 1 to " + MAX_EVENTS);
        }
        String sql = "SELECT node, seq, received_at, payload, position FROM audit_log WHERE " + wanted.sql()
                + " ORDER BY position LIMIT " + limit;
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            for (int at = 0; at < wanted.values().size(); at++) {
                select.setObject(at + 1, wanted.values().get(at));
            }
            List<Long> positions = new ArrayList<>();
            List<AuditEvent> events = AuditQuery.read(connection, sealing, select, positions);
            List<Positioned> found = new ArrayList<>();
            for (int at = 0; at < events.size(); at++) {
                found.add(new Positioned(positions.get(at), events.get(at)));
            }
            return found;
        }
    }

    private static long micros(Instant time) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, time);
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
