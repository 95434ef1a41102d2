package io.latticegate.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Describes a JVM to start: same JDK as this one, and this JVM's class path unless another is given. */
public final class JavaProcess {
    /** What every JVM of the product is started with: {@code latticegate.jvm.args} of the root POM, in its order. */
    public static final List<String> JVM_ARGS = List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "--add-modules",
            "java.se",
            "--add-exports",
            "java.base/jdk.internal.ref=ALL-UNNAMED",
            "--add-opens",
            "java.base/java.lang=ALL-UNNAMED",
            "--add-opens",
            "java.base/sun.nio.ch=ALL-UNNAMED",
            "--add-opens",
            "java.management/sun.management=ALL-UNNAMED",
            "--add-opens",
            "jdk.management/com.sun.management.internal=ALL-UNNAMED");

    private final String mainClass;
    private final List<String> jvmArguments = new ArrayList<>(JVM_ARGS);
    private final List<String> arguments = new ArrayList<>();
    private final Map<String, String> environment = new LinkedHashMap<>();
    private String classPath =
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path", ""));
    private Path directory = Path.of("").toAbsolutePath();
    private @Nullable Path output;

    private JavaProcess(String mainClass) {
        this.mainClass = mainClass;
    }

    /** A JVM that runs {@code mainClass}. */
    public static JavaProcess of(String mainClass) {
        return new JavaProcess(mainClass);
    }

    public JavaProcess classPath(String classPath) {
        this.classPath = classPath;
        return this;
    }

    /** More arguments for the JVM, behind {@link #JVM_ARGS}: {@code -Xmx64m}, {@code -Dname=value}. */
    public JavaProcess jvm(String... more) {
        jvmArguments.addAll(List.of(more));
        return this;
    }

    public JavaProcess arguments(String... more) {
        arguments.addAll(List.of(more));
        return this;
    }

    public JavaProcess environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /** The working directory; this process's own unless given. */
    public JavaProcess directory(Path directory) {
        this.directory = directory;
        return this;
    }

    /** Where the output goes; a temporary file unless given. */
    public JavaProcess output(Path output) {
        this.output = output;
        return this;
    }

    public ChildProcess start() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmArguments);
        command.add("-cp");
        command.add(classPath);
        command.add(mainClass);
        command.addAll(arguments);
        String name = mainClass.substring(mainClass.lastIndexOf('.') + 1);
        return ChildProcess.start(name, command, environment, directory, output == null ? temporary(name) : output);
    }

    private static Path temporary(String name) {
        try {
            Path file = Files.createTempFile("latticegate-" + name + "-", ".log");
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException fault) {
            throw new UncheckedIOException("no temporary file for the output of " + name, fault);
        }
    }
}
