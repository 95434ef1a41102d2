package io.latticegate.admin.alert;

import io.vertx.core.json.JsonObject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The tables {@code alert} and {@code alert_delivery}. Every method is a statement or two in the caller's transaction. */
public final class AlertBook {
    /** Most messages that wait for webhooks; of more, the newest are refused. */
    static final int WAITING_MAX = 10_000;

    private static final String COLUMNS = "id, rule, scope, severity, summary, labels, since, resolved_at";

    /** @param attempts that failed so far */
    record Waiting(String id, String webhook, String body, int attempts, Instant createdAt) {}

    private AlertBook() {}

    static List<Alert> firing(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT " + COLUMNS + " FROM alert WHERE resolved_at IS NULL ORDER BY id")) {
            return read(select);
        }
    }

    /** What fires and what was resolved since {@code resolvedSince}, newest first. */
    public static List<Alert> latest(Connection connection, Instant resolvedSince, int limit) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT " + COLUMNS
                + " FROM alert WHERE resolved_at IS NULL OR resolved_at >= ? ORDER BY since DESC, id LIMIT ?")) {
            select.setLong(1, micros(resolvedSince));
            select.setInt(2, limit);
            return read(select);
        }
    }

    private static List<Alert> read(PreparedStatement select) throws SQLException {
        List<Alert> alerts = new ArrayList<>();
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                Map<String, String> labels = new TreeMap<>();
                new JsonObject(rows.getString(6))
                        .forEach(one -> labels.put(one.getKey(), String.valueOf(one.getValue())));
                long resolved = rows.getLong(8);
                alerts.add(new Alert(
                        rows.getString(1),
                        rows.getString(2),
                        rows.getString(3),
                        rows.getString(4),
                        rows.getString(5),
                        labels,
                        time(rows.getLong(7)),
                        resolved == 0 ? null : time(resolved)));
            }
        }
        return alerts;
    }

    /** Adds an alert that fires, or notes when it ended. */
    static void put(Connection connection, Alert alert) throws SQLException {
        Instant resolvedAt = alert.resolvedAt();
        if (resolvedAt != null) {
            try (PreparedStatement update =
                    connection.prepareStatement("UPDATE alert SET resolved_at = ? WHERE id = ?")) {
                update.setLong(1, micros(resolvedAt));
                update.setString(2, alert.id());
                update.executeUpdate();
            }
            return;
        }
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO alert (" + COLUMNS + ") VALUES (?, ?, ?, ?, ?, ?, ?, NULL) ON CONFLICT DO NOTHING")) {
            insert.setString(1, alert.id());
            insert.setString(2, alert.rule());
            insert.setString(3, alert.scope());
            insert.setString(4, alert.severity());
            insert.setString(5, alert.summary());
            insert.setString(6, new JsonObject(new TreeMap<String, Object>(alert.labels())).encode());
            insert.setLong(7, micros(alert.since()));
            insert.executeUpdate();
        }
    }

    /** Puts a message where it waits for its webhook; false: too many wait. */
    static boolean send(Connection connection, String id, String webhook, String body, Instant now)
            throws SQLException {
        try (PreparedStatement count = connection.prepareStatement("SELECT COUNT(*) FROM alert_delivery");
                ResultSet rows = count.executeQuery()) {
            rows.next();
            if (rows.getLong(1) >= WAITING_MAX) {
                return false;
            }
        }
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO alert_delivery (id, webhook, body, attempts, next_at, created_at) VALUES (?, ?, ?, 0, ?,"
                        + " ?) ON CONFLICT DO NOTHING")) {
            insert.setString(1, id);
            insert.setString(2, webhook);
            insert.setString(3, body);
            insert.setLong(4, micros(now));
            insert.setLong(5, micros(now));
            insert.executeUpdate();
        }
        return true;
    }

    /** Messages that are due, the longest waiting first. */
    static List<Waiting> due(Connection connection, Instant now, int limit) throws SQLException {
        List<Waiting> due = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement("SELECT id, webhook, body, attempts, created_at"
                + " FROM alert_delivery WHERE next_at <= ? ORDER BY next_at, id LIMIT ?")) {
            select.setLong(1, micros(now));
            select.setInt(2, limit);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    due.add(new Waiting(
                            rows.getString(1),
                            rows.getString(2),
                            rows.getString(3),
                            rows.getInt(4),
                            time(rows.getLong(5))));
                }
            }
        }
        return due;
    }

    static int delivered(Connection connection, String id) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM alert_delivery WHERE id = ?")) {
            delete.setString(1, id);
            return delete.executeUpdate();
        }
    }

    static int postpone(Connection connection, String id, Instant until) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE alert_delivery SET attempts = attempts + 1, next_at = ? WHERE id = ?")) {
            update.setLong(1, micros(until));
            update.setString(2, id);
            return update.executeUpdate();
        }
    }

    private static long micros(Instant time) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, time);
    }

    private static Instant time(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
}
