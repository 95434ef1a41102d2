package io.latticegate.bench;

import io.latticegate.fhe.core.backend.CpuScalar;
import io.latticegate.fhe.core.backend.CpuVector;
import io.latticegate.fhe.core.client.Decryptor;
import io.latticegate.fhe.core.client.Encryptor;
import io.latticegate.fhe.core.client.KeyGenerator;
import io.latticegate.fhe.core.client.MasterSeed;
import io.latticegate.fhe.core.client.SecretKey;
import io.latticegate.fhe.core.encode.Encoder;
import io.latticegate.fhe.core.encode.Plaintext;
import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.evaluate.Evaluator;
import io.latticegate.fhe.core.key.GaloisElements;
import io.latticegate.fhe.core.key.GaloisKeys;
import io.latticegate.fhe.core.key.SwitchingKey;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.ring.Domain.Coeff;
import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.ring.RnsBase;
import io.latticegate.fhe.core.wire.Compression;
import io.latticegate.fhe.core.wire.SealObjects;
import io.latticegate.fhe.core.wire.SealWriter;
import io.latticegate.testing.SealWitness;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What encrypted compute costs on one thread: transforms and operations, scalar, in vectors and in node-seal, which is
 * Microsoft SEAL compiled to WebAssembly, taking turns.
 */
final class FheBench implements AutoCloseable {
    static final String HELP = """
        fhe   [--rounds N] [--quick]
              What encrypted compute costs on one thread: transforms and operations of each parameter set, scalar, in
              vectors and, where SEAL has the parameters, in node-seal. Writes bench/results/DATE-fhe.md.
              --rounds N    rounds, 1 to 100 (default 7)
              --quick       2 rounds; writes no file: not for figures that are quoted
        """;

    private static final int ROUNDS = 7;
    private static final int ROUNDS_MAX = 100;
    private static final int QUICK_ROUNDS = 2;
    private static final long WARM_NANOS = 700_000_000;
    private static final long WINDOW_NANOS = 150_000_000;

    private static final String SEAL = "node-seal 6.0.3";
    private static final Set<Preset> IN_SEAL = Set.of(Preset.S13, Preset.S14);

    /** One task in one of the columns. */
    @FunctionalInterface
    private interface Timed {
        /** Microseconds of processor time per run, over at least this much of it, and at least one run. */
        double micros(long nanos);
    }

    private static final String ADD = "add";
    private static final String MULTIPLY_PLAIN = "multiply by a plaintext";
    private static final String MULTIPLY = "multiply, relinearise, rescale";
    private static final String ROTATE = "rotate";
    private static final String ENCODE = "encode";
    private static final String ENCRYPT = "encrypt, symmetric, with expansion";
    private static final String DECRYPT = "decrypt";
    private static final String DECODE = "decode";

    private final Map<String, Map<String, Timed>> tasks = new LinkedHashMap<>();
    private final List<SealWitness> witnesses = new ArrayList<>();
    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final List<RnsBackend> backends = List.of(new CpuScalar(), new CpuVector());

    private FheBench() {
        for (Preset preset : List.of(Preset.S13, Preset.S14, Preset.S15)) {
            for (RnsBackend backend : backends) {
                addTransforms(preset, backend);
                addOperations(preset, backend);
            }
            if (IN_SEAL.contains(preset)) {
                addSeal(preset);
            }
        }
    }

    @Override
    public void close() {
        witnesses.forEach(SealWitness::close);
    }

    /** Measures, prints the report and, unless quick, writes it; refuses unknown arguments. */
    static int run(List<String> arguments, PrintStream out) {
        int rounds = ROUNDS;
        boolean written = true;
        for (int i = 0; i < arguments.size(); i++) {
            if (arguments.get(i).equals("--quick")) {
                rounds = QUICK_ROUNDS;
                written = false;
            } else if (arguments.get(i).equals("--rounds") && i + 1 < arguments.size()) {
                rounds = rounds(arguments.get(++i));
            } else {
                throw new IllegalArgumentException(arguments.get(i) + " is unknown or lacks its value");
            }
        }
        Machine machine = Machine.here();
        String command = ("./latticegate bench fhe " + String.join(" ", arguments)).strip();
        String text;
        try (FheBench bench = new FheBench()) {
            text = bench.report(bench.measure(rounds, out));
        }
        out.print(written ? Results.write("fhe", machine, command, text) : "\n" + text);
        return 0;
    }

    private static int rounds(String value) {
        int rounds = value.matches("[0-9]{1,3}") ? Integer.parseInt(value) : 0;
        if (rounds < 1 || rounds > ROUNDS_MAX) {
            throw new IllegalArgumentException("--rounds " + value + "; allowed are 1 to " + ROUNDS_MAX);
        }
        return rounds;
    }

    private void add(String name, String column, Timed task) {
        tasks.computeIfAbsent(name, _ -> new LinkedHashMap<>()).put(column, task);
    }

    private void add(String name, RnsBackend backend, Runnable task) {
        add(name, backend.name(), nanos -> window(task, nanos));
    }

    /** The same operations in SEAL, with keys and operands of its own making. */
    private void addSeal(Preset preset) {
        CkksParameters parameters = preset.parameters();
        SealWitness seal = SealWitness.start();
        witnesses.add(seal);
        ByteArrayOutputStream chain = new ByteArrayOutputStream();
        try {
            SealWriter.write(SealObjects.chain(parameters), chain, Compression.NONE);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        seal.ask("context", chain.toByteArray());
        seal.ask("relin");
        seal.ask("galois 1");
        double[] vector = new SecureRandom().doubles(parameters.slots(), -1, 1).toArray();
        seal.encode("plain", preset.scale(), vector);
        seal.ask("encrypt a plain");
        byte[] values = SealWitness.bytes(vector);
        String set = preset + ": ";
        Map.of(
                        ADD, "add",
                        MULTIPLY_PLAIN, "multiplyPlain",
                        MULTIPLY, "multiplyRelinearizeRescale",
                        ROTATE, "rotate",
                        ENCODE, "encode",
                        ENCRYPT, "encrypt",
                        DECRYPT, "decrypt",
                        DECODE, "decode")
                .forEach((task, operation) -> add(set + task, SEAL, nanos -> {
                    String question =
                            "time " + operation + " " + Math.max(1, nanos / 1_000_000) + " a plain " + preset.scale();
                    return Double.parseDouble(seal.ask(question, values).words().getFirst());
                }));
    }

    private void addTransforms(Preset preset, RnsBackend backend) {
        RnsBase base = preset.parameters().ring().data(0);
        Poly<Coeff> coefficients = backend.allocate(base);
        Poly<Eval> values = backend.allocate(base);
        String degree = "N = " + preset.parameters().degree();
        add("forward transform, 50 bits, " + degree, backend, () -> backend.toEval(coefficients, values));
        add("inverse transform, 50 bits, " + degree, backend, () -> backend.toCoeff(values, coefficients));
    }

    private void addOperations(Preset preset, RnsBackend backend) {
        CkksParameters parameters = preset.parameters();
        SecureRandom random = new SecureRandom();
        KeyGenerator generator = new KeyGenerator(parameters, backend, MasterSeed.generate(random), 0);
        SecretKey secret = generator.secretKey();
        Encoder encoder = new Encoder(parameters, backend);
        Encryptor encryptor = new Encryptor(parameters, backend, random);
        Decryptor decryptor = new Decryptor(parameters, backend, secret);
        Evaluator evaluator = new Evaluator(parameters, backend);
        SwitchingKey relinearisation = generator.relinearisationKey(secret).expand(backend);
        int element = GaloisElements.rotation(parameters.degree(), 1);
        GaloisKeys keys = new GaloisKeys(
                parameters, Map.of(element, generator.galoisKey(secret, element).expand(backend)));
        double[] vector = random.doubles(parameters.slots(), -1, 1).toArray();
        Plaintext plain = encoder.encode(vector, parameters.topLevel(), preset.scale());
        Ciphertext a = encryptor.encrypt(plain, secret).expand(backend);
        String set = preset + ": ";
        add(set + ADD, backend, () -> evaluator.add(a, a).close());
        add(
                set + MULTIPLY_PLAIN,
                backend,
                () -> evaluator.multiplyPlain(a, plain).close());
        add(set + MULTIPLY, backend, () -> {
            try (Ciphertext product = evaluator.multiply(a, a);
                    Ciphertext relinearised = evaluator.relinearise(product, relinearisation)) {
                evaluator.rescale(relinearised).close();
            }
        });
        add(set + ROTATE, backend, () -> evaluator.rotate(a, 1, keys).close());
        add(
                set + ENCODE,
                backend,
                () -> encoder.encode(vector, parameters.topLevel(), preset.scale())
                        .close());
        add(
                set + ENCRYPT,
                backend,
                () -> encryptor.encrypt(plain, secret).expand(backend).close());
        add(set + DECRYPT, backend, () -> decryptor.decrypt(a).close());
        add(set + DECODE, backend, () -> encoder.decode(plain));
    }

    /** Medians by task and column. */
    private Map<String, Map<String, Double>> measure(int rounds, PrintStream out) {
        Map<String, Map<String, double[]>> micros = new LinkedHashMap<>();
        tasks.values().forEach(arms -> arms.values().forEach(arm -> arm.micros(WARM_NANOS)));
        for (int round = 0; round < rounds; round++) {
            out.println("round " + (round + 1) + " of " + rounds);
            for (var task : tasks.entrySet()) {
                for (var arm : task.getValue().entrySet()) {
                    double[] all = micros.computeIfAbsent(task.getKey(), _ -> new LinkedHashMap<>())
                            .computeIfAbsent(arm.getKey(), _ -> new double[rounds]);
                    all[round] = arm.getValue().micros(WINDOW_NANOS);
                }
            }
        }
        Map<String, Map<String, Double>> medians = new LinkedHashMap<>();
        micros.forEach((name, arms) -> {
            Map<String, Double> ofTask = new LinkedHashMap<>();
            arms.forEach((column, all) -> ofTask.put(column, median(all)));
            medians.put(name, ofTask);
        });
        return medians;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    /** Microseconds of this thread's processor time per run, over at least this much of it, and at least one run. */
    private double window(Runnable task, long nanos) {
        long start = threads.getCurrentThreadCpuTime();
        long runs = 0;
        long elapsed;
        do {
            task.run();
            runs++;
            elapsed = threads.getCurrentThreadCpuTime() - start;
        } while (elapsed < nanos);
        return elapsed / 1000.0 / runs;
    }

    private String report(Map<String, Map<String, Double>> medians) {
        String scalar = backends.getFirst().name();
        String vector = backends.getLast().name();
        StringBuilder text = new StringBuilder();
        text.append(
                "Processor time of one thread, without garbage collection (of node-seal: of its process, with it); medians over"
                        + " rounds of the mean of a window; arms take turns. node-seal is WebAssembly: SEAL compiled for the"
                        + " processor is faster.\n\n");
        text.append(String.format(
                "| µs | %s | %s | %s | scalar to vector | node-seal to vector |%n|---|---|---|---|---|---|%n",
                scalar, vector, SEAL));
        medians.forEach((name, of) -> {
            double ours = of.getOrDefault(vector, Double.NaN);
            double plain = of.getOrDefault(scalar, Double.NaN);
            Double seal = of.get(SEAL);
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %.1f | %.1f | %s | %.2f | %s |%n",
                    name,
                    plain,
                    ours,
                    seal == null ? "–" : String.format(Locale.ROOT, "%.1f", seal),
                    plain / ours,
                    seal == null ? "–" : String.format(Locale.ROOT, "%.2f", seal / ours)));
        });
        return text.toString();
    }
}
