package io.latticegate.standalone;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Programs of this machine that a mesh on one machine is made of. */
final class Programs {
    private static final Path POSTGRES_VERSIONS = Path.of("/usr/lib/postgresql");

    /** A program that could not be found; the message names the Debian package that has it. */
    static final class Missing extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Missing(String message) {
            super(message);
        }
    }

    /** @param elsewhere the variable that names a server which runs already */
    static Path redisServer(String elsewhere) {
        return find("redis-server").orElseThrow(() -> missing("redis-server", "redis-server", elsewhere));
    }

    /** {@code initdb}, {@code postgres}: from the newest version that Debian's packages installed, else from the PATH. */
    static Path ofPostgres(String program, String elsewhere) {
        if (Files.isDirectory(POSTGRES_VERSIONS)) {
            try (Stream<Path> versions = Files.list(POSTGRES_VERSIONS)) {
                Optional<Path> newest = versions.map(
                                version -> version.resolve("bin").resolve(program))
                        .filter(Files::isExecutable)
                        .max(Comparator.comparingInt(Programs::version));
                if (newest.isPresent()) {
                    return newest.get();
                }
            } catch (IOException fault) {
                throw new UncheckedIOException("cannot list " + POSTGRES_VERSIONS, fault);
            }
        }
        return find(program).orElseThrow(() -> missing(program, "postgresql", elsewhere));
    }

    /**
     * The command in a session of its own, so that a Ctrl-C in the terminal reaches the launcher alone, which then stops
     * everything in order.
     */
    static List<String> inOwnSession(List<String> command) {
        return find("setsid")
                .map(setsid -> Stream.concat(Stream.of(setsid.toString()), command.stream())
                        .toList())
                .orElse(command);
    }

    static Optional<Path> find(String program) {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("/usr/bin:/bin");
        return Stream.of(path.split(File.pathSeparator, -1))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Runs a program to its end and returns what it printed. */
    static String run(List<String> command, Path directory) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        builder.environment().putAll(Map.of("LC_ALL", "C"));
        Process process = builder.start();
        String printed;
        try (var output = process.inputReader()) {
            StringBuilder text = new StringBuilder();
            char[] part = new char[4_096];
            int read;
            while ((read = output.read(part)) >= 0) {
                if (text.length() < 64_000) {
                    text.append(part, 0, read);
                }
            }
            printed = text.toString();
        }
        try {
            if (process.waitFor() != 0) {
                throw new IOException(command.getFirst() + " failed:\n" + printed.strip());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + command.getFirst() + " ran", interrupted);
        }
        return printed;
    }

    private static int version(Path program) {
        String digits = String.valueOf(program.getName(3)).replaceAll("\\D", "");
        return digits.isEmpty() ? 0 : Integer.parseInt(digits);
    }

    private static Missing missing(String program, String debianPackage, String elsewhere) {
        return new Missing("the program " + program + " is not installed; install the Debian package " + debianPackage
                + " (apt-get install " + debianPackage + "), or name a server that runs already with " + elsewhere);
    }

    private Programs() {}
}
