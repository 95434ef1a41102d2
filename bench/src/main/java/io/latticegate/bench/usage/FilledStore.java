package io.latticegate.bench.usage;

import io.latticegate.admin.analytics.RollupWriter;
import io.latticegate.admin.analytics.Rollups;
import io.latticegate.admin.subject.Sealing;
import io.latticegate.admin.subject.Sealing.Arrived;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * Puts entries into an audit store faster than the intake would: the log in bulk and without its indexes, which are made
 * afterwards, sealed by the same {@link Sealing} and summed by the same {@link Rollups} in larger batches. What results is what
 * the intake leaves, but for the leaves of the transparency log, beginnings, and the sums of alerts and wallets by day.
 */
public final class FilledStore {
    private static final int BATCH = 20_000;

    /** Batches whose requests are summed before their sums are written. */
    private static final int SUMMED_BATCHES = 4;
    /** {@code analytics.keep_minutes} of a store of which nothing else is said. */
    private static final Duration MINUTES_KEPT = Duration.ofDays(2);

    private static final long HOUR_MICROS = Duration.ofHours(1).toNanos() / 1_000;
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
            "correlation_id",
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
            "payload",
            "position");

    private final Database database;
    private final Connection connection;
    private final Sealing sealing;
    private final boolean postgres;

    /** @param connection to the same schema, without limits of time */
    public FilledStore(Database database, Connection connection, Sealing sealing, boolean postgres) {
        this.database = database;
        this.connection = connection;
        this.sealing = sealing;
        this.postgres = postgres;
    }

    /** Entries as they come from {@link Traffic}, with their bytes in a journal. */
    private record Batch(long first, List<AuditRecord> records, List<Arrived> arrived) {
        static Batch of(Traffic traffic, long from, long to) {
            List<AuditRecord> records = new ArrayList<>(BATCH);
            List<Arrived> arrived = new ArrayList<>(BATCH);
            for (long number = from; number < to; number++) {
                AuditRecord record = traffic.entry(number).build();
                records.add(record);
                arrived.add(new Arrived(number + 1, record, true, AuditEncoder.bytes(record)));
            }
            return new Batch(from + 1, records, arrived);
        }
    }

    /** Writes entries {@code 0} to {@code count - 1}, which are made by another thread meanwhile. */
    public void fill(Traffic traffic, long count, PrintStream out) throws SQLException {
        Map<String, String> indexes = indexes();
        for (String index : indexes.keySet()) {
            run("DROP INDEX " + index);
        }
        RollupWriter usage = new RollupWriter(database);
        Rollups rollups = new Rollups();
        long summed = 0;
        long oldest = traffic.endedMicros(count - 1) - MINUTES_KEPT.toNanos() / 1_000;
        long minutesFrom = oldest - oldest % HOUR_MICROS;
        long position = number("SELECT last FROM audit_position");
        try (ExecutorService making = Executors.newSingleThreadExecutor()) {
            Future<Batch> next = making.submit(() -> Batch.of(traffic, 0, Math.min(count, BATCH)));
            for (long from = 0; from < count; from += BATCH) {
                Batch batch = next.get();
                long begin = from + BATCH;
                next = making.submit(() -> Batch.of(traffic, begin, Math.min(count, begin + BATCH)));
                connection.setAutoCommit(false);
                store(batch, position);
                for (AuditRecord record : batch.records()) {
                    sum(record, minutesFrom, rollups);
                }
                boolean sums = begin / BATCH % SUMMED_BATCHES == 0 || begin >= count;
                long stored = Math.min(count, begin);
                if (sums) {
                    run("UPDATE audit_position SET last = " + (position + stored) + " WHERE id = 1");
                }
                connection.commit();
                connection.setAutoCommit(true);
                if (sums) {
                    usage.hold(new RollupWriter.Batch(position + summed + 1, position + stored, rollups));
                    usage.settle();
                    rollups = new Rollups();
                    summed = stored;
                }
                if (begin % 500_000 == 0) {
                    out.println(begin + " entries stored");
                }
            }
        } catch (ExecutionException fault) {
            throw new IllegalStateException("entries could not be made", fault);
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the store was filled", interrupt);
        }
        for (String definition : indexes.values()) {
            run(definition);
        }
        run("DELETE FROM analytics_rollup WHERE resolution = 1 AND start < " + minutesFrom / 1_000_000);
        run(postgres ? "VACUUM ANALYZE" : "PRAGMA wal_checkpoint(TRUNCATE)");
    }

    /** Requests of a time whose minutes would be deleted by now are summed as if they had ended with the hour's begin. */
    private static void sum(AuditRecord record, long minutesFrom, Rollups rollups) {
        long ended = record.timestampMicros();
        rollups.add(
                ended >= minutesFrom
                        ? record
                        : record.toBuilder()
                                .phase(record.phase(), ended - ended % HOUR_MICROS)
                                .build(),
                ended);
    }

    private void store(Batch batch, long position) throws SQLException {
        List<byte[]> sealed =
                sealing.seal(connection, NODE, batch.records().getLast().timestampMicros(), batch.arrived());
        if (postgres) {
            copy(batch, sealed, position);
        } else {
            insert(batch, sealed, position);
        }
    }

    /** Bytes of the whole store. */
    public long bytes() throws SQLException {
        return number(
                postgres
                        ? "SELECT pg_database_size(current_database())"
                        : "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()");
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

    private static List<@Nullable Object> values(AuditRecord record, long sequence, byte[] payload, long position) {
        List<@Nullable Object> values = new ArrayList<>(COLUMNS.size());
        values.add(NODE);
        values.add(sequence);
        values.add(record.timestampMicros());
        values.add(record.phase().name().toLowerCase(Locale.ROOT));
        values.add(record.timestampMicros());
        values.add(record.action());
        values.add(record.actor().kind().wireName());
        for (String text : List.of(
                record.actor().id(),
                record.requestId(),
                record.correlationId(),
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
        values.add(payload);
        values.add(position + sequence);
        return values;
    }

    private void insert(Batch batch, List<byte[]> sealed, long position) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO audit_log ("
                + String.join(", ", COLUMNS) + ") VALUES ("
                + String.join(", ", Collections.nCopies(COLUMNS.size(), "?")) + ")")) {
            for (int row = 0; row < sealed.size(); row++) {
                List<@Nullable Object> values =
                        values(batch.records().get(row), batch.first() + row, sealed.get(row), position);
                for (int at = 0; at < values.size(); at++) {
                    insert.setObject(at + 1, values.get(at));
                }
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    private void copy(Batch batch, List<byte[]> sealed, long position) throws SQLException {
        StringBuilder text = new StringBuilder(sealed.size() * 1_500);
        for (int row = 0; row < sealed.size(); row++) {
            StringJoiner line = new StringJoiner("\t", "", "\n");
            for (Object value : values(batch.records().get(row), batch.first() + row, sealed.get(row), position)) {
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
