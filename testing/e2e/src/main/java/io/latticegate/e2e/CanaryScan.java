package io.latticegate.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Looks for known secrets in files: stores, logs, dumps of a heap. Each is searched as its bytes, in UTF-16 of both byte
 * orders, in hex, and in base64 at each of the three alignments. Reads a file once however many secrets there are
 * (Aho and Corasick, 1975).
 */
public final class CanaryScan {
    private static final int BUFFER_BYTES = 1 << 20;
    private static final int CONTEXT_BYTES = 96;

    private final List<int[]> next = new ArrayList<>();
    private final List<List<Pattern>> found = new ArrayList<>();

    private record Pattern(String canary, String form, int length) {}

    /** One place at which a secret was found. */
    public record Finding(String canary, String form, Path file, long offset) {}

    /** @param canaries what to look for, by the name that findings give it; each at least 12 ASCII characters */
    public CanaryScan(Map<String, String> canaries) {
        this(canaries, Map.of());
    }

    /**
     * @param canaries as above
     * @param keys as {@code canaries}, of any bytes
     */
    public CanaryScan(Map<String, String> canaries, Map<String, byte[]> keys) {
        state();
        canaries.forEach((name, secret) -> add(name, secret.getBytes(StandardCharsets.US_ASCII)));
        keys.forEach(this::add);
        link();
    }

    private void add(String name, byte[] secret) {
        if (secret.length < 12) {
            throw new IllegalArgumentException("the canary " + name + " is too short to be found by chance never");
        }
        forms(secret).forEach((form, bytes) -> add(new Pattern(name, form, bytes.length), bytes));
    }

    private static Map<String, byte[]> forms(byte[] secret) {
        Map<String, byte[]> forms = new LinkedHashMap<>();
        String text = new String(secret, StandardCharsets.ISO_8859_1);
        forms.put("bytes", secret);
        forms.put("utf-16le", text.getBytes(StandardCharsets.UTF_16LE));
        forms.put("utf-16be", text.getBytes(StandardCharsets.UTF_16BE));
        String hex = HexFormat.of().formatHex(secret);
        forms.put("hex", hex.getBytes(StandardCharsets.US_ASCII));
        forms.put("HEX", hex.toUpperCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII));
        for (int skipped = 0; skipped < 3; skipped++) {
            byte[] rest = Arrays.copyOfRange(secret, skipped, secret.length - (secret.length - skipped) % 3);
            forms.put("base64/" + skipped, Base64.getEncoder().encode(rest));
        }
        return forms;
    }

    /** Every finding in the files under {@code roots}, folders with all that is below them. */
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

    /** Every finding in one file of any size. */
    public List<Finding> file(Path file) {
        List<Finding> findings = new ArrayList<>();
        byte[] buffer = new byte[BUFFER_BYTES];
        int state = 0;
        long offset = 0;
        try (InputStream in = Files.newInputStream(file)) {
            int read;
            while ((read = in.read(buffer)) > 0) {
                for (int i = 0; i < read; i++) {
                    state = next.get(state)[buffer[i] & 0xff];
                    for (Pattern pattern : found.get(state)) {
                        findings.add(new Finding(pattern.canary, pattern.form, file, offset + i + 1 - pattern.length));
                    }
                }
                offset += read;
            }
        } catch (IOException fault) {
            throw new UncheckedIOException("cannot scan " + file, fault);
        }
        return findings;
    }

    /** How often each canary was found, by canary and form. */
    public static Map<String, Integer> counts(List<Finding> findings) {
        Map<String, Integer> counts = new TreeMap<>();
        findings.forEach(finding -> counts.merge(finding.canary + " as " + finding.form, 1, Integer::sum));
        return counts;
    }

    /** What stands around a finding, with unprintable bytes as dots: for failure messages of tests with made-up secrets. */
    public static String context(Finding finding) {
        try (var channel = Files.newByteChannel(finding.file)) {
            channel.position(Math.max(0, finding.offset - CONTEXT_BYTES));
            var bytes = java.nio.ByteBuffer.allocate(3 * CONTEXT_BYTES);
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {}
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < bytes.position(); i++) {
                int octet = bytes.get(i) & 0xff;
                text.append(octet >= ' ' && octet < 0x7f ? (char) octet : '.');
            }
            return finding + ": " + text;
        } catch (IOException fault) {
            throw new UncheckedIOException("cannot read " + finding.file, fault);
        }
    }

    private int state() {
        int[] edges = new int[256];
        Arrays.fill(edges, -1);
        next.add(edges);
        found.add(new ArrayList<>());
        return next.size() - 1;
    }

    private void add(Pattern pattern, byte[] bytes) {
        int at = 0;
        for (byte octet : bytes) {
            int[] edges = next.get(at);
            if (edges[octet & 0xff] < 0) {
                edges[octet & 0xff] = state();
            }
            at = edges[octet & 0xff];
        }
        found.get(at).add(pattern);
    }

    /** Turns the tree of patterns into an automaton: where no edge leads on, the longest suffix that is a prefix does. */
    private void link() {
        int[] fallback = new int[next.size()];
        ArrayDeque<Integer> queue = new ArrayDeque<>();
        for (int octet = 0; octet < 256; octet++) {
            int to = next.getFirst()[octet];
            if (to < 0) {
                next.getFirst()[octet] = 0;
            } else {
                queue.add(to);
            }
        }
        while (!queue.isEmpty()) {
            int at = queue.remove();
            for (int octet = 0; octet < 256; octet++) {
                int to = next.get(at)[octet];
                int shorter = next.get(fallback[at])[octet];
                if (to < 0) {
                    next.get(at)[octet] = shorter;
                } else {
                    fallback[to] = shorter;
                    found.get(to).addAll(found.get(shorter));
                    queue.add(to);
                }
            }
        }
    }
}
