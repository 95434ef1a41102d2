package io.latticegate.common.store;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * What is done with a connection. It may run more than once, so it changes nothing but the store, and it must not ask
 * the same {@link Database} for another connection.
 */
@FunctionalInterface
public interface Work<T extends @Nullable Object> {
    T run(Connection connection) throws SQLException;
}
