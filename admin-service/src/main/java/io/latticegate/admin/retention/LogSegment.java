package io.latticegate.admin.retention;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * The entries of the audit that were received on one day, UTC.
 *
 * @param day of their receipt
 * @param first position of the oldest end or event; 0 when the day has none
 * @param last position of the newest
 * @param events ends and events
 * @param beginnings beginnings
 */
record LogSegment(LocalDate day, long first, long last, long events, long beginnings) {
    private static final long MICROS_PER_DAY = Duration.ofDays(1).toNanos() / 1_000;

    private record Row(long position, long receivedAt) {}

    /** When the day after it begins, microseconds since 1970 UTC. */
    long endMicros() {
        return (day.toEpochDay() + 1) * MICROS_PER_DAY;
    }

    /** The segment of the oldest entry that is still there. */
    static Optional<LogSegment> oldest(Connection connection) throws SQLException {
        Optional<Row> event = row(connection, 0);
        long begun = number(connection, "SELECT MIN(received_at) FROM audit_begin", Optional.empty())
                .orElse(Long.MAX_VALUE);
        long micros = Math.min(event.map(Row::receivedAt).orElse(Long.MAX_VALUE), begun);
        if (micros == Long.MAX_VALUE) {
            return Optional.empty();
        }
        LocalDate day = Instant.EPOCH
                .plus(micros, ChronoUnit.MICROS)
                .atZone(ZoneOffset.UTC)
                .toLocalDate();
        long end = (day.toEpochDay() + 1) * MICROS_PER_DAY;
        long first =
                event.filter(row -> row.receivedAt() < end).map(Row::position).orElse(0L);
        long last = first == 0 ? 0 : lastBefore(connection, first, end);
        long events = first == 0
                ? 0
                : number(connection, "SELECT COUNT(*) FROM audit_log WHERE position <= ?", Optional.of(last))
                        .orElse(0L);
        long beginnings = number(connection, "SELECT COUNT(*) FROM audit_begin WHERE received_at < ?", Optional.of(end))
                .orElse(0L);
        return Optional.of(new LogSegment(day, first, last, events, beginnings));
    }

    /** The last of the positions from {@code first} on that were received before {@code end}; times rise with positions. */
    private static long lastBefore(Connection connection, long first, long end) throws SQLException {
        long low = first;
        long high = number(connection, "SELECT MAX(position) FROM audit_log", Optional.empty())
                .orElse(first);
        while (low < high) {
            long middle = low + (high - low + 1) / 2;
            Optional<Row> row = row(connection, middle);
            if (row.isPresent() && row.get().receivedAt() < end) {
                low = row.get().position();
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    private static Optional<Row> row(Connection connection, long from) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT position, received_at FROM audit_log WHERE position >= ? ORDER BY position LIMIT 1")) {
            select.setLong(1, from);
            try (ResultSet rows = select.executeQuery()) {
                return rows.next() ? Optional.of(new Row(rows.getLong(1), rows.getLong(2))) : Optional.empty();
            }
        }
    }

    private static Optional<Long> number(Connection connection, String sql, Optional<Long> parameter)
            throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            if (parameter.isPresent()) {
                select.setLong(1, parameter.get());
            }
            try (ResultSet rows = select.executeQuery()) {
                rows.next();
                long value = rows.getLong(1);
                return rows.wasNull() ? Optional.empty() : Optional.of(value);
            }
        }
    }
}
