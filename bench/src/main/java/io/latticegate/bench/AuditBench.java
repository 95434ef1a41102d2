package io.latticegate.bench;

import io.latticegate.admin.analytics.RollupWriter;
import io.latticegate.admin.audit.AuditStore;
import io.latticegate.admin.subject.Sealing;
import io.latticegate.admin.tree.TransparencyLog;
import io.latticegate.common.contract.AuditApi;
import io.latticegate.common.journal.AuditEncoder;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.journal.Durability;
import io.latticegate.common.journal.Journal;
import io.latticegate.common.journal.JournalBatch;
import io.latticegate.common.journal.JournalOptions;
import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreLocation;
import io.latticegate.common.value.Secret;
import io.latticegate.testing.PostgresServer;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.distribution.ValueAtPercentile;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * The way of an audit entry: threads append to a journal and wait until each entry is forced to disk, while the journal is
 * delivered into the audit store and heads are signed, all in one process as in the laptop's gateway.
 */
final class AuditBench {
    static final String HELP = """
            audit [--seconds S] [--threads N]
                  Durable entries per second, the wait for durability, entries stored per second and how long entries wait for
                  a signed head, on SQLite and PostgreSQL. Writes bench/results/DATE-audit.md.
                  --seconds S   length of each window, 1 to 600 (default 10)
                  --threads N   threads that append, 1 to 4096 (default 64)
            """;

    private static final int BATCH_BYTES_MAX = 512 * 1024;
    private static final long LONGEST_WAIT_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** @param lagMillis p50 and p99, over heads, of the wait of the oldest entry under each */
    private record Figures(
            long durable, long refused, Histogram waits, long stored, double[] lagMillis, double seconds) {}

    static int run(List<String> arguments, PrintStream out) {
        Map<String, Integer> given = Arguments.numbers(arguments, Map.of("--seconds", 600, "--threads", 4_096));
        int seconds = given.getOrDefault("--seconds", 10);
        int threads = given.getOrDefault("--threads", 64);
        Machine machine = Machine.here();
        StringBuilder report = new StringBuilder();
        report.append(
                "| store | threads | durable entries/s | p50 | p90 | p99 | refused | stored entries/s | wait for a head,"
                        + " p50 | p99 |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
        try (WorkFolder folder = WorkFolder.create();
                PostgresServer postgres = PostgresServer.start()) {
            StoreLocation shared = new StoreLocation.Postgres(
                    "postgresql://127.0.0.1:" + postgres.port() + "/" + PostgresServer.USER,
                    PostgresServer.USER,
                    null,
                    8);
            Path file = folder.path().resolve("sqlite");
            report.append(row("SQLite", threads, measure(file, new StoreLocation.Sqlite(file), seconds, threads)));
            report.append(
                    row("PostgreSQL", threads, measure(folder.path().resolve("postgres"), shared, seconds, threads)));
        }
        String command = ("./latticegate bench audit " + String.join(" ", arguments)).strip();
        out.print(Results.write("audit", machine, command, report.toString()));
        return 0;
    }

    private static String row(String store, int threads, Figures figures) {
        return String.format(
                Locale.ROOT,
                "| %s | %d | %.0f | %.2f ms | %.2f ms | %.2f ms | %d | %.0f | %.0f ms | %.0f ms |%n",
                store,
                threads,
                figures.durable() / figures.seconds(),
                figures.waits().getValueAtPercentile(50) / 1e6,
                figures.waits().getValueAtPercentile(90) / 1e6,
                figures.waits().getValueAtPercentile(99) / 1e6,
                figures.refused(),
                figures.stored() / figures.seconds(),
                figures.lagMillis()[0],
                figures.lagMillis()[1]);
    }

    private static Figures measure(Path folder, StoreLocation location, int seconds, int threads) {
        SimpleMeterRegistry metrics = new SimpleMeterRegistry();
        metrics.config().meterFilter(new MeterFilter() {
            @Override
            public DistributionStatisticConfig configure(Meter.Id id, DistributionStatisticConfig config) {
                return DistributionStatisticConfig.builder()
                        .percentiles(0.5, 0.99)
                        .expiry(Duration.ofHours(1))
                        .build()
                        .merge(config);
            }
        });
        JournalOptions options = JournalOptions.defaults().withDurability(Durability.DISK);
        try (Journal journal = Journal.open(folder.resolve("journal"), options);
                Database database = Database.open("audit", location)) {
            TransparencyLog log = new TransparencyLog(database, "bench", folder, InstantSource.system(), metrics);
            log.tend();
            long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
            Recorder waits = new Recorder(LONGEST_WAIT_NANOS, 3);
            Appending appending = new Appending(journal, waits, until);
            List<Thread> running = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                running.add(Thread.ofVirtual().start(appending));
            }
            running.add(Thread.ofPlatform().start(() -> {
                while (System.nanoTime() < until) {
                    log.tend();
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(TransparencyLog.TEND_MILLIS));
                }
            }));
            long stored = deliver(journal, database, log, until);
            for (Thread thread : running) {
                thread.join();
            }
            Histogram all = waits.getIntervalHistogram();
            return new Figures(all.getTotalCount(), appending.refused.sum(), all, stored, lag(metrics), seconds);
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while measuring", interrupted);
        }
    }

    private static final class Appending implements Runnable {
        private final Journal journal;
        private final Recorder waits;
        private final long until;
        private final LongAdder refused = new LongAdder();

        Appending(Journal journal, Recorder waits, long until) {
            this.journal = journal;
            this.waits = waits;
            this.until = until;
        }

        @Override
        public void run() {
            byte[] entry = AuditEncoder.bytes(
                    AuditRecord.builder(AuditPhase.END, "proxy_request", System.currentTimeMillis() * 1_000)
                            .requestId("req_0123456789abcdef01234567")
                            .projectId("01890000-0000-7000-8000-000000000000")
                            .tokenId("01890000-0000-7000-8000-000000000001")
                            .clientIp("192.0.2.17")
                            .method("POST")
                            .path("/v1/chat/completions")
                            .userAgent("bench")
                            .model("gpt-4o")
                            .provider("openai")
                            .status(200)
                            .build());
            while (System.nanoTime() < until) {
                long before = System.nanoTime();
                long sequence = journal.tryAppend(entry, 0, entry.length);
                if (sequence < 0) {
                    refused.increment();
                    LockSupport.parkNanos(1_000_000);
                    continue;
                }
                journal.durable(sequence).toCompletableFuture().join();
                waits.recordValue(Math.min(LONGEST_WAIT_NANOS, System.nanoTime() - before));
            }
        }
    }

    private static long deliver(Journal journal, Database database, TransparencyLog log, long until)
            throws IOException {
        AuditStore store = new AuditStore(
                InstantSource.system(),
                new Sealing(Secret.owning(new byte[32]), database.dialect(), new SecureRandom()));
        RollupWriter usage = new RollupWriter(database);
        String node = journal.nodeId().toString();
        long stored = 0;
        long settled = System.nanoTime();
        while (System.nanoTime() < until) {
            JournalBatch batch = journal.read(journal.acknowledged(), AuditApi.ENTRIES_MAX, BATCH_BYTES_MAX);
            if (batch.isEmpty()) {
                LockSupport.parkNanos(1_000_000);
                continue;
            }
            AuditStore.Result result = database.inTransaction(
                    connection -> store.append(connection, node, batch.firstSequence(), batch.payloads()));
            stored += result.batch().added();
            usage.hold(result.usage());
            if (System.nanoTime() - settled > TimeUnit.SECONDS.toNanos(1)) {
                usage.settle();
                settled = System.nanoTime();
            }
            journal.acknowledge(batch.lastSequence());
            if (log.noteAdded(batch.payloads().size())) {
                Thread.startVirtualThread(log::tend);
            }
        }
        return stored;
    }

    private static double[] lag(SimpleMeterRegistry metrics) {
        Timer lag = metrics.get("audit.checkpoint.lag").timer();
        double[] millis = new double[2];
        ValueAtPercentile[] percentiles = lag.takeSnapshot().percentileValues();
        for (int at = 0; at < millis.length; at++) {
            millis[at] = percentiles[at].value(TimeUnit.MILLISECONDS);
        }
        return millis;
    }

    private AuditBench() {}
}
