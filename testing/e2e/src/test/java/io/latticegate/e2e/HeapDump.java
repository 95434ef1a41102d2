package io.latticegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.testing.ChildProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes the heap of another JVM to a file. */
public final class HeapDump {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private HeapDump() {}

    /** Everything in the heap, garbage too. */
    public static Path all(ChildProcess process, Path folder) throws IOException {
        return dump(process, folder, "all.hprof", List.of("-all"));
    }

    /** What is reachable; the collection that precedes the dump removes the rest. */
    public static Path live(ChildProcess process, Path folder) throws IOException {
        return dump(process, folder, "live.hprof", List.of());
    }

    private static Path dump(ChildProcess process, Path folder, String name, List<String> options) throws IOException {
        Path file = folder.resolve(name);
        Path output = folder.resolve("jcmd");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                String.valueOf(process.pid()),
                "GC.heap_dump"));
        command.addAll(options);
        command.add(file.toString());
        try (ChildProcess jcmd = ChildProcess.start("jcmd", command, Map.of(), folder, output)) {
            assertThat(jcmd.awaitExit(PATIENCE)).as(Files.readString(output)).isZero();
        }
        return file;
    }
}
