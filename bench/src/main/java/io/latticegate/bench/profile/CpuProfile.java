package io.latticegate.bench.profile;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;

/**
 * Where a JVM spends processor time and what it allocates, by Java Flight Recorder, switched on with {@code jcmd} while it
 * runs. Samples processor time (JEP 509), which counts native code such as system calls too.
 */
public final class CpuProfile {
    private static final String CPU_SAMPLE = "jdk.CPUTimeSample";
    private static final String ALLOCATION_SAMPLE = "jdk.ObjectAllocationSample";
    private static final String OWN_PACKAGES = "io.latticegate.";
    private static final int ROWS = 25;

    private final long pid;
    private final Path recording;

    private CpuProfile(long pid, Path recording) {
        this.pid = pid;
        this.recording = recording;
    }

    /**
     * Starts a recording.
     *
     * @param recording where {@link #stop} leaves it
     * @throws IllegalStateException when the JVM refuses
     */
    public static CpuProfile start(long pid, Path recording) {
        CpuProfile profile = new CpuProfile(pid, recording);
        profile.jcmd(
                "JFR.start",
                "name=bench",
                "settings=profile",
                CPU_SAMPLE + "#enabled=true",
                CPU_SAMPLE + "#throttle=1ms");
        return profile;
    }

    /**
     * Ends the recording and tabulates it: the frames at the top of the stack, the product's own frames with all that they
     * call, and the product's frames that allocate.
     *
     * @param requests how many were served meanwhile
     */
    public String stop(long requests) {
        jcmd("JFR.stop", "name=bench", "filename=" + recording);
        Map<String, Long> top = new HashMap<>();
        Map<String, Long> inclusive = new HashMap<>();
        Map<String, Long> threads = new HashMap<>();
        Map<String, Long> allocations = new HashMap<>();
        long samples = 0;
        long bytes = 0;
        try (RecordingFile file = new RecordingFile(recording)) {
            while (file.hasMoreEvents()) {
                RecordedEvent event = file.readEvent();
                String type = event.getEventType().getName();
                if (event.getStackTrace() == null) {
                    continue;
                }
                List<RecordedFrame> frames = event.getStackTrace().getFrames();
                if (type.equals(CPU_SAMPLE) && !frames.isEmpty()) {
                    samples++;
                    add(top, name(frames.getFirst()), 1);
                    add(threads, thread(event), 1);
                    Set<String> own = new HashSet<>();
                    frames.forEach(frame -> own.add(name(frame)));
                    own.stream()
                            .filter(frame -> !frame.contains("$$Lambda"))
                            .filter(frame -> frame.startsWith(OWN_PACKAGES))
                            .forEach(frame -> add(inclusive, frame, 1));
                } else if (type.equals(ALLOCATION_SAMPLE)) {
                    long weight = event.getLong("weight");
                    bytes += weight;
                    String where = frames.stream()
                            .map(CpuProfile::name)
                            .filter(frame -> frame.startsWith(OWN_PACKAGES))
                            .findFirst()
                            .orElse("outside of " + OWN_PACKAGES + "*");
                    add(
                            allocations,
                            where + " : " + event.getClass("objectClass").getName(),
                            weight);
                }
            }
        } catch (IOException fault) {
            throw new UncheckedIOException("cannot read the recording " + recording, fault);
        }
        return "## Profile of the governed arm: " + requests + " requests, " + samples + " samples of processor time\n"
                + table("threads", threads, samples)
                + table("top frames", top, samples)
                + table("frames of the product, callees included", inclusive, samples)
                + table("allocations by the product's nearest frame", allocations, bytes);
    }

    private static String table(String title, Map<String, Long> counts, long total) {
        StringBuilder text = new StringBuilder("\n").append(title).append(":\n");
        counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .limit(ROWS)
                .forEach(entry -> text.append(String.format(
                        Locale.ROOT, "  %5.1f %%  %s%n", 100.0 * entry.getValue() / total, entry.getKey())));
        return text.toString();
    }

    private static String thread(RecordedEvent event) {
        var thread = event.hasField("eventThread") ? event.getThread("eventThread") : null;
        if (thread == null || thread.getJavaName() == null) {
            return "(not a Java thread)";
        }
        return thread.getJavaName().isEmpty()
                ? "(virtual threads)"
                : thread.getJavaName().replaceAll("\\d+$", "*");
    }

    private static String name(RecordedFrame frame) {
        return frame.getMethod().getType().getName() + "." + frame.getMethod().getName();
    }

    private static void add(Map<String, Long> counts, String key, long more) {
        counts.merge(key, more, Long::sum);
    }

    private void jcmd(String command, String... arguments) {
        Path program = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        if (!Files.isExecutable(program)) {
            throw new IllegalStateException("a profile needs " + program);
        }
        List<String> line = new ArrayList<>(List.of(program.toString(), Long.toString(pid), command));
        line.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(command + " failed: " + output.strip());
            }
        } catch (IOException fault) {
            throw new UncheckedIOException("cannot run " + program, fault);
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted in " + command, interrupt);
        }
    }
}
