package io.latticegate.admin.listing;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Entries of {@code audit_log} from the newest to the oldest, of which no statement looks at more than a given number, however
 * many there are and however few of them match.
 *
 * <p>The conditions are of two sorts. One of them <em>leads</em>: an index answers it, and has the entries in the order of
 * their times, or they are known to be few. The statements walk along that index only. All others are <em>tested</em> on each
 * entry on the way, and are written so that no index fits them ({@link #text}): else a database might walk along another index
 * instead, which the bound says nothing about. A walk ends at a place that was found beforehand by counting entries of the
 * leading condition; who wants more goes on behind it.
 *
 * <p>A condition with alternatives leads as several that exclude one another, and each is walked along by itself.
 */
public final class NewestFirst {
    /** The most entries of each leading condition that one page looks at. */
    public static final int EXAMINED_MAX = 20_000;

    /** What leads where nothing else does: the times of all entries. */
    public static final Where ALL = Where.of("TRUE");

    private static final int FIRST_LOOK_SHARE = 20;
    private static final String ORDER = " ORDER BY occurred_at DESC, node DESC, seq DESC";

    private final List<Where> leads;
    private final List<Where> tests;
    private final Where from;
    private final Where to;

    /** Reads all rows of a statement. */
    @FunctionalInterface
    public interface Reader<T> {
        List<T> read(PreparedStatement select) throws SQLException;
    }

    /**
     * Rows that were found.
     *
     * @param more whether the row after the last one is known to match
     * @param reach the last place that was looked at, where rows are fewer than asked for and entries are left behind it; else
     *     null
     */
    public record Found<T>(
            List<T> rows, boolean more, @Nullable LogPlace reach) {
        public Found {
            rows = List.copyOf(rows);
        }
    }

    /**
     * @param leads at least one; of several, no entry meets two
     * @param tests what an entry has to meet besides
     * @param startMicros earliest time, included, microseconds since 1970; null for any
     * @param endMicros latest time, included; null for any
     * @param after only entries behind this place; null from the newest
     */
    public NewestFirst(
            List<Where> leads,
            List<Where> tests,
            @Nullable Long startMicros,
            @Nullable Long endMicros,
            @Nullable LogPlace after) {
        if (leads.isEmpty()) {
            throw new IllegalArgumentException("no condition leads; allowed: 1 or more");
        }
        this.leads = List.copyOf(leads);
        this.tests = List.copyOf(tests);
        this.to = startMicros == null ? ALL : Where.of("occurred_at >= ?", startMicros);
        this.from = from(endMicros, after);
    }

    /** One bound, the tighter: of two, a database may walk along the wider. */
    private static Where from(@Nullable Long endMicros, @Nullable LogPlace after) {
        if (after != null && (endMicros == null || after.occurredAtMicros() <= endMicros)) {
            return place("<", after);
        }
        return endMicros == null ? ALL : Where.of("occurred_at <= ?", endMicros);
    }

    private static Where place(String comparison, LogPlace place) {
        return Where.of(
                "(occurred_at, node, seq) " + comparison + " (?, ?, ?)",
                place.occurredAtMicros(),
                place.node(),
                place.sequence());
    }

    /** That a column of text, in which nothing stands for empty, has a value; for tests, not for what leads. */
    public static Where text(String column, String value) {
        return Where.of("COALESCE(" + column + ", '') = ?", value);
    }

    /** Whether fewer than {@code examinedMax} entries meet {@code lead}, which then may lead without an order of its own. */
    public static boolean few(Connection connection, Where lead, int examinedMax) throws SQLException {
        Where some = Where.of("SELECT COUNT(*) FROM (SELECT 1 AS one FROM audit_log WHERE ")
                .then(lead)
                .then(Where.of(" LIMIT " + examinedMax + ") AS at_most"));
        return number(connection, some) < examinedMax;
    }

    /** Whether an entry of a leading condition may fail to match. */
    public boolean selective() {
        return !tests.isEmpty();
    }

    /**
     * Rows from the newest on. Where few entries are enough to fill the page, no more are looked at.
     *
     * @param columns of the result, {@code occurred_at}, {@code node} and {@code seq} among them
     * @param limit the most rows, from 1
     * @param offset how many matching entries are passed over, from 0
     * @param examinedMax the most entries of each leading condition that are looked at, from 1
     */
    public <T> Found<T> rows(
            Connection connection, String columns, int limit, int offset, int examinedMax, Reader<T> reader)
            throws SQLException {
        if (!selective()) {
            return found(select(connection, columns, null, limit, offset, reader), limit, null);
        }
        int few = Math.max(limit + offset + 1, examinedMax / FIRST_LOOK_SHARE);
        if (few < examinedMax) {
            LogPlace near = reach(connection, few);
            Found<T> found = found(select(connection, columns, near, limit, offset, reader), limit, near);
            if (found.more() || near == null) {
                return found;
            }
        }
        LogPlace reach = reach(connection, examinedMax);
        return found(select(connection, columns, reach, limit, offset, reader), limit, reach);
    }

    private static <T> Found<T> found(List<T> rows, int limit, @Nullable LogPlace reach) {
        return rows.size() > limit ? new Found<>(rows.subList(0, limit), true, null) : new Found<>(rows, false, reach);
    }

    private <T> List<T> select(
            Connection connection, String columns, @Nullable LogPlace reach, int limit, int offset, Reader<T> reader)
            throws SQLException {
        Where rows = each(columns, reach).then(Where.of(ORDER + " LIMIT ? OFFSET ?", limit + 1, offset));
        try (PreparedStatement select = rows.prepare(connection)) {
            return reader.read(select);
        }
    }

    /**
     * The place at which a walk has looked at {@code entries} of a leading condition; null where none has so many.
     *
     * @param entries from 1
     */
    public @Nullable LogPlace reach(Connection connection, int entries) throws SQLException {
        LogPlace nearest = null;
        for (Where lead : leads) {
            Where one = Where.of("SELECT occurred_at, node, seq FROM audit_log WHERE ")
                    .then(lead)
                    .and(from)
                    .and(to)
                    .then(Where.of(ORDER + " LIMIT 1 OFFSET " + (entries - 1)));
            try (PreparedStatement select = one.prepare(connection);
                    ResultSet row = select.executeQuery()) {
                if (row.next() && (nearest == null || row.getLong(1) > nearest.occurredAtMicros())) {
                    nearest = new LogPlace(row.getLong(1), row.getString(2), row.getLong(3));
                }
            }
        }
        return nearest;
    }

    /** How many entries match, down to {@code reach} or, if that is null, all; which have to be few then. */
    public long count(Connection connection, @Nullable LogPlace reach) throws SQLException {
        return number(
                connection,
                Where.of("SELECT COUNT(*) FROM (").then(each("1 AS one", reach)).then(Where.of(") AS matching")));
    }

    /** The rows of each leading condition, one SELECT for each. */
    private Where each(String columns, @Nullable LogPlace reach) {
        Where until = reach == null ? to : place(">=", reach);
        Where all = Where.of("");
        String union = "";
        for (Where lead : leads) {
            Where one = Where.of(union + "SELECT " + columns + " FROM audit_log WHERE ")
                    .then(lead)
                    .and(from)
                    .and(until);
            for (Where test : tests) {
                one = one.and(test);
            }
            all = all.then(one);
            union = " UNION ALL ";
        }
        return all;
    }

    private static long number(Connection connection, Where question) throws SQLException {
        try (PreparedStatement select = question.prepare(connection);
                ResultSet row = select.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }
}
