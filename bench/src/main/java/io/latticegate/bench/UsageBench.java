package io.latticegate.bench;

import io.latticegate.admin.AdminService;
import io.latticegate.admin.analytics.RollupWriter;
import io.latticegate.admin.audit.AuditStore;
import io.latticegate.admin.subject.Sealing;
import io.latticegate.admin.subject.SealingKey;
import io.latticegate.auth.AuthService;
import io.latticegate.bench.usage.FilledStore;
import io.latticegate.bench.usage.Questions;
import io.latticegate.bench.usage.Traffic;
import io.latticegate.common.config.ConfigLoader;
import io.latticegate.common.config.LatticegateConfig;
import io.latticegate.common.journal.AuditEncoder;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.service.ServiceProcess;
import io.latticegate.common.service.Stores;
import io.latticegate.common.store.Database;
import io.latticegate.testing.PostgresServer;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/** A store with many requests: how fast its pages and sums are given, and whether it still takes entries as fast as when empty. */
final class UsageBench {
    static final String HELP = """
            usage [--thousands N] [--questions N] [--store sqlite|postgresql]
                  Fills an SQLite and a PostgreSQL store with entries of 30 days and asks the management API for pages of the
                  request log, the audit, series, sums and lists, and for pages of the web interface,
                  one question at a time.
                  Writes bench/results/DATE-usage.md.
                  --thousands N  thousands of requests, 1 to 100000 (default 1000); 10 million take 30 GiB of disk
                  --questions N  of each kind, 1 to 1000 (default 200)
                  --store NAME   only this one
            """;

    private static final String TOKEN = "management-token-of-the-benchmark";
    /** About a second of deliveries. */
    private static final int BATCHES_PER_SUM = 20;

    private static final int INTAKE_BATCHES = 40;
    private static final int INTAKE_WARM_BATCHES = 20;
    private static final int REQUESTS_PER_BATCH = 333;

    private final long requests;
    private final int questions;
    private final PrintStream out;
    private final long endMicros = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    private final Traffic traffic;

    private UsageBench(long requests, int questions, PrintStream out) {
        this.requests = requests;
        this.questions = questions;
        this.out = out;
        this.traffic = new Traffic(endMicros, requests);
    }

    static int run(List<String> arguments, PrintStream out) {
        List<String> numbers = new ArrayList<>(arguments);
        String store = takeStore(numbers);
        Map<String, Integer> given = Arguments.numbers(numbers, Map.of("--thousands", 100_000, "--questions", 1_000));
        UsageBench bench = new UsageBench(
                given.getOrDefault("--thousands", 1_000) * 1_000L, given.getOrDefault("--questions", 200), out);
        Machine machine = Machine.here();
        StringBuilder report = new StringBuilder(
                bench.requests + " entries of 30 days, one in fifty of management, 200 projects, 1,000 tokens, "
                        + bench.questions + " questions of each kind, one at a time.\n");
        if (!store.equals("postgresql")) {
            report.append(bench.in(bench::sqlite));
        }
        if (!store.equals("sqlite")) {
            report.append(bench.in(bench::postgres));
        }
        String command = ("./latticegate bench usage " + String.join(" ", arguments)).strip();
        out.print(Results.write("usage", machine, command, report.toString()));
        return 0;
    }

    /** Takes the option and its value out of the arguments; empty when it is not there. */
    private static String takeStore(List<String> arguments) {
        int at = arguments.indexOf("--store");
        if (at < 0) {
            return "";
        }
        String store = Arguments.value(arguments, at + 1, "--store");
        if (!store.equals("sqlite") && !store.equals("postgresql")) {
            throw new IllegalArgumentException("--store takes sqlite or postgresql, not " + store);
        }
        arguments.subList(at, at + 2).clear();
        return store;
    }

    private interface Measured {
        String in(Path folder) throws SQLException;
    }

    /** In a folder of its own, so that one store at a time takes disk. */
    private String in(Measured store) {
        try (WorkFolder folder = WorkFolder.create()) {
            return store.in(folder.path());
        } catch (SQLException fault) {
            throw new IllegalStateException("a store failed", fault);
        }
    }

    private String sqlite(Path folder) throws SQLException {
        LatticegateConfig config = config(folder.resolve("sqlite"), "");
        StringBuilder report = new StringBuilder("\n## SQLite\n\n");
        try (Database database = Database.open("audit", Stores.location(config.storage()));
                Connection connection = DriverManager.getConnection(
                        "jdbc:sqlite:" + config.storage().dir().resolve("audit.db"));
                Sealing sealing = sealing(config, database)) {
            report.append(fill(new FilledStore(database, connection, sealing, false), sealing));
        }
        return report.append(measure(config)).toString();
    }

    private String postgres(Path folder) throws SQLException {
        try (PostgresServer server = PostgresServer.start(false)) {
            String url = server.jdbcUrl().replaceFirst("\\?.*", "");
            LatticegateConfig config = config(
                    folder.resolve("postgresql"),
                    "  driver: postgresql\n  url: " + url + "\n  user: " + PostgresServer.USER + "\n");
            StringBuilder report = new StringBuilder("\n## PostgreSQL\n\n");
            try (Database database = Database.open("audit", Stores.location(config.storage()));
                    Connection connection =
                            DriverManager.getConnection(url + "?currentSchema=audit", PostgresServer.USER, "");
                    Sealing sealing = sealing(config, database)) {
                report.append(fill(new FilledStore(database, connection, sealing, true), sealing));
            }
            return report.append(measure(config)).toString();
        }
    }

    private static LatticegateConfig config(Path folder, String storage) {
        try {
            Files.createDirectories(folder);
        } catch (IOException fault) {
            throw new UncheckedIOException("cannot make " + folder, fault);
        }
        return ConfigLoader.in(folder.resolve("none"))
                .yaml("""
                        profile: standalone
                        management:
                          listen: 127.0.0.1:0
                          management_token: %s
                        auth:
                          token_pepper: the-pepper-of-the-benchmark-is-no-secret
                        storage:
                          dir: %s
                        %s""".formatted(TOKEN, folder, storage))
                .load()
                .config();
    }

    /** Under the key that the services find in the same folder. */
    private static Sealing sealing(LatticegateConfig config, Database database) {
        SecureRandom random = new SecureRandom();
        return new Sealing(SealingKey.of(config, random), database.dialect(), random);
    }

    private String fill(FilledStore store, Sealing sealing) throws SQLException {
        double empty = intake(store.database(), sealing);
        long begin = System.nanoTime();
        store.fill(traffic, requests, out);
        double seconds = (System.nanoTime() - begin) / 1e9;
        double full = intake(store.database(), sealing);
        return String.format(
                Locale.ROOT,
                "| | |%n|---|---:|%n| filled in, s | %.0f |%n| whole store, MiB | %s |%n"
                        + "| rows of sums | %d |%n| keys of sums | %d |%n"
                        + "| audit_log with indexes, MiB | %s |%n| sums, MiB | %s |%n"
                        + "| intake into the empty store, entries/s | %.0f |%n"
                        + "| intake into the filled store, entries/s | %.0f |%n%n",
                seconds,
                mebi(store.bytes()),
                store.rows("analytics_rollup"),
                store.rows("analytics_key"),
                mebi(store.bytes("audit_log")),
                mebi(store.bytes("analytics_rollup")),
                empty,
                full);
    }

    private static String mebi(long bytes) {
        return bytes == 0 ? "–" : Long.toString(bytes >> 20);
    }

    /** Batches as a journal delivers them, of a begin, an attempt and an end each, all within a minute. */
    private double intake(Database database, Sealing sealing) {
        AuditStore store = new AuditStore(InstantSource.system(), sealing);
        RollupWriter usage = new RollupWriter(database);
        String node = UUID.randomUUID().toString();
        long sequence = 1;
        long begin = 0;
        for (int batch = 0; batch < INTAKE_WARM_BATCHES + INTAKE_BATCHES; batch++) {
            if (batch == INTAKE_WARM_BATCHES) {
                begin = System.nanoTime();
            }
            List<byte[]> entries = new ArrayList<>();
            for (int number = 0; number < REQUESTS_PER_BATCH; number++) {
                AuditRecord.Builder record = traffic.request((batch * 7_919L + number * 104_729L) % requests);
                long now = endMicros + sequence + number;
                entries.add(
                        AuditEncoder.bytes(record.phase(AuditPhase.BEGIN, now).build()));
                entries.add(AuditEncoder.bytes(record.phase(AuditPhase.EVENT, now)
                        .action("provider_attempt")
                        .build()));
                entries.add(AuditEncoder.bytes(record.phase(AuditPhase.END, now)
                        .action("proxy_request")
                        .build()));
            }
            long first = sequence;
            usage.hold(database.inTransaction(connection -> store.append(connection, node, first, entries))
                    .usage());
            if (batch % BATCHES_PER_SUM == BATCHES_PER_SUM - 1) {
                usage.settle();
            }
            sequence += entries.size();
        }
        return INTAKE_BATCHES * REQUESTS_PER_BATCH * 3 / ((System.nanoTime() - begin) / 1e9);
    }

    private String measure(LatticegateConfig config) {
        StringBuilder table =
                new StringBuilder("| question | p50, ms | p95, ms | longest, ms |\n|---|---:|---:|---:|\n");
        try (ServiceProcess process = ServiceProcess.start(
                        config, List.of(new AdminService(), new AuthService()), InstantSource.system());
                Questions asked = new Questions(
                        "http://127.0.0.1:" + process.managementPort(), TOKEN, traffic, requests, endMicros)) {
            asked.ask(questions).forEach((name, times) -> {
                String row = times.refusal().isEmpty()
                        ? String.format(
                                Locale.ROOT,
                                "| %s | %.1f | %.1f | %.1f |%n",
                                name,
                                times.p50(),
                                times.p95(),
                                times.max())
                        : "| " + name + " | " + times.refusal() + " | | |\n";
                out.print(row);
                table.append(row);
            });
        }
        return table.toString();
    }
}
