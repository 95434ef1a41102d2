package io.latticegate.common.store;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.sql.SQLException;
import java.util.Locale;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.slf4j.LoggerFactory;

/** Brings a schema to the version of this build with Flyway; several processes may do so at once. */
final class Migrations {
    private final Flyway flyway;
    private final String what;

    Migrations(DataSource source, String schema, Dialect dialect, String what) {
        this.what = what;
        var configuration = Flyway.configure()
                .loggers("slf4j")
                .dataSource(source)
                .connectRetries(0)
                .locations("classpath:db/" + schema + "/" + dialect.name().toLowerCase(Locale.ROOT))
                .failOnMissingLocations(true)
                .validateMigrationNaming(true)
                .cleanDisabled(true);
        if (dialect == Dialect.POSTGRESQL) {
            configuration.schemas(schema).defaultSchema(schema).createSchemas(true);
        }
        flyway = configuration.load();
    }

    /**
     * Raises the level of libraries that narrate, unless the operator's configuration names a level. The pool's own
     * classes also log a stack trace for each connection that an outage breaks, which callers learn as a fault anyway.
     */
    static void quiet() {
        raise("org.flywaydb", Level.WARN);
        raise("com.zaxxer.hikari", Level.WARN);
        raise("com.zaxxer.hikari.pool.PoolBase", Level.ERROR);
        raise("com.zaxxer.hikari.pool.ProxyConnection", Level.ERROR);
    }

    private static void raise(String name, Level level) {
        if (LoggerFactory.getLogger(name) instanceof Logger logger && logger.getLevel() == null) {
            logger.setLevel(level);
        }
    }

    void run() {
        try {
            flyway.migrate();
        } catch (FlywayException failure) {
            for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
                if (cause instanceof SQLException sql) {
                    throw StoreFault.of(what, sql);
                }
            }
            throw new StoreFault.Failed(what + " could not be migrated: " + failure.getMessage(), failure);
        }
    }
}
