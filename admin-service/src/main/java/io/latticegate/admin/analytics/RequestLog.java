package io.latticegate.admin.analytics;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * Lists ended requests of the data plane, newest first, page by page from a place and not from a number, so that the last page
 * costs what the first one does.
 *
 * <p>A page looks at no more than {@value #EXAMINED_MAX} entries. Where a filter is so rare that they do not fill the page, it is
 * short, and goes on at the place that was reached.
 */
public final class RequestLog {
    /** The most entries that are looked at for a page. */
    public static final int EXAMINED_MAX = 20_000;

    private static final int ATTEMPTS_MAX = 100;

    private static final String COLUMNS = "occurred_at, node, seq, request_id, project_id, token_id, actor_kind,"
            + " actor_id, surface, method, path, model, provider, status, outcome, reason, tokens_in, tokens_out,"
            + " tokens_cached, usage_estimated, cost_micro_usd, attempts, elapsed_micros, metadata";

    private static final String NEWEST_FIRST = " ORDER BY occurred_at DESC, node DESC, seq DESC";

    /** What {@link Facets#ended} says, in SQL. */
    static final String ENDED =
            "(phase = 'end' OR action LIKE '%!_request' ESCAPE '!')" + " AND (surface IS NULL OR surface <> 'manage')";

    /** Conditions with their values. */
    private static final class Conditions {
        private final StringJoiner sql = new StringJoiner(" AND ").setEmptyValue("TRUE");
        private final List<Object> values = new ArrayList<>();

        void add(String condition, Object... bound) {
            sql.add(condition);
            values.addAll(List.of(bound));
        }

        PreparedStatement prepare(Connection connection, String before, String after) throws SQLException {
            PreparedStatement select = connection.prepareStatement(before + sql + after);
            for (int at = 0; at < values.size(); at++) {
                select.setObject(at + 1, values.get(at));
            }
            return select;
        }
    }

    /**
     * A page of requests.
     *
     * @param next where the next page begins, or null when this one reached the end
     */
    public record Page(List<RequestRow> rows, @Nullable RequestPlace next) {
        public Page {
            rows = List.copyOf(rows);
        }
    }

    /** A request and how its attempts went. */
    public record Detail(RequestRow request, List<RequestRow> attempts) {
        public Detail {
            attempts = List.copyOf(attempts);
        }
    }

    /** The page that the filter asks for. */
    public static Page list(Connection connection, RequestFilter filter) throws SQLException {
        return list(connection, filter, EXAMINED_MAX);
    }

    /** @param examinedMax the most entries that are looked at */
    static Page list(Connection connection, RequestFilter filter, int examinedMax) throws SQLException {
        RequestPlace last = examinedTo(connection, filter, examinedMax);
        Conditions all = indexed(filter);
        all.add(ENDED);
        filter.equal().forEach((field, value) -> {
            if (field == RequestFilter.Field.TOKEN_ID) {
                all.add("token_id = ?", value);
            } else if (!isIndexed(field, value)) {
                all.add(column(field) + " = ?", value);
            }
        });
        if (filter.status() != null) {
            all.add("status = ?", filter.status());
        }
        if (filter.elapsedMicrosMin() > 0) {
            all.add("elapsed_micros >= ?", filter.elapsedMicrosMin());
        }
        if (last != null) {
            all.add("(occurred_at, node, seq) >= (?, ?, ?)", last.occurredAtMicros(), last.node(), last.sequence());
        }
        List<RequestRow> rows;
        try (PreparedStatement select = all.prepare(
                connection,
                "SELECT " + COLUMNS + " FROM audit_log WHERE ",
                NEWEST_FIRST + " LIMIT " + (filter.limit() + 1))) {
            rows = read(select);
        }
        if (rows.size() > filter.limit()) {
            List<RequestRow> page = rows.subList(0, filter.limit());
            return new Page(page, page.getLast().place());
        }
        return new Page(rows, last);
    }

    /** The last place that may be looked at for this page, or null when nothing needs a bound. */
    private static @Nullable RequestPlace examinedTo(Connection connection, RequestFilter filter, int examinedMax)
            throws SQLException {
        boolean selective = filter.status() != null
                || filter.elapsedMicrosMin() > 0
                || filter.equal().entrySet().stream().anyMatch(one -> !isIndexed(one.getKey(), one.getValue()));
        if (!selective || filter.equal().containsKey(RequestFilter.Field.REQUEST_ID)) {
            return null;
        }
        try (PreparedStatement select = indexed(filter)
                        .prepare(
                                connection,
                                "SELECT occurred_at, node, seq FROM audit_log WHERE ",
                                NEWEST_FIRST + " LIMIT 1 OFFSET " + (examinedMax - 1));
                ResultSet row = select.executeQuery()) {
            return row.next() ? new RequestPlace(row.getLong(1), row.getString(2), row.getLong(3)) : null;
        }
    }

    /** The conditions that an index answers. */
    private static Conditions indexed(RequestFilter filter) {
        Conditions conditions = new Conditions();
        filter.equal().forEach((field, value) -> {
            if (isIndexed(field, value)) {
                conditions.add(column(field) + " = ?", value);
                if (field == RequestFilter.Field.OUTCOME) {
                    conditions.add("outcome <> 'success'");
                }
            }
        });
        if (filter.startMicros() != null) {
            conditions.add("occurred_at >= ?", filter.startMicros());
        }
        if (filter.endMicros() != null) {
            conditions.add("occurred_at <= ?", filter.endMicros());
        }
        RequestPlace after = filter.after();
        if (after != null) {
            conditions.add(
                    "(occurred_at, node, seq) < (?, ?, ?)", after.occurredAtMicros(), after.node(), after.sequence());
        }
        return conditions;
    }

    private static boolean isIndexed(RequestFilter.Field field, String value) {
        return switch (field) {
            case PROJECT_ID, TOKEN_ID, REQUEST_ID, ACTOR -> true;
            case OUTCOME -> !value.equals("success");
            case MODEL, PROVIDER, SURFACE -> false;
        };
    }

    /** A token acts under its own id, so that the index of actors finds its requests. */
    private static String column(RequestFilter.Field field) {
        return switch (field) {
            case PROJECT_ID -> "project_id";
            case TOKEN_ID, ACTOR -> "actor_id";
            case MODEL -> "model";
            case PROVIDER -> "provider";
            case OUTCOME -> "outcome";
            case SURFACE -> "surface";
            case REQUEST_ID -> "request_id";
        };
    }

    /** The request with that id, or null. */
    public static @Nullable Detail find(Connection connection, String requestId) throws SQLException {
        RequestFilter one =
                new RequestFilter(Map.of(RequestFilter.Field.REQUEST_ID, requestId), null, 0, null, null, null, 1);
        List<RequestRow> requests = list(connection, one).rows();
        if (requests.isEmpty()) {
            return null;
        }
        try (PreparedStatement select = connection.prepareStatement("SELECT " + COLUMNS
                + " FROM audit_log WHERE request_id = ? AND action = 'provider_attempt'"
                + " ORDER BY attempts, occurred_at, node, seq LIMIT " + ATTEMPTS_MAX)) {
            select.setString(1, requestId);
            return new Detail(requests.getFirst(), read(select));
        }
    }

    private static List<RequestRow> read(PreparedStatement select) throws SQLException {
        List<RequestRow> found = new ArrayList<>();
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                String actorId = text(rows, 8);
                found.add(new RequestRow(
                        new RequestPlace(rows.getLong(1), rows.getString(2), rows.getLong(3)),
                        text(rows, 4),
                        text(rows, 5),
                        text(rows, 6),
                        actorId.isEmpty() ? text(rows, 7) : actorId,
                        text(rows, 9),
                        text(rows, 10),
                        text(rows, 11),
                        text(rows, 12),
                        text(rows, 13),
                        rows.getInt(14),
                        text(rows, 15),
                        text(rows, 16),
                        rows.getLong(17),
                        rows.getLong(18),
                        rows.getLong(19),
                        rows.getBoolean(20),
                        rows.getLong(21),
                        rows.getInt(22),
                        rows.getLong(23),
                        StoredMetadata.read(text(rows, 24))));
            }
        }
        return found;
    }

    private static String text(ResultSet rows, int column) throws SQLException {
        String text = rows.getString(column);
        return text == null ? "" : text;
    }

    private RequestLog() {}
}
