package io.latticegate.admin.export;

import io.latticegate.admin.audit.AuditEvent;
import io.latticegate.admin.audit.AuditFeed;
import io.latticegate.admin.audit.AuditFeed.Backlog;
import io.latticegate.admin.audit.AuditFeed.Positioned;
import io.latticegate.admin.export.Sink.Batch;
import io.latticegate.admin.export.Sink.Line;
import io.latticegate.admin.export.Sink.NotDelivered;
import io.latticegate.admin.retention.WorkLease;
import io.latticegate.admin.subject.Sealing;
import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.store.Database;
import io.latticegate.common.telemetry.Log;
import io.latticegate.common.telemetry.LogKey;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/**
 * Brings the audit to one sink, in order and at least once: what the sink has taken over is noted in the store, by whichever
 * admin-service holds the lease, and after a fault the same batch is sent again, a little later each time, and no sooner than
 * the sink asks for, within an hour. A new sink begins with the oldest event that is kept.
 */
public final class ExportPump {
    /** How long the right to deliver to a sink lasts; an admin-service that dies is followed after that. */
    public static final Duration LEASE = Duration.ofSeconds(30);

    private static final Log LOG = Log.of(ExportPump.class);
    private static final int BATCH_BYTES_MAX = 1 << 20;
    private static final int BATCHES_PER_RUN = 100;
    private static final Duration BACKOFF_FIRST = Duration.ofSeconds(1);
    private static final Duration BACKOFF_MAX = Duration.ofMinutes(1);
    private static final Duration RETRY_AFTER_MAX = Duration.ofHours(1);

    private final String name;
    private final Database database;
    private final Sealing sealing;
    private final Sink sink;
    private final Function<AuditEvent, String> writer;
    private final WorkLease lease;
    private final InstantSource clock;
    private final Counter delivered;
    private final Counter failures;
    private final AtomicReference<Pause> pause = new AtomicReference<>(new Pause(Instant.MIN, BACKOFF_FIRST));
    private final AtomicReference<Backlog> backlog = new AtomicReference<>(new Backlog(0, 0));

    private record Pause(Instant until, Duration next) {}

    /**
     * @param name of the sink, for its cursor and its metrics
     * @param writer how the sink wants an event written
     */
    public ExportPump(
            String name,
            Database database,
            Sealing sealing,
            Sink sink,
            Function<AuditEvent, String> writer,
            WorkLease lease,
            InstantSource clock,
            MeterRegistry metrics) {
        this.name = name;
        this.database = database;
        this.sealing = sealing;
        this.sink = sink;
        this.writer = writer;
        this.lease = lease;
        this.clock = clock;
        delivered = Counter.builder("audit.export.events")
                .description("Audit events that a sink has taken over, repetitions included")
                .tag("sink", name)
                .register(metrics);
        failures = Counter.builder("audit.export.failures")
                .description("Batches of audit events that a sink did not take over")
                .tag("sink", name)
                .register(metrics);
        Gauge.builder("audit.export.lag.events", () -> backlog.get().events())
                .description("Audit events that a sink has not taken over yet")
                .tag("sink", name)
                .register(metrics);
        Gauge.builder("audit.export.lag.seconds", this::lagSeconds)
                .description("Age of the oldest audit event that a sink has not taken over yet")
                .tag("sink", name)
                .register(metrics);
    }

    private double lagSeconds() {
        long oldest = backlog.get().oldestMicros();
        return oldest == 0 ? 0 : Math.max(0, (micros() - oldest) / 1e6);
    }

    private long micros() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
    }

    /** Sends what is new, unless another node does or a fault is too recent. */
    public void run() {
        if (clock.instant().isBefore(pause.get().until())) {
            return;
        }
        if (lease.hold()) {
            deliver();
        }
        backlog.set(database.read(connection -> AuditFeed.backlog(connection, cursor(connection))));
    }

    private void deliver() {
        for (int batches = 0; batches < BATCHES_PER_RUN; batches++) {
            List<Positioned> events = database.read(
                    connection -> AuditFeed.after(connection, sealing, cursor(connection), AuditFeed.MAX_EVENTS));
            if (events.isEmpty()) {
                return;
            }
            Batch batch = batch(events);
            try {
                sink.deliver(batch);
            } catch (NotDelivered fault) {
                failed(fault);
                return;
            }
            delivered.increment(batch.lines().size());
            pause.set(new Pause(Instant.MIN, BACKOFF_FIRST));
            database.inTransaction(connection -> advance(connection, batch.last()));
            if (!lease.hold()) {
                return;
            }
        }
    }

    private Batch batch(List<Positioned> events) {
        List<Line> lines = new ArrayList<>();
        long bytes = 0;
        long last = 0;
        for (Positioned one : events) {
            Line line = line(one.event());
            bytes += line.json().length();
            if (bytes > BATCH_BYTES_MAX && !lines.isEmpty()) {
                break;
            }
            lines.add(line);
            last = one.position();
        }
        return new Batch(events.getFirst().position(), last, lines);
    }

    private Line line(AuditEvent event) {
        AuditOutcome outcome = event.record().outcome();
        return new Line(
                event.id(),
                event.record().action(),
                event.record().timestampMicros(),
                outcome != AuditOutcome.SUCCESS && outcome != AuditOutcome.NONE,
                writer.apply(event));
    }

    private void failed(NotDelivered fault) {
        failures.increment();
        Pause before = pause.get();
        Duration doubled = before.next().multipliedBy(2);
        Duration wait = longer(before.next(), shorter(fault.retryAfter(), RETRY_AFTER_MAX));
        pause.set(new Pause(clock.instant().plus(wait), shorter(doubled, BACKOFF_MAX)));
        LOG.warn(
                "audit events wait for a sink",
                LogKey.SERVICE.of(name),
                LogKey.REASON.of(fault.getMessage()),
                LogKey.ELAPSED_MS.of(wait));
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    private long cursor(Connection connection) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT position FROM export_cursor WHERE sink = ?")) {
            select.setString(1, name);
            try (ResultSet rows = select.executeQuery()) {
                return rows.next() ? rows.getLong(1) : 0;
            }
        }
    }

    /** Never back: a node that held the lease too long changes nothing. */
    private int advance(Connection connection, long position) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "INSERT INTO export_cursor (sink, position, updated_at) VALUES (?, ?, ?) ON CONFLICT (sink) DO UPDATE"
                        + " SET position = excluded.position, updated_at = excluded.updated_at"
                        + " WHERE export_cursor.position < excluded.position")) {
            update.setString(1, name);
            update.setLong(2, position);
            update.setLong(3, micros());
            return update.executeUpdate();
        }
    }
}
