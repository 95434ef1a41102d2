package io.latticegate.bench.usage;

import io.latticegate.admin.analytics.KnownKeys;
import io.latticegate.admin.analytics.Rollups;
import io.latticegate.common.journal.AuditEncoder;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.store.Database;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * Puts requests into an audit store faster than the intake would: the log in bulk and without its indexes, which are made
 * afterwards, the sums by the same {@link Rollups} in larger batches. What results is what the intake leaves.
 */
public final class FilledStore {
    private static final int BATCH = 20_000;
    private static final String NODE = "bench";
    private static final List<String> COLUMNS = List.of(
            "node",
            "seq",
            "received_at",
            "phase",
            "occurred_at",
            "action",
            "actor_kind",
            "actor_id",
            "request_id",
            "project_id",
            "token_id",
            "client_ip",
            "method",
            "path",
            "user_agent",
            "surface",
            "model",
            "provider",
            "credential_source",
            "key_fingerprint",
            "status",
            "outcome",
            "reason",
            "tokens_in",
            "tokens_out",
            "tokens_cached",
            "usage_estimated",
            "cost_micro_usd",
            "attempts",
            "elapsed_micros",
            "metadata",
            "payload");

    private final Database database;
    private final Connection connection;
    private final boolean postgres;

    /** @param connection to the same schema, without limits of time */
    public FilledStore(Database database, Connection connection, boolean postgres) {
        this.database = database;
        this.connection = connection;
        this.postgres = postgres;
    }

    /** Writes requests {@code 0} to {@code count - 1}. */
    public void fill(Traffic traffic, long count, PrintStream out) throws SQLException {
        Map<String, String> indexes = indexes();
        for (String index : indexes.keySet()) {
            run("DROP INDEX " + index);
        }
        KnownKeys known = new KnownKeys();
        for (long from = 0; from < count; from += BATCH) {
            long to = Math.min(count, from + BATCH);
            List<AuditRecord> records = new ArrayList<>(BATCH);
            for (long number = from; number < to; number++) {
                records.add(traffic.request(number).build());
            }
            connection.setAutoCommit(false);
            if (postgres) {
                copy(records, from + 1);
            } else {
                insert(records, from + 1);
            }
            Rollups rollups = new Rollups(known);
            records.forEach(record -> rollups.add(record, record.timestampMicros()));
            rollups.write(connection);
            connection.commit();
            connection.setAutoCommit(true);
            if (to % 500_000 == 0) {
                out.println(to + " requests stored");
            }
        }
        for (String definition : indexes.values()) {
            run(definition);
        }
        run(postgres ? "VACUUM ANALYZE" : "PRAGMA wal_checkpoint(TRUNCATE)");
    }

    /** Bytes of a table with its indexes, 0 where the store does not tell. */
    public long bytes(String table) throws SQLException {
        return postgres ? number("SELECT pg_total_relation_size('" + table + "')") : 0;
    }

    public long rows(String table) throws SQLException {
        return number("SELECT COUNT(*) FROM " + table);
    }

    private long number(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    private void run(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private Map<String, String> indexes() throws SQLException {
        Map<String, String> found = new TreeMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        postgres
                                ? "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'audit'"
                                        + " AND tablename = 'audit_log' AND indexname NOT LIKE '%pkey'"
                                : "SELECT name, sql FROM sqlite_master WHERE type = 'index'"
                                        + " AND tbl_name = 'audit_log' AND sql IS NOT NULL")) {
            while (rows.next()) {
                found.put(rows.getString(1), rows.getString(2));
            }
        }
        return found;
    }

    private static List<@Nullable Object> values(AuditRecord record, long sequence) {
        List<@Nullable Object> values = new ArrayList<>(COLUMNS.size());
        values.add(NODE);
        values.add(sequence);
        values.add(record.timestampMicros());
        values.add("end");
        values.add(record.timestampMicros());
        values.add(record.action());
        values.add(record.actor().kind().wireName());
        for (String text : List.of(
                record.actor().id(),
                record.requestId(),
                record.projectId(),
                record.tokenId(),
                record.clientIp(),
                record.method(),
                record.path(),
                record.userAgent(),
                record.surface(),
                record.model(),
                record.provider(),
                record.credentialSource(),
                record.keyFingerprint())) {
            values.add(text.isEmpty() ? null : text);
        }
        values.add((long) record.status());
        values.add(record.outcome().wireName());
        values.add(record.reason().isEmpty() ? null : record.reason());
        values.add(record.tokensIn());
        values.add(record.tokensOut());
        values.add(record.tokensCached());
        values.add(record.usageEstimated());
        values.add(record.costMicroUsd());
        values.add((long) record.attempts());
        values.add(record.elapsedMicros());
        String user = record.metadata().get("user");
        values.add(user == null ? null : "{\"user\":\"" + user + "\"}");
        values.add(AuditEncoder.bytes(record));
        return values;
    }

    private void insert(List<AuditRecord> records, long first) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO audit_log ("
                + String.join(", ", COLUMNS) + ") VALUES ("
                + String.join(", ", Collections.nCopies(COLUMNS.size(), "?")) + ")")) {
            long sequence = first;
            for (AuditRecord record : records) {
                List<@Nullable Object> values = values(record, sequence++);
                for (int at = 0; at < values.size(); at++) {
                    insert.setObject(at + 1, values.get(at));
                }
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    private void copy(List<AuditRecord> records, long first) throws SQLException {
        StringBuilder text = new StringBuilder(records.size() * 700);
        long sequence = first;
        for (AuditRecord record : records) {
            StringJoiner line = new StringJoiner("\t", "", "\n");
            for (Object value : values(record, sequence++)) {
                line.add(
                        value == null
                                ? "\\N"
                                : value instanceof byte[] bytes
                                        ? "\\\\x" + HexFormat.of().formatHex(bytes)
                                        : value.toString().replace("\\", "\\\\"));
            }
            text.append(line);
        }
        try {
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn(
                            "COPY audit_log (" + String.join(", ", COLUMNS) + ") FROM STDIN",
                            new ByteArrayInputStream(text.toString().getBytes(StandardCharsets.UTF_8)));
        } catch (IOException fault) {
            throw new UncheckedIOException("the rows could not be sent", fault);
        }
    }

    /** The store, opened as a service opens it. */
    public Database database() {
        return database;
    }
}
