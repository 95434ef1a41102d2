package io.latticegate.admin.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.admin.audit.AuditEvent;
import io.latticegate.admin.audit.AuditStore;
import io.latticegate.admin.retention.WorkLease;
import io.latticegate.admin.subject.Sealing;
import io.latticegate.common.config.AuditExportConfig;
import io.latticegate.common.config.HostPort;
import io.latticegate.common.config.SignedWebhookConfig;
import io.latticegate.common.crypto.MeshAuthority;
import io.latticegate.common.crypto.MeshIdentity;
import io.latticegate.common.journal.AuditActor;
import io.latticegate.common.journal.AuditEncoder;
import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreLocation;
import io.latticegate.common.value.Secret;
import io.latticegate.common.value.ServiceRole;
import io.latticegate.testing.FakeTime;
import io.latticegate.testing.SyslogReceiver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportPumpTest {
    private static final String NODE = "5f0c1c8e-0000-4000-8000-000000000001";
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    @TempDir
    private Path directory;

    private final FakeTime time = new FakeTime();
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final Vertx vertx = Vertx.vertx();
    private Database database;
    private Sealing sealing;
    private AuditStore store;
    private long sequence;

    @BeforeEach
    void open() {
        database = Database.open("audit", new StoreLocation.Sqlite(directory));
        sealing = new Sealing(Secret.owning(new byte[32]), database.dialect(), new SecureRandom());
        store = new AuditStore(time, sealing);
    }

    @AfterEach
    void close() {
        sealing.close();
        database.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private void append(int count) {
        List<byte[]> entries = new ArrayList<>();
        for (int at = 1; at <= count; at++) {
            entries.add(AuditEncoder.bytes(AuditRecord.builder(AuditPhase.EVENT, "token.create", 1_790_000_000_000_000L)
                    .actor(new AuditActor(AuditActor.Kind.MANAGEMENT, ""))
                    .requestId("r" + (sequence + at))
                    .outcome(AuditOutcome.SUCCESS)
                    .build()));
        }
        long first = sequence + 1;
        sequence += count;
        var unused = database.inTransaction(connection -> store.append(connection, NODE, first, entries));
    }

    private ExportPump pump(Sink sink, String holder) {
        return pump(sink, holder, EventFormat.JSONL::line);
    }

    private ExportPump pump(Sink sink, String holder, Function<AuditEvent, String> writer) {
        return new ExportPump(
                "test",
                database,
                sealing,
                sink,
                writer,
                new WorkLease(database, time, "export.test", holder, ExportPump.LEASE),
                time,
                metrics);
    }

    /** A folder with a certificate for localhost, its key, and its authority. */
    private Path certificate(String name) {
        Path folder = directory.resolve(name);
        MeshAuthority authority = MeshAuthority.create(name, InstantSource.system(), new SecureRandom());
        try (MeshIdentity identity = authority.issue(ServiceRole.ADMIN, name)) {
            identity.write(folder);
        }
        return folder;
    }

    private SyslogSink syslog(int port, @Nullable Path authority) {
        return new SyslogSink(
                vertx,
                new AuditExportConfig.Syslog(
                        new HostPort("localhost", port),
                        authority,
                        null,
                        null,
                        AuditExportConfig.Format.JSONL,
                        TIMEOUT));
    }

    private static List<String> requests(List<String> lines) {
        return lines.stream()
                .map(line -> new JsonObject(line.substring(line.indexOf('{'))).getString("request_id"))
                .toList();
    }

    private double lag() {
        return metrics.get("audit.export.lag.events").gauge().value();
    }

    @Test
    void syslogTakesEveryEventOverAConnectionThatBreaksAndAReceiverThatIsAway() {
        Path certificate = certificate("receiver");
        append(700);
        SyslogReceiver receiver = new SyslogReceiver(certificate, 0);
        int port = receiver.port();
        ExportPump pump = pump(syslog(port, certificate.resolve("ca.crt")), "one");
        receiver.bytesLeft.set(1_000);
        pump.run();
        assertThat(receiver.messages).isEmpty();
        assertThat(lag()).isEqualTo(700);
        pump.run();
        assertThat(metrics.get("audit.export.failures").counter().count()).isEqualTo(1);

        receiver.close();
        time.advance(Duration.ofSeconds(2));
        pump.run();
        assertThat(metrics.get("audit.export.failures").counter().count()).isEqualTo(2);

        try (SyslogReceiver back = new SyslogReceiver(certificate, port)) {
            time.advance(Duration.ofMinutes(2));
            pump.run();
            assertThat(back.messages).hasSize(700);
            assertThat(requests(back.messages))
                    .startsWith("r1", "r2")
                    .endsWith("r700")
                    .doesNotHaveDuplicates();
            assertThat(back.messages.getFirst())
                    .startsWith("<110>1 2026-09-21T14:13:20Z - latticegate audit token.create - {\"id\":");
            assertThat(lag()).isZero();
            append(1);
            pump(syslog(port, certificate.resolve("ca.crt")), "one").run();
            assertThat(back.messages).hasSize(701);
        }
    }

    @Test
    void syslogIsNotSentToAReceiverWhoseCertificateIsNotTrusted() {
        Path own = certificate("own");
        Path other = certificate("other");
        append(1);
        try (SyslogReceiver receiver = new SyslogReceiver(own, 0)) {
            pump(syslog(receiver.port(), other.resolve("ca.crt")), "one").run();
            assertThat(receiver.messages).isEmpty();
            assertThat(metrics.get("audit.export.failures").counter().count()).isEqualTo(1);
        }
    }

    @Test
    void aWebhookTakesSignedLinesOnceItIsBackAndAnotherNodeGoesOnFromThere() {
        append(3);
        WebhookReceiver receiver = new WebhookReceiver(0);
        int port = receiver.port();
        SignedWebhook webhook = new SignedWebhook(vertx, receiver.config(), time);
        ExportPump pump = pump(webhook, "one");
        receiver.status.set(500);
        pump.run();
        assertThat(lag()).isEqualTo(3);
        receiver.close();
        time.advance(Duration.ofMinutes(1));
        pump.run();
        try (WebhookReceiver back = new WebhookReceiver(port)) {
            time.advance(Duration.ofMinutes(2));
            pump.run();
            assertThat(back.deliveries).hasSize(1);
            WebhookReceiver.Delivery delivery = back.deliveries.getFirst();
            assertThat(delivery.id()).isEqualTo("1-3");
            assertThat(delivery.contentType()).isEqualTo("application/x-ndjson");
            assertThat(requests(delivery.body().lines().toList())).containsExactly("r1", "r2", "r3");

            append(2);
            ExportPump other = pump(webhook, "two");
            other.run();
            assertThat(back.deliveries).as("the first node holds the lease").hasSize(1);
            time.advance(ExportPump.LEASE.plusSeconds(1));
            other.run();
            assertThat(requests(back.deliveries.get(1).body().lines().toList())).containsExactly("r4", "r5");
        }
        webhook.close();
    }

    @Test
    void aWebhookIsNotFollowedWhereItRedirectsNorReachedWhereItMustNot() {
        append(1);
        try (WebhookReceiver receiver = new WebhookReceiver(0)) {
            receiver.status.set(307);
            SignedWebhook webhook = new SignedWebhook(vertx, receiver.config(), time);
            pump(webhook, "one").run();
            assertThat(receiver.requests.get()).isEqualTo(1);
            webhook.close();

            SignedWebhookConfig config = receiver.config();
            SignedWebhook forbidden = new SignedWebhook(
                    vertx,
                    new SignedWebhookConfig(
                            URI.create("https://127.0.0.1:" + receiver.port() + "/in"),
                            config.secret(),
                            config.timeout(),
                            false),
                    time);
            pump(forbidden, "one").run();
            assertThat(receiver.requests.get()).isEqualTo(1);
            assertThat(lag()).isEqualTo(1);
            forbidden.close();
        }
    }

    private ExportPump otlp(LogCollector collector, String holder, List<OtlpSink> opened) {
        OtlpSink sink = new OtlpSink(vertx, collector.config(), "mesh", time, metrics);
        opened.add(sink);
        return pump(sink, holder, OtlpLogRecord::of);
    }

    /** What has arrived, each event where it came first. */
    private static List<String> firstArrivals(List<LogCollector> collectors) {
        return collectors.stream()
                .flatMap(collector -> collector.values("log.record.uid").stream())
                .distinct()
                .toList();
    }

    @Test
    void aCollectorGetsEveryEventInOrderThoughItAndThePumpsDie() {
        List<OtlpSink> opened = new ArrayList<>();
        append(600);
        append(600);
        LogCollector first = new LogCollector(0);
        int port = first.port();
        otlp(first, "one", opened).run();
        assertThat(first.records).hasSize(1_200);
        append(700);
        first.reply.set(new LogCollector.Reply(0, Optional.empty(), ""));
        otlp(first, "one", opened).run();
        assertThat(first.records).as("a batch that was taken without a word").hasSize(1_700);
        first.close();
        time.advance(ExportPump.LEASE.plusSeconds(1));
        ExportPump other = otlp(first, "two", opened);
        other.run();
        try (LogCollector back = new LogCollector(port)) {
            time.advance(Duration.ofMinutes(2));
            other.run();
            assertThat(back.records).hasSize(700);
            assertThat(firstArrivals(List.of(first, back)))
                    .isEqualTo(IntStream.rangeClosed(1, 1_900)
                            .mapToObj(at -> NODE + "-" + at)
                            .toList());
            assertThat(back.values("log.record.uid").getFirst())
                    .as("the batch without an answer is sent again")
                    .isEqualTo(NODE + "-1201");
        }
        opened.forEach(OtlpSink::close);
    }

    @Test
    void aCollectorIsLeftAloneForAsLongAsItAsksWithinAnHour() {
        List<OtlpSink> opened = new ArrayList<>();
        append(2);
        try (LogCollector collector = new LogCollector(0)) {
            ExportPump pump = otlp(collector, "one", opened);
            collector.reply.set(new LogCollector.Reply(503, Optional.of("300"), ""));
            pump.run();
            time.advance(Duration.ofSeconds(299));
            pump.run();
            assertThat(collector.requests).hasValue(1);
            collector.reply.set(new LogCollector.Reply(503, Optional.of("999999999"), ""));
            time.advance(Duration.ofSeconds(2));
            pump.run();
            assertThat(collector.requests).hasValue(2);
            collector.reply.set(LogCollector.Reply.TAKEN);
            time.advance(Duration.ofMinutes(59));
            pump.run();
            assertThat(collector.requests).hasValue(2);
            time.advance(Duration.ofMinutes(2));
            pump.run();
            assertThat(requestsOf(collector)).containsExactly("r1", "r2");
        }
        opened.forEach(OtlpSink::close);
    }

    @Test
    void aCollectorThatRefusesABatchKeepsItComingAndOneThatRejectsEventsDoesNot() {
        List<OtlpSink> opened = new ArrayList<>();
        append(3);
        try (LogCollector collector = new LogCollector(0)) {
            ExportPump pump = otlp(collector, "one", opened);
            collector.reply.set(LogCollector.Reply.of(400, "{\"message\":\"malformed\"}"));
            pump.run();
            assertThat(lag()).isEqualTo(3);
            assertThat(metrics.get("audit.export.failures").counter().count()).isEqualTo(1);
            collector.reply.set(LogCollector.Reply.of(200, "{\"partialSuccess\":{\"rejectedLogRecords\":\"1\"}}"));
            time.advance(Duration.ofMinutes(1));
            pump.run();
            assertThat(requestsOf(collector)).containsExactly("r1", "r2", "r3");
            assertThat(metrics.get("audit.export.rejected").counter().count()).isEqualTo(1);
            assertThat(lag()).isZero();
            time.advance(Duration.ofMinutes(1));
            pump.run();
            assertThat(collector.requests)
                    .as("what is rejected is not sent again")
                    .hasValue(2);
        }
        opened.forEach(OtlpSink::close);
    }

    private static List<String> requestsOf(LogCollector collector) {
        return collector.values("latticegate.request_id");
    }
}
