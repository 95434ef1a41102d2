package io.latticegate.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds programs of the machine, and says which Debian package has those that are missing. */
final class Binaries {
    /** A program on the {@code PATH}. */
    static Path onPath(String program, String debianPackage) {
        return find(program).orElseThrow(() -> missing(program, debianPackage));
    }

    /** A program of PostgreSQL: from the newest version under {@code /usr/lib/postgresql}, else on the {@code PATH}. */
    static Path ofPostgres(String program) {
        Path versions = Path.of("/usr/lib/postgresql");
        if (Files.isDirectory(versions)) {
            try (Stream<Path> found = Files.list(versions)) {
                Optional<Path> newest = found.map(
                                version -> version.resolve("bin").resolve(program))
                        .filter(Files::isExecutable)
                        .max(Comparator.comparing(Binaries::version));
                if (newest.isPresent()) {
                    return newest.get();
                }
            } catch (IOException fault) {
                throw new UncheckedIOException("cannot list " + versions, fault);
            }
        }
        return onPath(program, "postgresql");
    }

    private static Integer version(Path binary) {
        String digits = binary.getName(3).toString().replaceAll("\\D", "");
        return digits.isEmpty() ? 0 : Integer.valueOf(digits);
    }

    private static Optional<Path> find(String program) {
        String path = System.getenv("PATH");
        return Stream.of((path == null ? "/usr/bin:/bin" : path).split(File.pathSeparator, -1))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static IllegalStateException missing(String program, String debianPackage) {
        return new IllegalStateException("this test needs the program '" + program + "' and found none on the PATH;"
                + " install it (Debian: apt-get install " + debianPackage + ")");
    }

    private Binaries() {}
}
