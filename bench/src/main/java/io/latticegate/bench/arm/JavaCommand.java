package io.latticegate.bench.arm;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The command lines of the JVMs that a benchmark starts: this JDK, this class path, the product's own JVM arguments. */
public final class JavaCommand {
    /**
     * A JVM that runs {@code mainClass}.
     *
     * @param heap as {@code -Xmx} takes it
     */
    public static List<String> of(String mainClass, String heap, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        Path flags = root().resolve(".mvn").resolve("runtime.jvmargs");
        if (Files.isReadable(flags)) {
            command.add("@" + flags);
        }
        command.add("-Dlatticegate.root=" + root());
        command.add("-Xmx" + heap);
        command.add("-cp");
        command.add(classPath());
        command.add(mainClass);
        command.addAll(arguments);
        return command;
    }

    /** Of this JVM, with absolute paths, since the processes run in folders of their own. */
    private static String classPath() {
        String own = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path", ""));
        return Stream.of(own.split(File.pathSeparator, -1))
                .filter(entry -> !entry.isEmpty())
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** The checkout: {@code latticegate.root}, which the launcher sets, else the working directory. */
    public static Path root() {
        return Path.of(System.getProperty("latticegate.root", "")).toAbsolutePath();
    }

    private JavaCommand() {}
}
