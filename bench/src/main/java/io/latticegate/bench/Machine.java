package io.latticegate.bench;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Where and from what figures come: without these a figure says nothing.
 *
 * @param commit short hash, followed by a remark when the checkout differs from it
 * @param loadAverage of the last minute, before the benchmark added to it
 */
record Machine(
        String processor,
        int processors,
        long memoryBytes,
        String kernel,
        String jdk,
        String commit,
        String loadAverage) {
    static Machine here() {
        return new Machine(
                field("/proc/cpuinfo", "model name"),
                Runtime.getRuntime().availableProcessors(),
                Long.parseLong(field("/proc/meminfo", "MemTotal").replaceAll("\\D", "")) << 10,
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
                checkout(),
                Shell.read(Path.of("/proc/loadavg")).split(" ", 2)[0]);
    }

    /** As the list that a file of results begins with. */
    String markdown(String command) {
        return String.format(
                Locale.ROOT,
                "- command: `%s`%n- commit: %s%n"
                        + "- machine: %s, %d processors, %.1f GiB, %s, load average before the run %s%n- JDK: %s%n",
                command,
                commit,
                processor,
                processors,
                memoryBytes / (double) (1L << 30),
                kernel,
                loadAverage,
                jdk);
    }

    private static String checkout() {
        try {
            String hash = Shell.output("git", "rev-parse", "--short=12", "HEAD");
            String changes = Shell.output("git", "status", "--porcelain", "--", ".", ":!bench/results");
            return changes.isEmpty() ? hash : hash + " with uncommitted changes";
        } catch (IllegalStateException | UncheckedIOException noRepository) {
            return "unknown (no git checkout)";
        }
    }

    private static String field(String file, String name) {
        return Shell.read(Path.of(file))
                .lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("unknown");
    }
}
