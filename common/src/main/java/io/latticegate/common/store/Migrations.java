package io.latticegate.common.store;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.sql.SQLException;
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
                .locations("classpath:db/" + schema + "/" + dialect.name().toLowerCase(java.util.Locale.ROOT))
                .failOnMissingLocations(true)
                .validateMigrationNaming(true)
                .cleanDisabled(true);
        if (dialect == Dialect.POSTGRESQL) {
            configuration.schemas(schema).defaultSchema(schema).createSchemas(true);
        }
        flyway = configuration.load();
    }

    /** Libraries that narrate at INFO are raised to WARN unless the operator's configuration names a level. */
    static void quiet() {
        for (String name : new String[] {"org.flywaydb", "com.zaxxer.hikari"}) {
            if (LoggerFactory.getLogger(name) instanceof Logger logger && logger.getLevel() == null) {
                logger.setLevel(Level.WARN);
            }
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
