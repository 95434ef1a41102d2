package io.latticegate.standalone;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process that is started again when it dies: after half a second, then after pauses that double up to {@link
 * #PAUSE_MAX}; a process that ran for a minute starts with the shortest pause again.
 */
final class SupervisedProcess {
    /** Longest pause before a restart. */
    static final Duration PAUSE_MAX = Duration.ofSeconds(30);

    private static final Logger LOG = LoggerFactory.getLogger(SupervisedProcess.class);
    private static final long PAUSE_MIN_MILLIS = 500;
    private static final long STEADY_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final int TAIL_BYTES = 4_000;

    private final String name;
    private final Path folder;
    private final Set<String> withoutVariables;
    private final Command command;
    private final ScheduledExecutorService timer;
    private @Nullable Process process;
    private long startedAt;
    private long pauseMillis = PAUSE_MIN_MILLIS;
    private boolean ready;
    private boolean stopping;

    /** Makes the command line anew for every start, with whatever it needs, such as a fresh certificate. */
    interface Command {
        List<String> line() throws IOException;
    }

    /**
     * @param folder where the log lies, which exists; the working directory stays the launcher's
     * @param withoutVariables environment variables that the process must not see
     */
    SupervisedProcess(
            String name, Path folder, Set<String> withoutVariables, Command command, ScheduledExecutorService timer) {
        this.name = name;
        this.folder = folder;
        this.withoutVariables = withoutVariables;
        this.command = command;
        this.timer = timer;
    }

    String name() {
        return name;
    }

    Path log() {
        return folder.resolve("log");
    }

    /** From now on a death is repaired; before, it is a failed start and left for the caller to see. */
    synchronized void ready() {
        ready = true;
    }

    synchronized boolean alive() {
        return process != null && process.isAlive();
    }

    synchronized void start() throws IOException {
        if (stopping) {
            return;
        }
        ProcessBuilder builder = new ProcessBuilder(Programs.inOwnSession(command.line()))
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
        builder.environment().keySet().removeAll(withoutVariables);
        Process started = builder.start();
        process = started;
        startedAt = System.nanoTime();
        LOG.info("{} started as process {}", name, started.pid());
        var unused = started.onExit().thenAccept(this::ended);
    }

    private synchronized void ended(Process dead) {
        if (stopping || !ready || !dead.equals(process)) {
            return;
        }
        if (System.nanoTime() - startedAt > STEADY_NANOS) {
            pauseMillis = PAUSE_MIN_MILLIS;
        }
        LOG.error("{} ended with status {}; it starts again in {} ms", name, dead.exitValue(), pauseMillis);
        restartIn(pauseMillis);
        pauseMillis = Math.min(pauseMillis * 2, PAUSE_MAX.toMillis());
    }

    private void restartIn(long millis) {
        var unused = timer.schedule(
                () -> {
                    try {
                        start();
                    } catch (IOException | RuntimeException fault) {
                        LOG.error("{} does not start: {}", name, fault.getMessage());
                        restartIn(PAUSE_MAX.toMillis());
                    }
                },
                millis,
                TimeUnit.MILLISECONDS);
    }

    /** Asks the process to end and waits; kills it when {@code limit} has passed. */
    void stop(Duration limit) {
        Process running;
        synchronized (this) {
            stopping = true;
            running = process;
        }
        if (running == null || !running.isAlive()) {
            return;
        }
        running.destroy();
        try {
            if (!running.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("{} did not stop within {}; it is killed", name, limit);
                running.destroyForcibly().waitFor();
            }
        } catch (InterruptedException interrupted) {
            running.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** The end of the log. */
    String tail() {
        try {
            byte[] all = Files.exists(log()) ? Files.readAllBytes(log()) : new byte[0];
            int from = Math.max(0, all.length - TAIL_BYTES);
            return new String(all, from, all.length - from, StandardCharsets.UTF_8).strip();
        } catch (IOException unreadable) {
            return "(the log cannot be read: " + unreadable.getMessage() + ")";
        }
    }
}
