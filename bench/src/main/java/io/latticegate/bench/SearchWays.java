package io.latticegate.bench;

import io.latticegate.fhe.core.backend.CpuVector;
import io.latticegate.fhe.core.client.Encryptor;
import io.latticegate.fhe.core.client.KeyGenerator;
import io.latticegate.fhe.core.client.MasterSeed;
import io.latticegate.fhe.core.client.SecretKey;
import io.latticegate.fhe.core.encode.Encoder;
import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.evaluate.Evaluator;
import io.latticegate.fhe.core.key.GaloisElements;
import io.latticegate.fhe.core.key.GaloisKeys;
import io.latticegate.fhe.core.key.SeededSwitchingKey;
import io.latticegate.fhe.core.key.SwitchingKey;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.search.Packing;
import io.latticegate.fhe.core.wire.Compression;
import io.latticegate.fhe.core.wire.SealObjects;
import io.latticegate.fhe.core.wire.SealWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/** What other ways of arranging a search cost before and after the scan, which is the same loop in all of them. */
final class SearchWays {
    private static final int STEPS = 20;
    private static final int RUNS = 30;
    private static final double MEBI = 1 << 20;

    private final CkksParameters parameters;
    private final RnsBackend backend = new CpuVector();
    private final Evaluator evaluator;
    private final Ciphertext ciphertext;
    private final GaloisKeys keys;
    private final int[] steps = IntStream.rangeClosed(1, STEPS).toArray();
    private final double keyBytes;
    private final int ciphertextBytes;

    private SearchWays(Preset preset) {
        parameters = preset.parameters();
        SecureRandom random = new SecureRandom();
        KeyGenerator generator = new KeyGenerator(parameters, backend, MasterSeed.generate(random), 0);
        SecretKey secret = generator.secretKey();
        evaluator = new Evaluator(parameters, backend);
        Encoder encoder = new Encoder(parameters, backend);
        ciphertext = new Encryptor(parameters, backend, random)
                .encrypt(encoder.encodeConstant(0.5, 0, preset.scale()), secret)
                .expand(backend);
        Map<Integer, SeededSwitchingKey> seeded = new HashMap<>();
        Map<Integer, SwitchingKey> expanded = new HashMap<>();
        for (int step : steps) {
            int element = GaloisElements.rotation(parameters.degree(), step);
            seeded.put(element, generator.galoisKey(secret, element));
            expanded.put(element, seeded.get(element).expand(backend));
        }
        keys = new GaloisKeys(parameters, expanded);
        SealObjects objects = new SealObjects(parameters, backend);
        ByteArrayOutputStream container = new ByteArrayOutputStream();
        try {
            SealWriter.write(objects.galoisContainer(seeded), container, Compression.NONE);
            keyBytes = container.size() / (double) STEPS;
            container.reset();
            SealWriter.write(objects.container(ciphertext), container, Compression.NONE);
            ciphertextBytes = container.size();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** Milliseconds of processor time of one hoisted rotation at level 0. */
    private double hoistedMillis() {
        return millis(() -> evaluator.rotateMany(ciphertext, steps, keys).forEach(Ciphertext::close)) / STEPS;
    }

    /** Milliseconds of processor time of one rotation alone at level 0. */
    private double aloneMillis() {
        return millis(() -> evaluator.rotate(ciphertext, 1, keys).close());
    }

    private static double millis(Runnable task) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        double least = Double.MAX_VALUE;
        for (int run = 0; run < RUNS; run++) {
            long start = threads.getCurrentThreadCpuTime();
            task.run();
            least = Math.min(least, (threads.getCurrentThreadCpuTime() - start) / 1e6);
        }
        return least;
    }

    /** A table of the ways, for one index. */
    static String table(int rows, int dimension) {
        SearchWays slots = new SearchWays(Preset.S13);
        SearchWays coefficients = new SearchWays(Preset.S12);
        double hoisted = slots.hoistedMillis();
        double automorphism = coefficients.aloneMillis();
        int degree = coefficients.parameters.degree();
        Packing packing = Packing.of(degree, rows, dimension);
        int pieces = packing.pieces();
        int blocks = packing.blocks(rows);
        int slotRows = 2 * (slots.parameters.slots() - dimension);
        int slotBlocks = (rows - 1) / slotRows + 1;
        int stage = (int) Math.ceil(Math.sqrt(dimension));
        int packed = (rows - 1) / degree + 1;
        StringBuilder text =
                new StringBuilder("| way | set | automorphisms a query | their time, ms | keys, MiB | up, MiB |"
                        + " down, MiB |\n|---|---|---:|---:|---:|---:|---:|\n");
        row(
                text,
                "slots, a key for each rotation, hoisted",
                slots,
                dimension - 1,
                hoisted,
                dimension - 1,
                0.5,
                slotBlocks);
        row(text, "slots, rotations in two stages", slots, dimension - 1, hoisted, 2.0 * (stage - 1), 0.5, slotBlocks);
        row(
                text,
                "coefficients, one ciphertext expanded, replies packed",
                coefficients,
                pieces - 1 + blocks - packed,
                automorphism,
                log(pieces) + log(packing.span()),
                0.5,
                packed);
        row(text, "coefficients, a constant for each component", coefficients, 0, 0, 0, dimension / 2.0, packed);
        row(text, "**coefficients, in pieces (chosen)**", coefficients, 0, 0, 0, pieces / 2.0, blocks);
        return text + "\nOne hoisted rotation of S13 at level 0: "
                + String.format(Locale.ROOT, "%.3f ms; one automorphism of S12: %.3f ms.%n", hoisted, automorphism);
    }

    private static int log(int value) {
        return Integer.SIZE - Integer.numberOfLeadingZeros(value - 1);
    }

    private static void row(
            StringBuilder text,
            String way,
            SearchWays set,
            int automorphisms,
            double millis,
            double keys,
            double up,
            double down) {
        text.append(String.format(
                Locale.ROOT,
                "| %s | %s | %d | %.1f | %.1f | %.2f | %.2f |%n",
                way,
                set.parameters,
                automorphisms,
                automorphisms * millis,
                keys * set.keyBytes / MEBI,
                up * set.ciphertextBytes / MEBI,
                down * set.ciphertextBytes / MEBI));
    }
}
