package io.latticegate.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A committed file that must equal what the build makes. With {@code -Dlatticegate.golden.update=true} the file is
 * written instead, for a person to read in the diff.
 */
final class Golden {

    private static final boolean UPDATE = Boolean.getBoolean("latticegate.golden.update");

    private Golden() {}

    /** Writes the file when files are to be written, otherwise does nothing. */
    static void update(Path file, String actual) {
        if (UPDATE) {
            try {
                Files.createDirectories(file.getParent());
                Files.writeString(file, actual);
            } catch (IOException broken) {
                throw new UncheckedIOException(broken);
            }
        }
    }

    static void check(Path file, String actual) {
        update(file, actual);
        try {
            assertThat(file).exists();
            assertThat(actual)
                    .as("%s; if the change is meant, run with -Dlatticegate.golden.update=true and read the diff", file)
                    .isEqualTo(Files.readString(file));
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }
}
