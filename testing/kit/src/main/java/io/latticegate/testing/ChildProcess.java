package io.latticegate.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A process that a test started: its output goes to a file, and it can be paused, killed and measured. What still runs when
 * this JVM ends in order is killed.
 */
public final class ChildProcess implements AutoCloseable {
    private static final int OUTPUT_BYTES_MAX = 4 << 20;
    private static final Duration KILL_TIMEOUT = Duration.ofSeconds(10);
    private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> RUNNING.forEach(Process::destroyForcibly), "kill-child-processes"));
    }

    private final String name;
    private final Process process;
    private final Path output;

    private ChildProcess(String name, Process process, Path output) {
        this.name = name;
        this.process = process;
        this.output = output;
    }

    /**
     * Starts a command.
     *
     * @param name what failure messages call it
     * @param environment added to this process's environment
     * @param output standard output and error are appended here
     * @throws UncheckedIOException when the command cannot be started
     */
    public static ChildProcess start(
            String name, List<String> command, Map<String, String> environment, Path directory, Path output) {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        builder.environment().putAll(environment);
        try {
            Process process = builder.start();
            RUNNING.add(process);
            var _ = process.onExit().thenRun(() -> RUNNING.remove(process));
            return new ChildProcess(name, process, output);
        } catch (IOException fault) {
            throw new UncheckedIOException("cannot start " + name + " (" + command.getFirst() + ")", fault);
        }
    }

    public long pid() {
        return process.pid();
    }

    public boolean alive() {
        return process.isAlive();
    }

    /** The file that holds standard output and error. */
    public Path output() {
        return output;
    }

    /** The last 4 MiB of the output. */
    public String outputText() {
        try (SeekableByteChannel channel = Files.newByteChannel(output)) {
            long size = channel.size();
            channel.position(Math.max(0, size - OUTPUT_BYTES_MAX));
            ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(size, OUTPUT_BYTES_MAX));
            while (buffer.hasRemaining() && channel.read(buffer) >= 0) {}
            return new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
        } catch (IOException fault) {
            throw new UncheckedIOException("cannot read the output of " + name, fault);
        }
    }

    /**
     * Waits for a whole line of output in which {@code regex} is found, and returns the match.
     *
     * @throws AssertionError when the deadline passes, or the process ends, before such a line
     */
    public Matcher awaitLine(String regex, Duration deadline) {
        Pattern pattern = Pattern.compile(regex);
        return Await.value(deadline, "the line /" + regex + "/ from " + name, () -> {
            boolean ended = !alive();
            for (String line : outputText().split("\n", -1)) {
                Matcher matcher = pattern.matcher(line);
                if (matcher.find()) {
                    return Optional.of(matcher);
                }
            }
            if (ended) {
                throw new AssertionError(name + " ended with " + process.exitValue() + " before the line /" + regex
                        + "/; its output ends:\n" + tail());
            }
            return Optional.empty();
        });
    }

    private String tail() {
        String text = outputText();
        return text.substring(Math.max(0, text.length() - 4_000));
    }

    /**
     * Waits for the end and returns the exit status; 128 + n after signal n.
     *
     * @throws AssertionError when the process still runs at the deadline
     */
    public int awaitExit(Duration deadline) {
        try {
            if (process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
                return process.exitValue();
            }
            throw new AssertionError(name + " still runs after " + deadline + "; its output ends:\n" + tail());
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for " + name + " to end", interrupt);
        }
    }

    /** Sends a signal by its name without SIG: TERM, KILL, STOP, CONT, INT, QUIT, HUP. */
    public void signal(String signal) {
        if (!alive()) {
            return;
        }
        try {
            Process kill = new ProcessBuilder("sh", "-c", "kill -" + signal + " " + pid())
                    .redirectErrorStream(true)
                    .start();
            if (kill.waitFor() != 0 && alive()) {
                throw new IllegalStateException("cannot send " + signal + " to " + name + " (pid " + pid() + ")");
            }
        } catch (IOException fault) {
            throw new UncheckedIOException("cannot send " + signal + " to " + name, fault);
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while sending " + signal + " to " + name, interrupt);
        }
    }

    /** Stops the process where it stands (SIGSTOP); its sockets stay open. */
    public void pause() {
        signal("STOP");
    }

    /** Lets a paused process go on (SIGCONT). */
    public void resume() {
        signal("CONT");
    }

    /** Asks the process to end (SIGTERM) and returns its exit status. */
    public int terminate(Duration deadline) {
        signal("TERM");
        return awaitExit(deadline);
    }

    /** Ends the process at once (SIGKILL) and waits until it is gone. */
    public void kill() {
        process.destroyForcibly();
        awaitExit(KILL_TIMEOUT);
    }

    /** Resident memory in bytes, from {@code /proc/PID/status}. */
    public long rssBytes() {
        try {
            return Files.readAllLines(Path.of("/proc", String.valueOf(pid()), "status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .map(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst()
                    .orElse(0L);
        } catch (IOException fault) {
            throw new UncheckedIOException("no memory figure of " + name + " (pid " + pid() + ")", fault);
        }
    }

    /** Processor time used so far, user and system. */
    public Duration cpu() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    @Override
    public void close() {
        if (alive()) {
            kill();
        }
    }
}
