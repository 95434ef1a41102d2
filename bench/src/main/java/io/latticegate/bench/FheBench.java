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
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What encrypted compute costs on one thread: transforms and operations, scalar and in vectors, taking turns. */
final class FheBench {
    static final String HELP = """
        fhe   [--rounds N] [--quick]
              What encrypted compute costs on one thread: transforms and operations of each parameter set, scalar and
              in vectors. Writes bench/results/DATE-fhe.md.
              --rounds N    rounds, 1 to 100 (default 7)
              --quick       2 rounds; writes no file: not for figures that are quoted
        """;

    private static final int ROUNDS = 7;
    private static final int ROUNDS_MAX = 100;
    private static final int QUICK_ROUNDS = 2;
    private static final long WARM_NANOS = 700_000_000;
    private static final long WINDOW_NANOS = 150_000_000;

    private final Map<String, List<Runnable>> tasks = new LinkedHashMap<>();
    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final List<RnsBackend> backends = List.of(new CpuScalar(), new CpuVector());

    private FheBench() {
        for (Preset preset : List.of(Preset.S13, Preset.S14, Preset.S15)) {
            for (RnsBackend backend : backends) {
                addTransforms(preset, backend);
                addOperations(preset, backend);
            }
        }
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
        FheBench bench = new FheBench();
        String command = ("./latticegate bench fhe " + String.join(" ", arguments)).strip();
        String text = bench.report(bench.measure(rounds, out));
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

    private void add(String name, Runnable task) {
        tasks.computeIfAbsent(name, _ -> new ArrayList<>()).add(task);
    }

    private void addTransforms(Preset preset, RnsBackend backend) {
        RnsBase base = preset.parameters().ring().data(0);
        Poly<Coeff> coefficients = backend.allocate(base);
        Poly<Eval> values = backend.allocate(base);
        String degree = "N = " + preset.parameters().degree();
        add("forward transform, 50 bits, " + degree, () -> backend.toEval(coefficients, values));
        add("inverse transform, 50 bits, " + degree, () -> backend.toCoeff(values, coefficients));
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
        add(set + "add", () -> evaluator.add(a, a).close());
        add(
                set + "multiply by a plaintext",
                () -> evaluator.multiplyPlain(a, plain).close());
        add(set + "multiply, relinearise, rescale", () -> {
            try (Ciphertext product = evaluator.multiply(a, a);
                    Ciphertext relinearised = evaluator.relinearise(product, relinearisation)) {
                evaluator.rescale(relinearised).close();
            }
        });
        add(set + "rotate", () -> evaluator.rotate(a, 1, keys).close());
        add(
                set + "encode",
                () -> encoder.encode(vector, parameters.topLevel(), preset.scale())
                        .close());
        add(
                set + "encrypt, symmetric, with expansion",
                () -> encryptor.encrypt(plain, secret).expand(backend).close());
        add(set + "decrypt", () -> decryptor.decrypt(a).close());
        add(set + "decode", () -> encoder.decode(plain));
    }

    private Map<String, double[]> measure(int rounds, PrintStream out) {
        Map<String, double[][]> micros = new LinkedHashMap<>();
        tasks.values().forEach(arms -> arms.forEach(arm -> window(arm, WARM_NANOS)));
        for (int round = 0; round < rounds; round++) {
            out.println("round " + (round + 1) + " of " + rounds);
            for (var task : tasks.entrySet()) {
                double[][] all = micros.computeIfAbsent(task.getKey(), _ -> new double[backends.size()][rounds]);
                for (int arm = 0; arm < backends.size(); arm++) {
                    all[arm][round] = window(task.getValue().get(arm), WINDOW_NANOS);
                }
            }
        }
        Map<String, double[]> medians = new LinkedHashMap<>();
        micros.forEach((name, arms) -> medians.put(
                name, Arrays.stream(arms).mapToDouble(FheBench::median).toArray()));
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

    private String report(Map<String, double[]> medians) {
        StringBuilder text = new StringBuilder();
        text.append(
                "Processor time of one thread, without garbage collection; medians over rounds of the mean of a window;"
                        + " arms take turns.\n\n");
        text.append("| µs | ")
                .append(backends.get(0).name())
                .append(" | ")
                .append(backends.get(1).name());
        text.append(" | ratio |\n|---|---|---|---|\n");
        medians.forEach((name, median) -> text.append(String.format(
                Locale.ROOT, "| %s | %.1f | %.1f | %.2f |%n", name, median[0], median[1], median[0] / median[1])));
        return text.toString();
    }
}
