package io.latticegate.auth.token;

import io.latticegate.common.value.Allowance;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Collections;
import org.jspecify.annotations.Nullable;

/** How values that may be absent lie in a row: NULL for null, and NULL for {@link Allowance#UNLIMITED}. */
public final class Rows {
    public static void setLong(PreparedStatement statement, int index, @Nullable Long value) throws SQLException {
        if (value == null) {
            statement.setNull(index, Types.BIGINT);
        } else {
            statement.setLong(index, value);
        }
    }

    public static @Nullable Long getLong(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : value;
    }

    /** Sets three parameters from {@code index} on. */
    public static void setLimits(PreparedStatement statement, int index, Allowance limits) throws SQLException {
        setLong(statement, index, limited(limits.requests()));
        setLong(statement, index + 1, limited(limits.tokens()));
        setLong(statement, index + 2, limited(limits.microUsd()));
    }

    /** Reads the three columns {@code <prefix>_requests}, {@code <prefix>_tokens} and {@code <prefix>_micro_usd}. */
    public static Allowance allowance(ResultSet row, String prefix) throws SQLException {
        return new Allowance(
                limit(row, prefix + "_requests"), limit(row, prefix + "_tokens"), limit(row, prefix + "_micro_usd"));
    }

    /** {@code count} placeholders for an IN list. */
    public static String placeholders(int count) {
        return String.join(", ", Collections.nCopies(count, "?"));
    }

    private static @Nullable Long limited(long value) {
        return value == Allowance.UNLIMITED ? null : value;
    }

    private static long limit(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? Allowance.UNLIMITED : value;
    }

    private Rows() {}
}
