package io.latticegate.bench;

import io.latticegate.bench.arm.JavaCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;

/** The files of {@code bench/results}: what was measured, when, where, from what, and with which command. */
final class Results {
    /**
     * Writes {@code bench/results/DATE-NAME.md}.
     *
     * @param body the figures, in Markdown
     * @return the whole text, and where it lies
     */
    static String write(String name, Machine machine, String command, String body) {
        LocalDate today = LocalDate.now(ZoneOffset.UTC);
        String text = "# " + name + ", " + today + "\n\n" + machine.markdown(command) + "\n" + body;
        Path file = JavaCommand.root().resolve("bench").resolve("results").resolve(today + "-" + name + ".md");
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        } catch (IOException fault) {
            throw new UncheckedIOException("cannot write " + file, fault);
        }
        return "\n" + text + "\nwritten to " + file + "\n";
    }

    private Results() {}
}
