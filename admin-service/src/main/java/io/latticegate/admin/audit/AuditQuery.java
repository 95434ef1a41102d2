package io.latticegate.admin.audit;

import io.latticegate.admin.subject.Sealing;
import io.latticegate.admin.subject.Sealing.Opened;
import io.latticegate.admin.subject.Sealing.Stored;
import io.latticegate.common.journal.AuditActor;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Lists and finds events. Beginnings are not shown: each request appears once, as it ended. */
public final class AuditQuery {
    private static final String COLUMNS = "node, seq, received_at, payload";
    private static final List<String> SEARCHED = List.of(
            "action",
            "actor_id",
            "request_id",
            "correlation_id",
            "project_id",
            "token_id",
            "client_ip",
            "path",
            "user_agent",
            "model",
            "provider",
            "reason",
            "metadata");

    private final StringJoiner conditions = new StringJoiner(" AND ").setEmptyValue("TRUE");
    private final List<Object> values = new ArrayList<>();

    private AuditQuery(AuditFilter filter) {
        filter.equal().forEach(this::equal);
        Instant start = filter.start();
        if (start != null) {
            condition("occurred_at >= ?", ChronoUnit.MICROS.between(Instant.EPOCH, start));
        }
        Instant end = filter.end();
        if (end != null) {
            condition("occurred_at <= ?", ChronoUnit.MICROS.between(Instant.EPOCH, end));
        }
        if (!filter.search().isEmpty()) {
            search(filter.search());
        }
    }

    /** The page of events that the filter asks for, newest first. */
    public static AuditPage list(Connection connection, Sealing sealing, AuditFilter filter) throws SQLException {
        AuditQuery query = new AuditQuery(filter);
        long total = query.count(connection);
        long offset = (filter.page() - 1L) * filter.pageSize();
        List<AuditEvent> events =
                offset >= total ? List.of() : query.events(connection, sealing, filter.pageSize(), offset);
        return new AuditPage(events, filter.page(), filter.pageSize(), total);
    }

    /** The event with that {@link AuditEvent#id() id}. */
    public static Optional<AuditEvent> find(Connection connection, Sealing sealing, String id) throws SQLException {
        Optional<AuditEvent.Key> key = AuditEvent.key(id);
        if (key.isEmpty()) {
            return Optional.empty();
        }
        try (PreparedStatement select =
                connection.prepareStatement("SELECT " + COLUMNS + " FROM audit_log WHERE node = ? AND seq = ?")) {
            select.setString(1, key.get().node());
            select.setLong(2, key.get().sequence());
            return read(connection, sealing, select).stream().findFirst();
        }
    }

    private void equal(AuditFilter.Field field, String value) {
        boolean kind = field == AuditFilter.Field.ACTOR
                && Arrays.stream(AuditActor.Kind.values())
                        .anyMatch(known -> known.wireName().equals(value));
        if (kind) {
            conditions.add("(actor_id = ? OR (actor_id IS NULL AND actor_kind = ?))");
            values.add(value);
            values.add(value);
        } else {
            condition(field.column() + " = ?", value);
            useIndexOfRare(field, value);
        }
    }

    /** States the condition of a partial index, since a database does not conclude it from a parameter. */
    private void useIndexOfRare(AuditFilter.Field field, String value) {
        if (field == AuditFilter.Field.ACTION && !value.equals("proxy_request")) {
            conditions.add("action <> 'proxy_request'");
        } else if (field == AuditFilter.Field.OUTCOME && !value.equals("success")) {
            conditions.add("outcome <> 'success'");
        }
    }

    private void condition(String sql, Object value) {
        conditions.add(sql);
        values.add(value);
    }

    private void search(String text) {
        String pattern = "%" + text.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%";
        StringJoiner any = new StringJoiner(" OR ", "(", ")");
        for (String column : SEARCHED) {
            any.add("LOWER(" + column + ") LIKE LOWER(?) ESCAPE '!'");
            values.add(pattern);
        }
        conditions.add(any.toString());
    }

    private long count(Connection connection) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT COUNT(*) FROM audit_log WHERE " + conditions)) {
            bind(select);
            try (ResultSet rows = select.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        }
    }

    private List<AuditEvent> events(Connection connection, Sealing sealing, int limit, long offset)
            throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT " + COLUMNS + " FROM audit_log WHERE "
                + conditions + " ORDER BY occurred_at DESC, node DESC, seq DESC LIMIT ? OFFSET ?")) {
            int parameters = bind(select);
            select.setInt(parameters + 1, limit);
            select.setLong(parameters + 2, offset);
            return read(connection, sealing, select);
        }
    }

    private int bind(PreparedStatement select) throws SQLException {
        for (int at = 0; at < values.size(); at++) {
            select.setObject(at + 1, values.get(at));
        }
        return values.size();
    }

    private static List<AuditEvent> read(Connection connection, Sealing sealing, PreparedStatement select)
            throws SQLException {
        return read(connection, sealing, select, null);
    }

    /**
     * Reads and opens rows of node, seq, received_at and payload.
     *
     * @param fifth takes the fifth column of each row, a number; null: there is none
     */
    static List<AuditEvent> read(
            Connection connection, Sealing sealing, PreparedStatement select, @Nullable List<Long> fifth)
            throws SQLException {
        List<Stored> stored = new ArrayList<>();
        List<Long> receivedAt = new ArrayList<>();
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                stored.add(new Stored(rows.getString(1), rows.getLong(2), rows.getBytes(4)));
                receivedAt.add(rows.getLong(3));
                if (fifth != null) {
                    fifth.add(rows.getLong(5));
                }
            }
        }
        List<Opened> opened = sealing.open(connection, stored);
        List<AuditEvent> events = new ArrayList<>();
        for (int at = 0; at < stored.size(); at++) {
            Stored row = stored.get(at);
            events.add(AuditEvent.of(row.node(), row.sequence(), receivedAt.get(at), opened.get(at)));
        }
        return events;
    }
}
