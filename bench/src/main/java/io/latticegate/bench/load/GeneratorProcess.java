package io.latticegate.bench.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The {@link LoadGenerator} as a process, started once and warm for all arms. */
public final class GeneratorProcess implements AutoCloseable {
    private static final long END_SECONDS = 5;

    private final Process process;
    private final BufferedReader answers;
    private final Writer orders;

    private GeneratorProcess(Process process) {
        this.process = process;
        this.answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        this.orders = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
    }

    /**
     * Starts the generator; its errors go to this process's standard error.
     *
     * @param command runs {@link LoadGenerator}
     */
    public static GeneratorProcess start(List<String> command) {
        try {
            return new GeneratorProcess(new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start());
        } catch (IOException fault) {
            throw new UncheckedIOException("cannot start the load generator", fault);
        }
    }

    public long pid() {
        return process.pid();
    }

    /**
     * Runs one window.
     *
     * @param begin called as the measurement begins
     * @param end called as it ends
     * @throws IllegalStateException when the generator has died
     */
    public WindowResult run(Window window, Runnable begin, Runnable end) {
        try {
            orders.write(window.line() + "\n");
            orders.flush();
            await("begin", window);
            begin.run();
            await("end", window);
            end.run();
            return WindowResult.parse(line(window));
        } catch (IOException fault) {
            throw new UncheckedIOException("lost the load generator during " + window, fault);
        }
    }

    private void await(String signal, Window window) throws IOException {
        String line = line(window);
        if (!line.equals(signal)) {
            throw new IllegalStateException("the load generator said '" + line + "', not '" + signal + "'");
        }
    }

    private String line(Window window) throws IOException {
        String line = answers.readLine();
        if (line == null) {
            throw new IllegalStateException("the load generator ended during " + window + "; see standard error");
        }
        return line;
    }

    @Override
    public void close() {
        try {
            orders.close();
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException fault) {
            process.destroyForcibly();
        } catch (InterruptedException interrupt) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
