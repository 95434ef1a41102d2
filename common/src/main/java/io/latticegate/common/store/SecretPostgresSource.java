package io.latticegate.common.store;

import io.latticegate.common.value.Secret;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/** Connections to PostgreSQL whose password becomes a string only while one is being opened, as the driver demands. */
final class SecretPostgresSource extends PGSimpleDataSource {
    private static final long serialVersionUID = 1L;

    private final String user;
    private final transient @Nullable Secret password;

    SecretPostgresSource(StoreLocation.Postgres location, String schema) {
        setURL(location.url());
        setApplicationName("latticegate-" + schema);
        setCurrentSchema(schema);
        setConnectTimeout(2);
        setLoginTimeout(2);
        setTcpKeepAlive(true);
        user = location.user();
        password = location.password() == null ? null : location.password().copy();
    }

    @Override
    public Connection getConnection() throws SQLException {
        String exposed = password == null ? null : password.expose(raw -> new String(raw, StandardCharsets.UTF_8));
        return getConnection(user, exposed);
    }
}
