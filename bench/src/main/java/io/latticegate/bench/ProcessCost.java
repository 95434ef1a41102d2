package io.latticegate.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

/**
 * What a process and its descendants use, from {@code /proc/PID} (proc(5)): all threads, user and system time, in clock
 * ticks of {@code getconf CLK_TCK}, which the kernel derives from the exact run time.
 */
final class ProcessCost {
    private static final int UTIME = 14;
    private static final int STIME = 15;
    /** user, nice, system, steal; interrupts are left out, since the load causes them. */
    private static final int[] MACHINE_FIELDS = {1, 2, 3, 8};

    private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1) / ticksPerSecond();

    static long cpuNanos(long pid) {
        return family(pid).map(ProcessCost::ticks).sum() * TICK_NANOS;
    }

    /** Resident memory in bytes. */
    static long rssBytes(long pid) {
        return family(pid)
                .map(one -> read(one, "status")
                        .lines()
                        .filter(line -> line.startsWith("VmRSS:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                        .sum())
                .sum();
    }

    private static LongStream family(long pid) {
        return LongStream.concat(
                LongStream.of(pid),
                ProcessHandle.of(pid).stream()
                        .flatMap(ProcessHandle::descendants)
                        .mapToLong(ProcessHandle::pid));
    }

    private static long ticks(long pid) {
        String stat = read(pid, "stat");
        if (stat.isEmpty()) {
            return 0;
        }
        // The second field is the command in parentheses and may itself hold blanks and parentheses.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Long.parseLong(fields[UTIME - 3]) + Long.parseLong(fields[STIME - 3]);
    }

    /** Empty when the process has ended. */
    private static String read(long pid, String file) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), file));
        } catch (NoSuchFileException ended) {
            return "";
        } catch (IOException fault) {
            throw new UncheckedIOException("cannot read /proc/" + pid + "/" + file, fault);
        }
    }

    private static long ticksPerSecond() {
        return Long.parseLong(Shell.output("getconf", "CLK_TCK"));
    }

    /** User and system time that the whole machine has spent, and time that its host took from it, in ns. */
    static long machineNanos() {
        String[] fields = Shell.read(Path.of("/proc/stat")).split("\n", 2)[0].split(" +", -1);
        return Arrays.stream(MACHINE_FIELDS)
                        .mapToLong(field -> Long.parseLong(fields[field]))
                        .sum()
                * TICK_NANOS;
    }

    /**
     * Processor time so far, in ns.
     *
     * @param relay the measured process
     * @param machine all processes, as {@link #machineNanos} counts
     */
    record Sample(long relay, long generator, long provider, long machine) {
        Sample minus(Sample earlier) {
            return new Sample(
                    relay - earlier.relay,
                    generator - earlier.generator,
                    provider - earlier.provider,
                    machine - earlier.machine);
        }

        /** What processes that have no part in the window used. */
        long others() {
            return Math.max(0, machine - relay - generator - provider);
        }
    }

    private ProcessCost() {}
}
