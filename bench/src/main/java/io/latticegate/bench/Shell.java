package io.latticegate.bench;

import io.latticegate.bench.arm.JavaCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Short commands and files of the machine that a benchmark reports. */
final class Shell {
    /**
     * Standard output, trimmed, of a command run in the checkout.
     *
     * @throws IllegalStateException when it ends with another status than 0
     */
    static String output(String... command) {
        try {
            Process process = new ProcessBuilder(List.of(command))
                    .directory(JavaCommand.root().toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            int status = process.waitFor();
            if (status != 0) {
                throw new IllegalStateException(String.join(" ", command) + " ended with " + status);
            }
            return text;
        } catch (IOException fault) {
            throw new UncheckedIOException("cannot run " + command[0], fault);
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted in " + command[0], interrupt);
        }
    }

    /** A whole file of {@code /proc}. */
    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException fault) {
            throw new UncheckedIOException("cannot read " + file, fault);
        }
    }

    private Shell() {}
}
