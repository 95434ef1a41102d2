package io.latticegate.bench.arm;

import io.latticegate.testing.ChildProcess;
import java.time.Duration;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A started arm.
 *
 * @param port of 127.0.0.1, where the load goes
 * @param token bearer token that the load carries, empty for none
 * @param process what was started, null when there is nothing between the generator and the provider
 * @param measured process id of what is measured, when there is something: {@code process} or a child of it
 */
public record Relay(int port, String token, @Nullable ChildProcess process, long measured) implements AutoCloseable {
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(15);

    /** A process that is measured itself; null for nothing. */
    Relay(int port, String token, @Nullable ChildProcess process) {
        this(port, token, process, process == null ? 0 : process.pid());
    }

    /** What is measured. */
    public OptionalLong pid() {
        return process == null ? OptionalLong.empty() : OptionalLong.of(measured);
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "relay on port " + port;
    }

    /** Asks the process to end, and ends it when it does not. */
    @Override
    public void close() {
        if (process == null || !process.alive()) {
            return;
        }
        try {
            process.terminate(STOP_TIMEOUT);
        } catch (AssertionError stillThere) {
            process.kill();
        }
    }
}
