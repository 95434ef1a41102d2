package io.latticegate.vault.record;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Runs SQL on the vault's database; what fails is {@link RecordsUnavailable}. Blocking. */
final class Statements {
    /** Reads one row. */
    @FunctionalInterface
    interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }

    /** A change of rows. */
    record Change(String sql, List<Object> parameters) {
        static Change of(String sql, Object... parameters) {
            return new Change(sql, List.of(parameters));
        }
    }

    private final DataSource database;

    Statements(DataSource database) {
        this.database = database;
    }

    <T> List<T> query(String doing, String sql, RowReader<T> reader, @Nullable Object... parameters) {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, parameters);
            List<T> found = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    found.add(reader.read(rows));
                }
            }
            return found;
        } catch (SQLException failed) {
            throw new RecordsUnavailable(doing, failed);
        }
    }

    int update(String doing, String sql, @Nullable Object... parameters) {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, parameters);
            return statement.executeUpdate();
        } catch (SQLException failed) {
            throw new RecordsUnavailable(doing, failed);
        }
    }

    /** All of it or nothing: nothing where {@code guard} changes no row, which is what this tells. */
    boolean together(String doing, Change guard, List<Change> changes) {
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            try {
                boolean granted = update(connection, guard) > 0;
                if (granted) {
                    for (Change change : changes) {
                        update(connection, change);
                    }
                    connection.commit();
                }
                return granted;
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        } catch (SQLException failed) {
            throw new RecordsUnavailable(doing, failed);
        }
    }

    private static int update(Connection connection, Change change) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(change.sql())) {
            bind(statement, change.parameters().toArray());
            return statement.executeUpdate();
        }
    }

    static void bind(PreparedStatement statement, @Nullable Object... parameters) throws SQLException {
        for (int i = 0; i < parameters.length; i++) {
            switch (parameters[i]) {
                case null -> statement.setNull(i + 1, Types.BIGINT);
                case String text -> statement.setString(i + 1, text);
                case Long number -> statement.setLong(i + 1, number);
                case byte[] bytes -> statement.setBytes(i + 1, bytes);
                case Object other -> throw new IllegalArgumentException("no column holds a " + other.getClass());
            }
        }
    }

    static @Nullable Long nullableLong(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : value;
    }
}
