package io.latticegate.admin.audit;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;

/** Reads usage, exact also past any number of entries and after entries were deleted for their age. */
public final class UsageQuery {
    /** The most projects or wallets that {@link #largest} lists. */
    public static final int MAX_LISTED = 1_000;

    private static final String SUMS =
            "SUM(requests), SUM(succeeded), SUM(tokens_in), SUM(tokens_out), SUM(tokens_cached),"
                    + " SUM(cost_micro_usd), MAX(last_at)";

    private UsageQuery() {}

    /** Everything that a project or wallet ever used. */
    public static UsageTotals total(Connection connection, UsageScope scope, String id) throws SQLException {
        return between(connection, scope, id, LocalDate.EPOCH, LocalDate.ofEpochDay(Integer.MAX_VALUE));
    }

    /**
     * What a project or wallet used on some days.
     *
     * @param from first day, UTC
     * @param to last day, UTC
     */
    public static UsageTotals between(Connection connection, UsageScope scope, String id, LocalDate from, LocalDate to)
            throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT id, " + SUMS
                + " FROM audit_usage WHERE scope = ? AND id = ? AND day BETWEEN ? AND ? GROUP BY id")) {
            select.setString(1, scope.column());
            select.setString(2, id);
            select.setLong(3, from.toEpochDay());
            select.setLong(4, to.toEpochDay());
            List<UsageTotals> found = read(select);
            return found.isEmpty() ? UsageTotals.none(id) : found.getFirst();
        }
    }

    /**
     * The projects or wallets with the most requests on some days, largest first.
     *
     * @param limit 1 to {@link #MAX_LISTED}
     */
    public static List<UsageTotals> largest(
            Connection connection, UsageScope scope, LocalDate from, LocalDate to, int limit) throws SQLException {
        if (limit < 1 || limit > MAX_LISTED) {
            throw new IllegalArgumentException("limit is " + limit + "; allowed: 1 to " + MAX_LISTED);
        }
        try (PreparedStatement select = connection.prepareStatement("SELECT id, " + SUMS
                + " FROM audit_usage WHERE scope = ? AND day BETWEEN ? AND ?"
                + " GROUP BY id ORDER BY SUM(requests) DESC, id LIMIT ?")) {
            select.setString(1, scope.column());
            select.setLong(2, from.toEpochDay());
            select.setLong(3, to.toEpochDay());
            select.setInt(4, limit);
            return read(select);
        }
    }

    private static List<UsageTotals> read(PreparedStatement select) throws SQLException {
        List<UsageTotals> totals = new ArrayList<>();
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                totals.add(new UsageTotals(
                        rows.getString(1),
                        rows.getLong(2),
                        rows.getLong(3),
                        rows.getLong(4),
                        rows.getLong(5),
                        rows.getLong(6),
                        rows.getLong(7),
                        rows.getLong(8)));
            }
        }
        return totals;
    }
}
