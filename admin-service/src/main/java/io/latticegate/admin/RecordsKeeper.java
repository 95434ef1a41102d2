package io.latticegate.admin;

import io.latticegate.admin.alert.AlertDelivery;
import io.latticegate.admin.alert.AlertWatch;
import io.latticegate.admin.audit.AuditEvent;
import io.latticegate.admin.export.EventFormat;
import io.latticegate.admin.export.ExportPump;
import io.latticegate.admin.export.OtlpLogRecord;
import io.latticegate.admin.export.OtlpSink;
import io.latticegate.admin.export.SignedWebhook;
import io.latticegate.admin.export.Sink;
import io.latticegate.admin.export.SyslogSink;
import io.latticegate.admin.retention.Retention;
import io.latticegate.admin.retention.WorkLease;
import io.latticegate.admin.subject.Sealing;
import io.latticegate.admin.subject.SubjectErasure;
import io.latticegate.common.config.AuditExportConfig;
import io.latticegate.common.config.OtlpLogsConfig;
import io.latticegate.common.journal.Durability;
import io.latticegate.common.service.AuditLog;
import io.latticegate.common.service.Background;
import io.latticegate.common.service.ServiceContext;
import io.latticegate.common.store.Database;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.function.Function;

/** What is done with the stored audit beside answering questions: erasing, deleting by age, exporting, watching. */
final class RecordsKeeper implements AutoCloseable {
    private static final long RETENTION_MILLIS = Duration.ofMinutes(10).toMillis();
    private static final long ERASURE_MILLIS = Duration.ofMinutes(1).toMillis();
    private static final long EXPORT_MILLIS = 1_000;
    private static final Duration HOUR = Duration.ofHours(1);

    private final ServiceContext context;
    private final Database database;
    private final Sealing sealing;
    private final ExecutorService executor;
    private final AuditLog audit;
    private final String holder = UUID.randomUUID().toString();
    private final List<Runnable> closers = new ArrayList<>();

    private RecordsKeeper(ServiceContext context, Database database, Sealing sealing, ExecutorService executor) {
        this.context = context;
        this.database = database;
        this.sealing = sealing;
        this.executor = executor;
        this.audit = new AuditLog(
                context.journal(),
                Durability.valueOf(context.config().audit().durability().name()));
    }

    /** Begins; everything runs on {@code executor} until it is shut down. */
    static RecordsKeeper start(ServiceContext context, Database database, Sealing sealing, ExecutorService executor) {
        RecordsKeeper keeper = new RecordsKeeper(context, database, sealing, executor);
        keeper.erase();
        keeper.forget();
        keeper.export();
        keeper.watch();
        return keeper;
    }

    private void erase() {
        SubjectErasure erasure = new SubjectErasure(database, sealing, context.clock());
        WorkLease lease = lease("erasure", HOUR);
        every(ERASURE_MILLIS, "finishing erasures", () -> {
            if (erasure.unfinished() && lease.hold()) {
                int unusedCount = erasure.finish();
                lease.release();
            }
        });
    }

    private void forget() {
        Retention retention = new Retention(
                database,
                lease("retention", HOUR),
                audit,
                context.clock(),
                context.config().audit().retention());
        every(RETENTION_MILLIS, "deleting old audit entries", retention::run);
    }

    private void export() {
        AuditExportConfig config = context.config().audit().export();
        AuditExportConfig.Syslog syslog = config.syslog();
        if (syslog != null) {
            pump("syslog", new SyslogSink(context.vertx(), syslog), EventFormat.of(syslog.format())::line);
        }
        AuditExportConfig.Webhook webhook = config.webhook();
        if (webhook != null) {
            SignedWebhook sink = new SignedWebhook(context.vertx(), webhook.to(), context.clock());
            closers.add(sink::close);
            pump("webhook", sink, EventFormat.of(webhook.format())::line);
        }
        OtlpLogsConfig otlp = config.otlp();
        if (otlp != null) {
            OtlpSink sink = new OtlpSink(
                    context.vertx(), otlp, context.config().mesh().name(), context.clock(), context.metrics());
            closers.add(sink::close);
            pump("otlp", sink, OtlpLogRecord::of);
        }
    }

    private void pump(String name, Sink sink, Function<AuditEvent, String> writer) {
        ExportPump pump = new ExportPump(
                name,
                database,
                sealing,
                sink,
                writer,
                lease("export." + name, ExportPump.LEASE),
                context.clock(),
                context.metrics());
        every(EXPORT_MILLIS, "exporting the audit to " + name, pump::run);
    }

    private void watch() {
        AlertWatch watch = new AlertWatch(
                database,
                sealing,
                context.config().alerts(),
                context.bus(),
                audit,
                context.clock(),
                lease("alerts", AlertWatch.LEASE));
        every(AlertWatch.EVERY_MILLIS, "looking at alert rules", watch::run);
        Map<String, SignedWebhook> told = new HashMap<>();
        context.config().alerts().webhooks().forEach((name, webhook) -> {
            SignedWebhook client = new SignedWebhook(context.vertx(), webhook, context.clock());
            closers.add(client::close);
            told.put(name, client);
        });
        AlertDelivery delivery = new AlertDelivery(
                database, told, context.clock(), lease("alerts.delivery", AlertWatch.LEASE), context.metrics());
        every(AlertDelivery.EVERY_MILLIS, "telling webhooks of alerts", delivery::run);
    }

    private WorkLease lease(String work, Duration life) {
        return new WorkLease(database, context.clock(), work, holder, life);
    }

    private void every(long millis, String what, Runnable task) {
        Background.every(context.vertx(), millis, executor, what, task);
    }

    @Override
    public void close() {
        closers.forEach(Runnable::run);
    }
}
