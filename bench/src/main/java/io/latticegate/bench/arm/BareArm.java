package io.latticegate.bench.arm;

import io.latticegate.testing.ChildProcess;
import io.latticegate.testing.Ports;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@link BareRelay} in a JVM of its own, with Latticegate's JVM arguments and heap. */
final class BareArm implements Arm {
    private static final Duration START_TIMEOUT = Duration.ofSeconds(30);

    @Override
    public String name() {
        return "bare";
    }

    @Override
    public String what() {
        return "a Vert.x relay that copies heads and pipes bodies, one event loop per processor, "
                + "256 kept connections each, -Xmx512m";
    }

    @Override
    public Optional<String> absence() {
        return Optional.empty();
    }

    @Override
    public Relay start(int providerPort, Path folder) {
        int port = Ports.free();
        ChildProcess process = ChildProcess.start(
                "the bare relay",
                JavaCommand.of(
                        BareRelay.class.getName(),
                        "512m",
                        List.of(Integer.toString(port), Integer.toString(providerPort))),
                Map.of(),
                folder,
                folder.resolve("output.log"));
        process.awaitLine("^bare relay ready", START_TIMEOUT);
        return new Relay(port, "", process);
    }
}
