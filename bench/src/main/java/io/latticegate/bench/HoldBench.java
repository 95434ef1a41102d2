package io.latticegate.bench;

import io.latticegate.bench.arm.JavaCommand;
import io.latticegate.bench.arm.LatticegateArm;
import io.latticegate.bench.arm.Relay;
import io.latticegate.bench.hold.HealthProbe;
import io.latticegate.bench.hold.HeldConnections;
import io.latticegate.testing.ChildProcess;
import io.latticegate.testing.FakeProvider;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Many streams at once, and many connections that say nothing: what arrives late or never, what the health endpoint answers
 * meanwhile, and what it costs in memory.
 */
final class HoldBench {
    static final String HELP = """
            hold [--streams N] [--events N] [--gap MS] [--idle N]
                  Paced streams that are all under way at one time, directly at the provider and through the gateway; then
                  connections that were answered once and are kept. Writes bench/results/DATE-hold.md.
                  --streams N   streams held at once, 1 to 20000 (default 2000)
                  --events N    events of each, 2 to 10000 (default 60)
                  --gap MS      between two events, 1 to 60000 ms (default 500)
                  --idle N      kept connections, 1 to 50000 (default 10000)
            """;

    private static final Duration START_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration IDLE_FOR = Duration.ofSeconds(20);
    private static final int OPENED_PER_SECOND = 500;
    private static final int EXIT_DROPPED = 1;

    /** What came of one arm; memory is that of the gateway, 0 where there is none. */
    private record Held(HeldConnections streams, String health, long rssBefore, long rss) {}

    static int run(List<String> arguments, PrintStream out) {
        Map<String, Integer> given = Arguments.numbers(
                arguments, Map.of("--streams", 20_000, "--events", 10_000, "--gap", 60_000, "--idle", 50_000));
        int streams = given.getOrDefault("--streams", 2_000);
        int events = given.getOrDefault("--events", 60);
        Duration gap = Duration.ofMillis(given.getOrDefault("--gap", 500));
        int idle = given.getOrDefault("--idle", 10_000);
        Machine machine = Machine.here();
        StringBuilder report = new StringBuilder();
        boolean whole;
        try (WorkFolder folder = WorkFolder.create();
                ChildProcess provider = provider(folder.path());
                Relay gateway = LatticegateArm.holding(streams + 100).start(port(provider), folder.path())) {
            String model = "gpt-4o-mini+chunks=" + events + "+gap=" + gap.toMillis() + "ms+fixed";
            Held direct = hold("direct", port(provider), "sk-bench", model, streams, gap, events, 0, out);
            Held governed = hold(
                    "governed",
                    gateway.port(),
                    gateway.token(),
                    model,
                    streams,
                    gap,
                    events,
                    gateway.pid().orElseThrow(),
                    out);
            report.append(streams(direct, governed, streams, events, gap));
            whole = governed.streams().whole() == streams
                    && governed.streams().events() == direct.streams().events();
            direct.streams().close();
            governed.streams().close();
            report.append(idle(gateway, idle, out));
        }
        String command = ("./latticegate bench hold " + String.join(" ", arguments)).strip();
        out.print(Results.write("hold", machine, command, report.toString()));
        return whole ? 0 : EXIT_DROPPED;
    }

    private static ChildProcess provider(Path folder) {
        return ChildProcess.start(
                "the provider",
                JavaCommand.of(FakeProvider.class.getName(), "512m", List.of()),
                Map.of(),
                folder,
                folder.resolve("provider.log"));
    }

    private static int port(ChildProcess provider) {
        return Integer.parseInt(provider.awaitLine("^fake-provider ready http://[^:]+:(\\d+)$", START_TIMEOUT)
                .group(1));
    }

    private static Held hold(
            String arm,
            int port,
            String token,
            String model,
            int count,
            Duration gap,
            int events,
            long pid,
            PrintStream out) {
        String body =
                "{\"model\":\"" + model + "\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hold\"}]}";
        String request = "POST /v1/chat/completions HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer " + token
                + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
        long before = pid == 0 ? 0 : ProcessCost.rssBytes(pid);
        HeldConnections streams = new HeldConnections(port, request, gap);
        try (HealthProbe health = HealthProbe.start(port, pid != 0)) {
            streams.open(count, OPENED_PER_SECOND);
            Duration half = gap.multipliedBy(events / 2);
            streams.driveUntil(() -> streams.over() == count, half);
            long rss = pid == 0 ? 0 : ProcessCost.rssBytes(pid);
            streams.driveUntil(
                    () -> streams.over() == count, gap.multipliedBy(events).plus(PATIENCE));
            out.println(
                    arm + ": " + streams.whole() + " of " + count + " streams whole, failures " + streams.failures());
            return new Held(streams, health.summary(), before, rss);
        }
    }

    private static String streams(Held direct, Held governed, int count, int events, Duration gap) {
        StringBuilder text = new StringBuilder("## " + count + " streams of " + events + " events, one every "
                + gap.toMillis() + " ms\n\nOpened at " + OPENED_PER_SECOND
                + " a second; an event is late by what exceeds the gap. The provider, the client and the gateway share the"
                + " machine.\n\n| | direct | governed |\n|---|---:|---:|\n");
        row(
                text,
                "streams under way at once",
                direct.streams().peak(),
                governed.streams().peak());
        row(
                text,
                "streams that ended whole",
                direct.streams().whole(),
                governed.streams().whole());
        row(text, "events", direct.streams().events(), governed.streams().events());
        row(text, "failures", direct.streams().failures(), governed.streams().failures());
        for (double percentile : new double[] {50, 90, 99, 100}) {
            row(
                    text,
                    "late by, ms, p" + (int) percentile,
                    "%.1f".formatted(direct.streams().lateMillis(percentile)),
                    "%.1f".formatted(governed.streams().lateMillis(percentile)));
        }
        row(text, "`/health` meanwhile", "–", governed.health());
        row(text, "RSS before, MiB", "–", governed.rssBefore() >> 20);
        row(text, "RSS under the load, MiB", "–", governed.rss() >> 20);
        return text.toString();
    }

    private static void row(StringBuilder text, String name, Object direct, Object governed) {
        text.append("| ")
                .append(name)
                .append(" | ")
                .append(direct)
                .append(" | ")
                .append(governed)
                .append(" |\n");
    }

    private static String idle(Relay gateway, int count, PrintStream out) {
        long pid = gateway.pid().orElseThrow();
        long before = ProcessCost.rssBytes(pid);
        String request = "GET /health HTTP/1.1\r\nHost: bench\r\n\r\n";
        try (HeldConnections kept = new HeldConnections(gateway.port(), request, Duration.ZERO);
                HealthProbe health = HealthProbe.start(gateway.port(), true)) {
            kept.open(count, 4 * OPENED_PER_SECOND);
            kept.driveUntil(() -> kept.answered() == count, PATIENCE);
            long cpu = ProcessCost.cpuNanos(pid);
            kept.driveUntil(() -> false, IDLE_FOR);
            double busy = (ProcessCost.cpuNanos(pid) - cpu) / (double) IDLE_FOR.toNanos();
            out.println("idle: " + kept.open() + " of " + count + " connections open, failures " + kept.failures());
            return "\n## " + count + " idle connections\n\nEach was answered once and is kept for "
                    + IDLE_FOR.toSeconds() + " s.\n\n| | |\n|---|---:|\n| answered | " + kept.answered()
                    + " |\n| still open at the end | " + kept.open() + " |\n| `/health` meanwhile | "
                    + health.summary() + " |\n| RSS before, MiB | " + (before >> 20) + " |\n| RSS with them, MiB | "
                    + (ProcessCost.rssBytes(pid) >> 20) + " |\n| processors used meanwhile | "
                    + String.format(Locale.ROOT, "%.3f", busy) + " |\n";
        }
    }

    private HoldBench() {}
}
