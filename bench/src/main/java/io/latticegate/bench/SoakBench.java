package io.latticegate.bench;

import io.latticegate.bench.arm.JavaCommand;
import io.latticegate.bench.arm.LatticegateArm;
import io.latticegate.bench.arm.MockProvider;
import io.latticegate.bench.arm.Relay;
import io.latticegate.bench.hold.HeldConnections;
import io.latticegate.bench.load.GeneratorProcess;
import io.latticegate.bench.load.LoadGenerator;
import io.latticegate.bench.load.Shape;
import io.latticegate.bench.load.Window;
import io.latticegate.bench.load.WindowResult;
import io.latticegate.testing.ChildProcess;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * The governed gateway under changing load for a long time: single requests, 32 connections, streams slow and fast, and
 * streams whose client hangs up at once. Does its memory grow, does anything fail, does an event loop stand still?
 */
final class SoakBench {
    static final String HELP = """
            soak [--minutes N]
                  Mixed load for a long time: growth of the resident memory, failures, event loops that stood still.
                  Writes bench/results/DATE-soak.md.
                  --minutes N   1 to 1440 (default 30)
            """;

    private static final Duration START_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration WINDOW = Duration.ofSeconds(5);
    private static final Duration SETTLE = Duration.ofMillis(100);
    private static final int LEAVING_PER_ROUND = 20;
    private static final int OPENED_PER_SECOND = 200;
    private static final String STALL = "has been blocked for";
    private static final int EXIT_FAILURES = 1;
    /** The first part of a run fills heaps, pools and the journal's first segments: it says nothing about growth. */
    private static final double WARM_SHARE = 1 / 3.0;

    private record Sample(double minute, long rssBytes, long requests, long failures) {}

    static int run(List<String> arguments, PrintStream out) {
        int minutes = Arguments.numbers(arguments, Map.of("--minutes", 1_440)).getOrDefault("--minutes", 30);
        Machine machine = Machine.here();
        List<Sample> samples = new ArrayList<>();
        String firstFailure = "";
        long stalls;
        long requests = 0;
        long failures = 0;
        try (WorkFolder folder = WorkFolder.create();
                ChildProcess provider = ChildProcess.start(
                        "the mock provider",
                        JavaCommand.of(MockProvider.class.getName(), "128m", List.of()),
                        Map.of(),
                        folder.path(),
                        folder.path().resolve("provider.log"));
                GeneratorProcess generator =
                        GeneratorProcess.start(JavaCommand.of(LoadGenerator.class.getName(), "128m", List.of()))) {
            int providerPort = Integer.parseInt(
                    provider.awaitLine("^mock ready (\\d+)$", START_TIMEOUT).group(1));
            try (Relay gateway = LatticegateArm.governed().start(providerPort, folder.path())) {
                long start = System.nanoTime();
                long end = start + Duration.ofMinutes(minutes).toNanos();
                while (System.nanoTime() - end < 0) {
                    for (Shape shape : Shape.values()) {
                        WindowResult result = generator.run(
                                new Window(shape, gateway.port(), SETTLE, 1, WINDOW, gateway.token()),
                                () -> {},
                                () -> {});
                        requests += result.requests();
                        failures += result.failures();
                        firstFailure = firstFailure.isEmpty() ? result.firstFailure() : firstFailure;
                    }
                    leaveAtOnce(gateway);
                    double minute = (System.nanoTime() - start) / 60e9;
                    long rss = ProcessCost.rssBytes(gateway.pid().orElseThrow());
                    samples.add(new Sample(minute, rss, requests, failures));
                    out.printf(
                            Locale.ROOT,
                            "minute %.1f: RSS %d MiB, %d requests, %d failures%n",
                            minute,
                            rss >> 20,
                            requests,
                            failures);
                }
                stalls = Objects.requireNonNull(gateway.process())
                        .outputText()
                        .lines()
                        .filter(line -> line.contains(STALL))
                        .count();
            }
        }
        String command = ("./latticegate bench soak " + String.join(" ", arguments)).strip();
        out.print(Results.write("soak", machine, command, report(samples, firstFailure, stalls)));
        return failures == 0 && stalls == 0 ? 0 : EXIT_FAILURES;
    }

    private static void leaveAtOnce(Relay gateway) {
        String body = Shape.BURST.body();
        String request = "POST /v1/chat/completions HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer " + gateway.token()
                + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
        try (HeldConnections leaving = new HeldConnections(gateway.port(), request, Duration.ZERO)) {
            leaving.open(LEAVING_PER_ROUND, OPENED_PER_SECOND);
        }
    }

    private static String report(List<Sample> samples, String firstFailure, long stalls) {
        Sample last = samples.getLast();
        List<Sample> later = samples.stream()
                .filter(sample -> sample.minute() >= last.minute() * WARM_SHARE)
                .toList();
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "Windows of %d s take turns: %s; after each turn %d streams whose client hangs up at once.%n%n"
                        + "| | |%n|---|---:|%n| minutes | %.1f |%n| requests | %d |%n| failures | %d %s |%n"
                        + "| event loops that stood still (warnings) | %d |%n"
                        + "| growth of the resident memory after the first third, MiB per hour | %.1f |%n%n"
                        + "| minute | RSS, MiB | requests so far |%n|---:|---:|---:|%n",
                WINDOW.toSeconds(),
                List.of(Shape.values()),
                LEAVING_PER_ROUND,
                last.minute(),
                last.requests(),
                last.failures(),
                firstFailure,
                stalls,
                slope(later)));
        int step = Math.max(1, samples.size() / 30);
        for (int i = 0; i < samples.size(); i += step) {
            Sample sample = samples.get(i);
            text.append(String.format(
                    Locale.ROOT, "| %.1f | %d | %d |%n", sample.minute(), sample.rssBytes() >> 20, sample.requests()));
        }
        return text.toString();
    }

    /** Least squares, in MiB per hour. */
    private static double slope(List<Sample> samples) {
        double meanMinute =
                samples.stream().mapToDouble(Sample::minute).average().orElse(0);
        double meanBytes =
                samples.stream().mapToLong(Sample::rssBytes).average().orElse(0);
        double covariance = samples.stream()
                .mapToDouble(sample -> (sample.minute() - meanMinute) * (sample.rssBytes() - meanBytes))
                .sum();
        double variance = samples.stream()
                .mapToDouble(sample -> Math.pow(sample.minute() - meanMinute, 2))
                .sum();
        return variance == 0 ? 0 : covariance / variance * 60 / (1 << 20);
    }

    private SoakBench() {}
}
