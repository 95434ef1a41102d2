package io.latticegate.bench;

import io.latticegate.bench.arm.JavaCommand;
import io.latticegate.bench.arm.LatticegateArm;
import io.latticegate.bench.arm.MockProvider;
import io.latticegate.bench.arm.Relay;
import io.latticegate.bench.load.GeneratorProcess;
import io.latticegate.bench.load.LoadGenerator;
import io.latticegate.bench.load.Shape;
import io.latticegate.bench.load.Window;
import io.latticegate.bench.load.WindowResult;
import io.latticegate.testing.ChildProcess;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the governed gateway allocates for a request and for an event of a stream. Bytes, unlike times, do not depend on what
 * else the machine does, so a test holds them against ceilings.
 */
final class AllocationBench {
    static final String HELP = """
            allocation [--seconds S]
                  Bytes that the governed gateway allocates per request and per event of a stream, on its event loops and
                  in the whole process. Writes bench/results/DATE-allocation.md.
                  --seconds S   length of each window, 1 to 120 (default 5)
            """;

    private static final Duration START_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration SETTLE = Duration.ofMillis(300);
    /** Enough for the optimising compiler to have seen the path: before, more is allocated. */
    private static final long WARM_REQUESTS = 30_000;

    private static final long WARM_STREAMS = 3_000;

    /**
     * Bytes.
     *
     * @param perRequest on the event loops, for a request of 0.9 kB with an answer of 0.8 kB
     * @param perEvent on the event loops, for each event of a stream beyond what its request costs
     * @param processPerRequest of all threads, the audit's store included
     */
    record Figures(double perRequest, double perEvent, double processPerRequest) {}

    static int run(List<String> arguments, PrintStream out) {
        int seconds = Arguments.numbers(arguments, Map.of("--seconds", 120)).getOrDefault("--seconds", 5);
        Machine machine = Machine.here();
        try (WorkFolder folder = WorkFolder.create()) {
            Figures figures = measure(Duration.ofSeconds(seconds), folder.path());
            String command = ("./latticegate bench allocation " + String.join(" ", arguments)).strip();
            out.print(Results.write("allocation", machine, command, report(figures)));
        }
        return 0;
    }

    /** @throws IllegalStateException when a request fails */
    static Figures measure(Duration window, Path folder) {
        try (ChildProcess provider = ChildProcess.start(
                        "the mock provider",
                        JavaCommand.of(MockProvider.class.getName(), "128m", List.of()),
                        Map.of(),
                        folder,
                        folder.resolve("provider.log"));
                GeneratorProcess generator =
                        GeneratorProcess.start(JavaCommand.of(LoadGenerator.class.getName(), "128m", List.of()))) {
            int port = Integer.parseInt(
                    provider.awaitLine("^mock ready (\\d+)$", START_TIMEOUT).group(1));
            try (Relay gateway = LatticegateArm.governed().start(port, folder)) {
                good(generator.run(window(gateway, Shape.LOAD, WARM_REQUESTS, SETTLE), () -> {}, () -> {}));
                good(generator.run(window(gateway, Shape.BURST, WARM_STREAMS, SETTLE), () -> {}, () -> {}));
                Sampled single = Sampled.of(generator, gateway, Shape.LOAD, window);
                Sampled stream = Sampled.of(generator, gateway, Shape.BURST, window);
                double perRequest = single.loopsPerRequest();
                double eventsPerStream =
                        stream.result().events() / (double) stream.result().requests();
                return new Figures(
                        perRequest,
                        (stream.loopsPerRequest() - perRequest) / eventsPerStream,
                        single.bytes().ofAll() / (double) single.result().requests());
            }
        }
    }

    private static Window window(Relay gateway, Shape shape, long settleRequests, Duration window) {
        return new Window(shape, gateway.port(), SETTLE, settleRequests, window, gateway.token());
    }

    private static WindowResult good(WindowResult result) {
        if (result.failures() > 0) {
            throw new IllegalStateException(result.failures() + " requests failed: " + result.firstFailure());
        }
        return result;
    }

    /** What one window allocated, and what the generator saw of it. */
    private record Sampled(AllocatedBytes bytes, WindowResult result) {
        double loopsPerRequest() {
            return bytes.ofEventLoops() / (double) result.requests();
        }

        static Sampled of(GeneratorProcess generator, Relay gateway, Shape shape, Duration window) {
            long pid = gateway.pid().orElseThrow();
            List<AllocatedBytes> samples = new ArrayList<>();
            Runnable sample = () -> samples.add(AllocatedBytes.of(pid));
            WindowResult result = good(generator.run(window(gateway, shape, 1, window), sample, sample));
            return new Sampled(samples.getLast().since(samples.getFirst()), result);
        }
    }

    private static String report(Figures figures) {
        return String.format(
                Locale.ROOT,
                "| bytes allocated | |%n|---|---:|%n| per request, event loops | %.0f |%n"
                        + "| per event of a stream, event loops | %.0f |%n| per request, whole process | %.0f |%n",
                figures.perRequest(),
                figures.perEvent(),
                figures.processPerRequest());
    }

    private AllocationBench() {}
}
