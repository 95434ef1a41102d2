package io.latticegate.admin.audit;

import io.latticegate.admin.listing.LogPlace;
import io.latticegate.admin.listing.NewestFirst;
import io.latticegate.admin.listing.Where;
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
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * Lists and finds events. Beginnings are not shown: each request appears once, as it ended.
 *
 * <p>A page looks at a bounded number of entries; see {@link NewestFirst}. The total is exact where no more entries than that
 * come into question, and else says how many there are at least.
 */
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

    /** Those that lead, the likely rarest first. What is not among them is too common, or has no index. */
    private static final List<AuditFilter.Field> LEADING = List.of(
            AuditFilter.Field.REQUEST_ID,
            AuditFilter.Field.CORRELATION_ID,
            AuditFilter.Field.ACTOR,
            AuditFilter.Field.CLIENT_IP,
            AuditFilter.Field.ACTION,
            AuditFilter.Field.OUTCOME,
            AuditFilter.Field.PROJECT_ID);

    private AuditQuery() {}

    /** The page of events that the filter asks for, newest first. */
    public static AuditPage list(Connection connection, Sealing sealing, AuditFilter filter) throws SQLException {
        return list(connection, sealing, filter, NewestFirst.EXAMINED_MAX);
    }

    /** @param examinedMax the most entries that are looked at */
    static AuditPage list(Connection connection, Sealing sealing, AuditFilter filter, int examinedMax)
            throws SQLException {
        NewestFirst entries = entries(connection, filter, examinedMax);
        AuditCursor after = filter.after();
        int offset = (filter.page() - 1) * filter.pageSize();
        List<Long> times = new ArrayList<>();
        NewestFirst.Found<AuditEvent> found =
                entries.rows(connection, COLUMNS + ", occurred_at", filter.pageSize(), offset, examinedMax, select -> {
                    times.clear();
                    return read(connection, sealing, select, times);
                });
        LogPlace reach = found.reach();
        LogPlace next = found.more()
                ? new LogPlace(
                        times.get(filter.pageSize() - 1),
                        found.rows().getLast().node(),
                        found.rows().getLast().sequence())
                : reach;
        Total total = after == null
                ? total(connection, entries, found, offset, examinedMax)
                : total(after, found, next == null);
        int number = after == null ? filter.page() : after.page();
        return new AuditPage(
                found.rows(),
                number,
                filter.pageSize(),
                total.count(),
                total.exact(),
                next == null ? null : new AuditCursor(next, number + 1, total.seen(), total.count(), total.exact()),
                found.more() || reach == null ? null : reach.occurredAtMicros());
    }

    /** @param seen how many are on this page and before it */
    private record Total(long count, boolean exact, long seen) {}

    /** Of a page by its number: it ends the listing and so tells the total, or entries are counted as far as they are looked at. */
    private static Total total(
            Connection connection,
            NewestFirst entries,
            NewestFirst.Found<AuditEvent> found,
            int offset,
            int examinedMax)
            throws SQLException {
        long seen = offset + (long) found.rows().size();
        boolean last = !found.more() && found.reach() == null;
        if (last && (offset == 0 || !found.rows().isEmpty())) {
            return new Total(seen, true, seen);
        }
        LogPlace reach = entries.reach(connection, examinedMax);
        long counted = reach == null || entries.selective() ? entries.count(connection, reach) : examinedMax;
        return found.more()
                ? new Total(Math.max(counted, seen), reach == null, seen)
                : new Total(counted, reach == null, counted);
    }

    /** Of a page behind another. */
    private static Total total(AuditCursor after, NewestFirst.Found<AuditEvent> found, boolean last) {
        long seen = after.seen() + found.rows().size();
        return last
                ? new Total(seen, true, seen)
                : new Total(Math.max(after.total(), seen), after.totalIsExact(), seen);
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

    private static NewestFirst entries(Connection connection, AuditFilter filter, int examinedMax) throws SQLException {
        List<Where> leads = List.of(NewestFirst.ALL);
        AuditFilter.Field leading = null;
        for (AuditFilter.Field field : LEADING) {
            String value = filter.equal().get(field);
            List<Where> own = value == null ? List.of() : leads(connection, field, value, examinedMax);
            if (!own.isEmpty()) {
                leads = own;
                leading = field;
                break;
            }
        }
        List<Where> tests = new ArrayList<>();
        for (Map.Entry<AuditFilter.Field, String> one : filter.equal().entrySet()) {
            if (one.getKey() != leading) {
                tests.add(test(one.getKey(), one.getValue()));
            }
        }
        if (!filter.search().isEmpty()) {
            tests.add(containing(filter.search()));
        }
        AuditCursor after = filter.after();
        return new NewestFirst(
                leads, tests, micros(filter.start()), micros(filter.end()), after == null ? null : after.place());
    }

    private static @Nullable Long micros(@Nullable Instant time) {
        return time == null ? null : ChronoUnit.MICROS.between(Instant.EPOCH, time);
    }

    /**
     * The condition as an index answers it, in one part or two; none where the value is too common for that. That of a partial
     * index is stated, since a database does not conclude it from a parameter. Ids of requests have indexes without time; clients
     * choose correlation ids, so that one may be on every entry.
     */
    private static List<Where> leads(Connection connection, AuditFilter.Field field, String value, int examinedMax)
            throws SQLException {
        return switch (field) {
            case REQUEST_ID -> few(connection, List.of(Where.of("request_id = ?", value)), examinedMax);
            case CORRELATION_ID -> {
                Where same = Where.of("request_id = ? AND correlation_id = ?", value, value);
                Where other = Where.of("correlation_id = ? AND correlation_id <> request_id", value);
                yield NewestFirst.few(connection, Where.of("request_id = ?", value), examinedMax)
                        ? few(connection, List.of(same, other), examinedMax)
                        : List.of();
            }
            case ACTOR ->
                isKind(value)
                        ? List.of(
                                Where.of("actor_id = ?", value), Where.of("actor_id IS NULL AND actor_kind = ?", value))
                        : List.of(Where.of("actor_id = ?", value));
            case ACTION ->
                value.equals("proxy_request")
                        ? List.of()
                        : List.of(Where.of("action = ? AND action <> 'proxy_request'", value));
            case OUTCOME ->
                value.equals("success") ? List.of() : List.of(Where.of("outcome = ? AND outcome <> 'success'", value));
            case CLIENT_IP, PROJECT_ID -> List.of(Where.of(field.column() + " = ?", value));
            case METHOD, PATH -> List.of();
        };
    }

    private static List<Where> few(Connection connection, List<Where> leads, int examinedMax) throws SQLException {
        for (Where lead : leads) {
            if (!NewestFirst.few(connection, lead, examinedMax)) {
                return List.of();
            }
        }
        return leads;
    }

    private static boolean isKind(String actor) {
        return Arrays.stream(AuditActor.Kind.values())
                .anyMatch(known -> known.wireName().equals(actor));
    }

    private static Where test(AuditFilter.Field field, String value) {
        Where same = NewestFirst.text(field.column(), value);
        return field == AuditFilter.Field.ACTOR && isKind(value)
                ? Where.of("(" + same.sql() + " OR (actor_id IS NULL AND COALESCE(actor_kind, '') = ?))", value, value)
                : same;
    }

    private static Where containing(String text) {
        String pattern = "%" + text.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%";
        StringJoiner any = new StringJoiner(" OR ", "(", ")");
        for (String column : SEARCHED) {
            any.add("LOWER(" + column + ") LIKE LOWER(?) ESCAPE '!'");
        }
        return new Where(any.toString(), Collections.nCopies(SEARCHED.size(), pattern));
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
