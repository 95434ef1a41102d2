package io.latticegate.admin.analytics;

import io.latticegate.admin.listing.LogPlace;
import io.latticegate.admin.listing.NewestFirst;
import io.latticegate.admin.listing.Where;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Lists ended requests of the data plane, newest first, page by page from a place and not from a number, so that the last page
 * costs what the first one does.
 *
 * <p>A page looks at a bounded number of entries; see {@link NewestFirst}. Where a filter is so rare that they do not fill the
 * page, it is short, and goes on at the place that was reached.
 */
public final class RequestLog {
    private static final int ATTEMPTS_MAX = 100;

    private static final String COLUMNS = "occurred_at, node, seq, request_id, project_id, token_id, actor_kind,"
            + " actor_id, surface, method, path, model, provider, status, outcome, reason, tokens_in, tokens_out,"
            + " tokens_cached, usage_estimated, cost_micro_usd, attempts, elapsed_micros, metadata";

    /** What {@link Facets#ended} says, in SQL. */
    static final String ENDED =
            "(phase = 'end' OR action LIKE '%!_request' ESCAPE '!') AND (surface IS NULL OR surface <> 'manage')";

    private static final Where IS_ENDED = Where.of(ENDED);

    /** Those that lead, the likely rarest first. */
    private static final List<RequestFilter.Field> LEADING = List.of(
            RequestFilter.Field.REQUEST_ID,
            RequestFilter.Field.TOKEN_ID,
            RequestFilter.Field.ACTOR,
            RequestFilter.Field.OUTCOME,
            RequestFilter.Field.PROJECT_ID);

    /**
     * A page of requests.
     *
     * @param next where the next page begins, or null when this one reached the end
     */
    public record Page(List<RequestRow> rows, @Nullable LogPlace next) {
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
        return list(connection, filter, NewestFirst.EXAMINED_MAX);
    }

    /** @param examinedMax the most entries that are looked at */
    static Page list(Connection connection, RequestFilter filter, int examinedMax) throws SQLException {
        NewestFirst.Found<RequestRow> found = entries(connection, filter, examinedMax)
                .rows(connection, COLUMNS, filter.limit(), 0, examinedMax, RequestLog::read);
        return new Page(found.rows(), found.more() ? found.rows().getLast().place() : found.reach());
    }

    private static NewestFirst entries(Connection connection, RequestFilter filter, int examinedMax)
            throws SQLException {
        Where lead = NewestFirst.ALL;
        RequestFilter.Field leading = null;
        for (RequestFilter.Field field : LEADING) {
            String value = filter.equal().get(field);
            Where own = value == null ? null : lead(connection, field, value, examinedMax);
            if (own != null) {
                lead = own;
                leading = field;
                break;
            }
        }
        List<Where> tests = new ArrayList<>(List.of(IS_ENDED));
        for (Map.Entry<RequestFilter.Field, String> one : filter.equal().entrySet()) {
            if (one.getKey() != leading || leading == RequestFilter.Field.TOKEN_ID) {
                tests.add(NewestFirst.text(column(one.getKey()), one.getValue()));
            }
        }
        if (filter.status() != null) {
            tests.add(Where.of("status = ?", filter.status()));
        }
        if (filter.elapsedMicrosMin() > 0) {
            tests.add(Where.of("elapsed_micros >= ?", filter.elapsedMicrosMin()));
        }
        return new NewestFirst(List.of(lead), tests, filter.startMicros(), filter.endMicros(), filter.after());
    }

    /** The condition as an index answers it; none where the value is too common. A token acts under its own id. */
    private static @Nullable Where lead(Connection connection, RequestFilter.Field field, String value, int examinedMax)
            throws SQLException {
        return switch (field) {
            case TOKEN_ID, ACTOR -> Where.of("actor_id = ?", value);
            case PROJECT_ID -> Where.of("project_id = ?", value);
            case OUTCOME -> value.equals("success") ? null : Where.of("outcome = ? AND outcome <> 'success'", value);
            case REQUEST_ID -> {
                Where own = Where.of("request_id = ?", value);
                yield NewestFirst.few(connection, own, examinedMax) ? own : null;
            }
            case MODEL, PROVIDER, SURFACE -> null;
        };
    }

    private static String column(RequestFilter.Field field) {
        return switch (field) {
            case PROJECT_ID -> "project_id";
            case TOKEN_ID -> "token_id";
            case ACTOR -> "actor_id";
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
                        new LogPlace(rows.getLong(1), rows.getString(2), rows.getLong(3)),
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
