package io.latticegate.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Looks for any stretch of long known byte sequences in files: vectors, polynomials, keys. A sequence is cut into windows, one
 * at each element, and a window is found wherever it begins. Files are read once, however many windows there are: the first
 * {@value #PREFIX_BYTES} bytes of a window lead to those that may follow.
 */
public final class WindowScan {
    private static final int PREFIX_BYTES = 16;
    private static final int BUFFER_BYTES = 1 << 20;
    private static final int FINDINGS_MAX = 1_000;
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final List<Sequence> sequences = new ArrayList<>();
    /** A bit for each value of 23 bits of a prefix: most places of a file are passed over without a look at the windows. */
    private final long[] filter = new long[1 << 23 - 6];

    private int[] first = new int[1 << 10];
    private int[] next = new int[1 << 10];
    private long[] prefixOf = new long[1 << 10];
    private int[] sequenceOf = new int[1 << 10];
    private int[] offsetOf = new int[1 << 10];
    private int windows;
    private int longest = PREFIX_BYTES;

    private record Sequence(String name, byte[] bytes, int window) {}

    /** One place at which a window was found. */
    public record Finding(String name, Path file, long offset) {}

    /**
     * Adds a sequence.
     *
     * @param name what findings call it
     * @param step bytes from one window to the next
     * @param window bytes of a window, at least {@value #PREFIX_BYTES}
     */
    public WindowScan add(String name, byte[] bytes, int step, int window) {
        if (bytes.length < window) {
            throw new IllegalArgumentException(name + " has " + bytes.length + " bytes, less than a window");
        }
        int sequence = addSequence(name, bytes, window);
        for (int at = 0; at + window <= bytes.length; at += step) {
            addWindow(sequence, at);
        }
        return this;
    }

    /** Adds some windows of a sequence, those that begin at {@code offsets}. */
    public WindowScan addAt(String name, byte[] bytes, int window, int... offsets) {
        int sequence = addSequence(name, bytes, window);
        for (int at : offsets) {
            addWindow(sequence, at);
        }
        return this;
    }

    private int addSequence(String name, byte[] bytes, int window) {
        if (window < PREFIX_BYTES) {
            throw new IllegalArgumentException("windows of " + window + " bytes would be found by chance; allowed are "
                    + PREFIX_BYTES + " or more");
        }
        sequences.add(new Sequence(name, bytes.clone(), window));
        longest = Math.max(longest, window);
        return sequences.size() - 1;
    }

    private void addWindow(int sequence, int at) {
        byte[] bytes = sequences.get(sequence).bytes();
        if (word(bytes, at) == 0 && word(bytes, at + Long.BYTES) == 0) {
            return;
        }
        if (windows + 1 == next.length) {
            grow();
        }
        windows++;
        sequenceOf[windows] = sequence;
        offsetOf[windows] = at;
        prefixOf[windows] = prefix(word(bytes, at), word(bytes, at + Long.BYTES));
        int bit = filterBit(prefixOf[windows]);
        filter[bit >> 6] |= 1L << bit;
        enter(windows);
    }

    private static int filterBit(long prefix) {
        return (int) (prefix >>> Long.SIZE - 23);
    }

    private void grow() {
        int length = 2 * next.length;
        sequenceOf = Arrays.copyOf(sequenceOf, length);
        offsetOf = Arrays.copyOf(offsetOf, length);
        prefixOf = Arrays.copyOf(prefixOf, length);
        next = new int[length];
        first = new int[length];
        for (int window = 1; window <= windows; window++) {
            enter(window);
        }
    }

    /** Puts a window in front of those of its bucket. */
    private void enter(int window) {
        int bucket = bucket(prefixOf[window]);
        next[window] = first[bucket];
        first[bucket] = window;
    }

    private int bucket(long prefix) {
        return (int) (prefix >>> 40) & first.length - 1;
    }

    private static long prefix(long low, long high) {
        return (low * 0x9E3779B97F4A7C15L ^ high) * 0xD1B54A32D192ED03L;
    }

    private static long word(byte[] bytes, int at) {
        return (long) LONG.get(bytes, at);
    }

    /** How many windows are looked for. */
    public int windows() {
        return windows;
    }

    /** The names of all sequences. */
    public Set<String> names() {
        return names(sequences.stream().map(Sequence::name));
    }

    /** The names of what was found. */
    public static Set<String> names(List<Finding> findings) {
        return names(findings.stream().map(Finding::name));
    }

    private static Set<String> names(Stream<String> names) {
        return new TreeSet<>(names.toList());
    }

    /** Writes every sequence to a file, each at an odd offset. */
    public void plant(Path file) throws IOException {
        try (var out = Files.newOutputStream(file)) {
            for (Sequence sequence : sequences) {
                out.write(new byte[sequence.bytes().length % 2 == 0 ? 1 : 2]);
                out.write(sequence.bytes());
            }
        }
    }

    /** Findings in the files under {@code roots}, folders with all that is below them. */
    public List<Finding> files(Path... roots) {
        List<Finding> findings = new ArrayList<>();
        for (Path root : roots) {
            try (Stream<Path> below = Files.walk(root)) {
                for (Path file : below.filter(Files::isRegularFile).toList()) {
                    findings.addAll(file(file));
                }
            } catch (IOException fault) {
                throw new UncheckedIOException("cannot read below " + root, fault);
            }
        }
        return findings;
    }

    /** Findings in one file of any size; of each sequence the first {@value #FINDINGS_MAX}. */
    public List<Finding> file(Path file) {
        List<Finding> findings = new ArrayList<>();
        int[] found = new int[sequences.size()];
        byte[] buffer = new byte[BUFFER_BYTES + longest];
        int held = 0;
        long offset = 0;
        try (InputStream in = Files.newInputStream(file)) {
            while (true) {
                int read = in.readNBytes(buffer, held, buffer.length - held);
                int end = held + read;
                boolean last = end < buffer.length;
                int stop = last ? end - PREFIX_BYTES + 1 : end - longest + 1;
                for (int at = 0; at < stop; at++) {
                    long prefix = prefix(word(buffer, at), word(buffer, at + Long.BYTES));
                    int bit = filterBit(prefix);
                    if ((filter[bit >> 6] & 1L << bit) != 0) {
                        look(prefix, buffer, at, end, offset, file, found, findings);
                    }
                }
                if (last) {
                    return findings;
                }
                held = end - stop;
                System.arraycopy(buffer, stop, buffer, 0, held);
                offset += stop;
            }
        } catch (IOException fault) {
            throw new UncheckedIOException("cannot scan " + file, fault);
        }
    }

    private void look(
            long prefix, byte[] buffer, int at, int end, long offset, Path file, int[] found, List<Finding> findings) {
        for (int window = first[bucket(prefix)]; window != 0; window = next[window]) {
            if (prefixOf[window] != prefix) {
                continue;
            }
            int number = sequenceOf[window];
            Sequence sequence = sequences.get(number);
            int from = offsetOf[window];
            if (found[number] < FINDINGS_MAX
                    && at + sequence.window() <= end
                    && Arrays.equals(
                            buffer, at, at + sequence.window(), sequence.bytes(), from, from + sequence.window())) {
                found[number]++;
                findings.add(new Finding(sequence.name(), file, offset + at));
            }
        }
    }
}
