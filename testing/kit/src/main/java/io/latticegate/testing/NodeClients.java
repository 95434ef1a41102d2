package io.latticegate.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Runs the suites of {@code testing/clients} under Node: the client libraries of others, unmodified, against a base URL
 * that the environment names. Installs the locked packages when they are missing or differ from the lock file.
 */
public final class NodeClients {
    private static final Duration INSTALL_TIMEOUT = Duration.ofMinutes(5);
    private static final String STAMP = ".installed-lock";

    private final Path folder;

    private NodeClients(Path folder) {
        this.folder = folder;
    }

    /**
     * What {@code node --test} reported.
     *
     * @param tests tests that ran, suites not counted
     */
    public record Result(int exit, int tests, int passed, int failed, String output) {
        /** Whether every test passed and there was at least one. */
        public boolean good() {
            return exit == 0 && failed == 0 && tests > 0 && passed == tests;
        }
    }

    /**
     * The suites of this checkout, ready to run.
     *
     * @throws IllegalStateException when the folder, Node or npm is missing, or the packages cannot be installed
     */
    public static synchronized NodeClients ready() {
        NodeClients clients = new NodeClients(root().resolve("testing").resolve("clients"));
        clients.install();
        return clients;
    }

    private static Path root() {
        String given = System.getProperty("latticegate.root");
        Path start = Path.of(given == null ? "" : given).toAbsolutePath();
        for (Path folder = start; folder != null; folder = folder.getParent()) {
            if (Files.exists(folder.resolve("testing/clients/package.json"))) {
                return folder;
            }
        }
        throw new IllegalStateException("no testing/clients/package.json in " + start + " or above it; set the system"
                + " property latticegate.root to the checkout");
    }

    private void install() {
        Path lockFile = Path.of(System.getProperty("java.io.tmpdir"), "latticegate-npm-" + folder.hashCode() + ".lock");
        try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            if (!lock.isValid() || upToDate()) {
                return;
            }
            Path log = Files.createTempFile("latticegate-npm-", ".log");
            List<String> command =
                    List.of(Binaries.onPath("npm", "npm").toString(), "ci", "--ignore-scripts", "--no-audit");
            try (ChildProcess npm = ChildProcess.start("npm ci", command, Map.of(), folder, log)) {
                if (npm.awaitExit(INSTALL_TIMEOUT) != 0) {
                    throw new IllegalStateException("npm ci in " + folder + " failed:\n" + npm.outputText());
                }
            }
            Files.delete(log);
            Files.write(folder.resolve("node_modules").resolve(STAMP), lockedPackages());
        } catch (IOException fault) {
            throw new UncheckedIOException("cannot install the packages of " + folder, fault);
        }
    }

    private byte[] lockedPackages() throws IOException {
        return Files.readAllBytes(folder.resolve("package-lock.json"));
    }

    private boolean upToDate() throws IOException {
        Path stamp = folder.resolve("node_modules").resolve(STAMP);
        return Files.exists(stamp) && Arrays.equals(Files.readAllBytes(stamp), lockedPackages());
    }

    /**
     * Runs one suite.
     *
     * @param file its name in {@code testing/clients}, such as {@code openai.test.mjs}
     * @param environment its variables; {@code testing/clients/settings.mjs} lists them
     * @throws AssertionError when it does not end by the deadline
     */
    public Result run(String file, Map<String, String> environment, Duration deadline) {
        List<String> command =
                List.of(Binaries.onPath("node", "nodejs").toString(), "--test", "--test-reporter=tap", file);
        try {
            Path output = Files.createTempFile("latticegate-node-", ".tap");
            try (ChildProcess node = ChildProcess.start("node --test " + file, command, environment, folder, output)) {
                int exit = node.awaitExit(deadline);
                String text = node.outputText();
                return new Result(exit, count("tests", text), count("pass", text), count("fail", text), text);
            } finally {
                Files.delete(output);
            }
        } catch (IOException fault) {
            throw new UncheckedIOException("cannot keep the output of " + file, fault);
        }
    }

    private static int count(String what, String tap) {
        Matcher matcher =
                Pattern.compile("^# " + what + " (\\d+)$", Pattern.MULTILINE).matcher(tap);
        int count = 0;
        while (matcher.find()) {
            count = Integer.parseInt(matcher.group(1));
        }
        return count;
    }
}
