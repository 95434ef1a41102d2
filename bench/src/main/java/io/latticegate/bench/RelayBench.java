package io.latticegate.bench;

import io.latticegate.bench.arm.Arm;
import io.latticegate.bench.arm.JavaCommand;
import io.latticegate.bench.arm.MockProvider;
import io.latticegate.bench.arm.Relay;
import io.latticegate.bench.load.GeneratorProcess;
import io.latticegate.bench.load.LoadGenerator;
import io.latticegate.bench.load.Shape;
import io.latticegate.bench.load.Window;
import io.latticegate.bench.load.WindowResult;
import io.latticegate.bench.profile.CpuProfile;
import io.latticegate.testing.ChildProcess;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * What a relay adds to a request. One mock provider, one load generator and one process per arm are started and warmed up;
 * then, round by round and window by window, the arms take turns, so that what the machine does meanwhile meets all of them.
 */
final class RelayBench implements AutoCloseable {
    private static final Duration START_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration IDLE_PERIOD = Duration.ofMillis(200);
    private static final Duration IDLE_CPU = Duration.ofMillis(10);
    private static final long WARM_STREAMS = 300;
    private static final String PROFILED_ARM = "governed";
    private static final int EXIT_FAILURES = 1;

    private final RelayOptions options;
    private final PrintStream out;
    private final Path folder;
    private final ChildProcess provider;
    private final int providerPort;
    private final GeneratorProcess generator;
    private final Map<Arm, Relay> relays = new LinkedHashMap<>();
    private final Map<String, String> absent = new LinkedHashMap<>();
    private final List<Measurement> measurements = new ArrayList<>();

    private RelayBench(RelayOptions options, PrintStream out, Path folder) {
        this.options = options;
        this.out = out;
        this.folder = folder;
        provider = ChildProcess.start(
                "the mock provider",
                JavaCommand.of(MockProvider.class.getName(), "128m", List.of()),
                Map.of(),
                folder,
                folder.resolve("provider.log"));
        providerPort = Integer.parseInt(
                provider.awaitLine("^mock ready (\\d+)$", START_TIMEOUT).group(1));
        generator = GeneratorProcess.start(JavaCommand.of(LoadGenerator.class.getName(), "128m", List.of()));
    }

    /** Measures, prints the report and, where wanted, writes it; the exit status is 1 when a request failed. */
    static int run(RelayOptions options, List<String> arguments, PrintStream out) {
        Machine machine = Machine.here();
        try (WorkFolder folder = WorkFolder.create();
                RelayBench bench = new RelayBench(options, out, folder.path())) {
            bench.measure();
            RelayReport report = bench.report();
            String command = ("./latticegate bench relay " + String.join(" ", arguments)).strip();
            LocalDate today = LocalDate.now(ZoneOffset.UTC);
            String text = report.markdown(today, machine, command);
            out.print("\n" + text);
            if (options.written()) {
                out.println("\nwritten to " + write(today, text));
            }
            if (options.profile()) {
                bench.profile();
            }
            return report.failures() == 0 ? 0 : EXIT_FAILURES;
        }
    }

    /** Measures only. */
    static RelayReport measure(RelayOptions options, PrintStream out, Path folder) {
        try (RelayBench bench = new RelayBench(options, out, folder)) {
            bench.measure();
            return bench.report();
        }
    }

    private static Path write(LocalDate today, String text) {
        Path file = JavaCommand.root().resolve("bench").resolve("results").resolve(today + "-relay.md");
        try {
            Files.createDirectories(file.getParent());
            return Files.writeString(file, text);
        } catch (IOException fault) {
            throw new UncheckedIOException("cannot write " + file, fault);
        }
    }

    private RelayReport report() {
        Map<String, String> what = new LinkedHashMap<>();
        relays.keySet().forEach(arm -> what.put(arm.name(), arm.what()));
        return new RelayReport(options, what, absent, measurements);
    }

    private void measure() {
        for (Arm arm : Arm.all()) {
            if (options.arms().contains(arm.name())) {
                arm.absence().ifPresentOrElse(why -> skip(arm, why), () -> start(arm));
            }
        }
        for (int round = 1; round <= options.rounds(); round++) {
            for (Shape shape : Shape.values()) {
                for (Arm arm : List.copyOf(relays.keySet())) {
                    record(arm, round, shape);
                }
            }
        }
    }

    private void skip(Arm arm, String why) {
        absent.put(arm.name(), why);
        out.println(arm.name() + ": skipped, " + why);
    }

    private void start(Arm arm) {
        Path own = folder.resolve(arm.name());
        try {
            Files.createDirectory(own);
        } catch (IOException fault) {
            throw new UncheckedIOException("cannot make " + own, fault);
        }
        out.println(arm.name() + ": starting and warming up");
        Relay relay = arm.start(providerPort, own);
        relays.put(arm, relay);
        warmUp(arm, relay);
        late(relay, sample(relay));
    }

    private void warmUp(Arm arm, Relay relay) {
        for (Shape shape : Shape.values()) {
            long requests = shape.stream() ? Math.min(WARM_STREAMS, options.warmRequests()) : options.warmRequests();
            long wanted = shape == Shape.SINGLE ? requests / 4 : requests;
            WindowResult warm = generator.run(
                    new Window(shape, relay.port(), options.settle(), wanted, options.settle(), relay.token()),
                    () -> {},
                    () -> {});
            if (warm.failures() > 0) {
                out.println(arm.name() + ": " + warm.failures() + " requests failed while warming up; the first: "
                        + warm.firstFailure());
            }
        }
    }

    private void record(Arm arm, int round, Shape shape) {
        Relay relay = relays.get(arm);
        if (relay == null) {
            throw new IllegalStateException(arm.name() + " was not started");
        }
        Window window = new Window(shape, relay.port(), options.settle(), 1, options.window(), relay.token());
        List<ProcessCost.Sample> samples = new ArrayList<>();
        WindowResult result = generator.run(window, () -> samples.add(sample(relay)), () -> samples.add(sample(relay)));
        Measurement measurement = new Measurement(
                arm.name(),
                round,
                shape,
                result,
                samples.getLast().minus(samples.getFirst()),
                late(relay, samples.getLast()),
                relay.pid().stream().map(ProcessCost::rssBytes).sum());
        measurements.add(measurement);
        out.println(RelayReport.progress(measurement));
    }

    /**
     * Waits until the arm is idle, so that what it put off burdens neither the next arm nor nobody.
     *
     * @return what that cost, in ns, less the share of the load before the window
     */
    private long late(Relay relay, ProcessCost.Sample end) {
        if (relay.pid().isEmpty()) {
            return 0;
        }
        long pid = relay.pid().getAsLong();
        long deadline = System.nanoTime() + IDLE_TIMEOUT.toNanos();
        long before = ProcessCost.cpuNanos(pid);
        while (System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(IDLE_PERIOD.toNanos());
            long now = ProcessCost.cpuNanos(pid);
            if (now - before <= IDLE_CPU.toNanos()) {
                break;
            }
            before = now;
        }
        double loaded = options.window().plus(options.settle()).toNanos();
        return (long) ((before - end.relay()) * (options.window().toNanos() / loaded));
    }

    private ProcessCost.Sample sample(Relay relay) {
        return new ProcessCost.Sample(
                relay.pid().stream().map(ProcessCost::cpuNanos).sum(),
                ProcessCost.cpuNanos(generator.pid()),
                ProcessCost.cpuNanos(provider.pid()),
                ProcessCost.machineNanos());
    }

    private void profile() {
        relays.forEach((arm, relay) -> {
            if (arm.name().equals(PROFILED_ARM) && relay.pid().isPresent()) {
                Path recording = folder.resolve("profile.jfr");
                CpuProfile profile = CpuProfile.start(relay.pid().getAsLong(), recording);
                WindowResult result = generator.run(
                        new Window(
                                Shape.LOAD,
                                relay.port(),
                                options.settle(),
                                1,
                                options.window().multipliedBy(3),
                                relay.token()),
                        () -> {},
                        () -> {});
                out.print("\n" + profile.stop(result.requests()));
            }
        });
        if (relays.keySet().stream().noneMatch(arm -> arm.name().equals(PROFILED_ARM))) {
            out.println("no profile: the governed arm did not run");
        }
    }

    /** Ends every process that was started. */
    @Override
    public void close() {
        relays.values().forEach(Relay::close);
        generator.close();
        provider.close();
    }
}
