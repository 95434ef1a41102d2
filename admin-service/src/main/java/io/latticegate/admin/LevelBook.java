package io.latticegate.admin;

import io.latticegate.common.contract.OpsApi.FollowLevels;
import io.latticegate.common.contract.OpsApi.LevelsInForce;
import io.latticegate.common.contract.OpsApi.LogLevel;
import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreFault;
import io.vertx.core.json.JsonObject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The log levels that operators have set, shared by all instances of admin-service through their store (table {@code
 * log_levels}). Blocking.
 */
public final class LevelBook {
    private static final int KEPT_MAX = 100;

    private final Database database;
    private final InstantSource clock;
    private final LongConsumer announce;

    /**
     * Levels that are in force.
     *
     * @param version 0: nobody has set any
     * @param level of everything without one of its own; null: as configured
     * @param components by logger
     */
    public record Levels(long version, @Nullable LogLevel level, Map<String, LogLevel> components) {
        static final Levels CONFIGURED = new Levels(0, null, Map.of());

        public Levels {
            components = Map.copyOf(components);
        }
    }

    /** @param announce is told the number of each version that is made here */
    LevelBook(Database database, InstantSource clock, LongConsumer announce) {
        this.database = database;
        this.clock = clock;
        this.announce = announce;
    }

    /** @throws StoreFault when the store does not answer */
    public Levels current() {
        return database.read(LevelBook::current);
    }

    /**
     * Sets all levels anew.
     *
     * @throws StoreFault when the store does not answer
     */
    public Levels set(@Nullable LogLevel level, Map<String, LogLevel> components) {
        String written = json(level, components).encode();
        while (true) {
            long version = database.inTransaction(connection -> insert(connection, written));
            if (version > 0) {
                announce.accept(version);
                return new Levels(version, level, components);
            }
        }
    }

    /** Answers a node that follows. */
    LevelsInForce inForce(FollowLevels question) {
        try {
            Levels now = current();
            return now.version() == question.known()
                    ? new LevelsInForce.UnchangedLevels(now.version())
                    : new LevelsInForce.Levels(now.version(), now.level(), now.components());
        } catch (StoreFault away) {
            return new LevelsInForce.LevelsUnknown();
        }
    }

    /** The number of the new version; 0: another transaction has taken it. */
    private long insert(Connection connection, String written) throws SQLException {
        long version = current(connection).version() + 1;
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO log_levels (version, levels, changed_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")) {
            insert.setLong(1, version);
            insert.setString(2, written);
            insert.setLong(3, ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant()));
            if (insert.executeUpdate() == 0) {
                return 0;
            }
        }
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM log_levels WHERE version <= ?")) {
            delete.setLong(1, version - KEPT_MAX);
            delete.executeUpdate();
        }
        return version;
    }

    private static Levels current(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                        "SELECT version, levels FROM log_levels ORDER BY version DESC LIMIT 1");
                ResultSet rows = select.executeQuery()) {
            return rows.next() ? levels(rows.getLong(1), new JsonObject(rows.getString(2))) : Levels.CONFIGURED;
        }
    }

    private static Levels levels(long version, JsonObject json) {
        String level = json.getString("level");
        Map<String, LogLevel> components = new TreeMap<>();
        json.getJsonObject("components")
                .forEach(entry -> components.put(entry.getKey(), LogLevel.valueOf(label(entry.getValue()))));
        return new Levels(version, level == null ? null : LogLevel.valueOf(label(level)), components);
    }

    private static String label(Object stored) {
        return stored.toString().toUpperCase(Locale.ROOT);
    }

    private static JsonObject json(@Nullable LogLevel level, Map<String, LogLevel> components) {
        JsonObject own = new JsonObject();
        components.forEach((logger, its) -> own.put(logger, its.name().toLowerCase(Locale.ROOT)));
        return new JsonObject()
                .put("level", level == null ? null : level.name().toLowerCase(Locale.ROOT))
                .put("components", own);
    }
}
