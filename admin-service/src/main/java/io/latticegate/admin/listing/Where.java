package io.latticegate.admin.listing;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * A condition on rows of {@code audit_log}.
 *
 * @param sql with a question mark for each value
 * @param values text and whole numbers
 */
public record Where(String sql, List<Object> values) {
    public Where {
        values = List.copyOf(values);
    }

    public static Where of(String sql, Object... values) {
        return new Where(sql, List.of(values));
    }

    /** Both of them. */
    public Where and(Where other) {
        return joined(" AND ", other);
    }

    /** Text that follows this one, with its values. */
    Where then(Where other) {
        return joined("", other);
    }

    private Where joined(String between, Where other) {
        List<Object> both = new ArrayList<>(values);
        both.addAll(other.values);
        return new Where(sql + between + other.sql, both);
    }

    /** A statement of this text alone. */
    PreparedStatement prepare(Connection connection) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int at = 0; at < values.size(); at++) {
            statement.setObject(at + 1, values.get(at));
        }
        return statement;
    }
}
