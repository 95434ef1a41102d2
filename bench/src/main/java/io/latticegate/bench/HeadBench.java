package io.latticegate.bench;

import io.latticegate.bench.head.HeadTrainer;
import io.latticegate.bench.head.Intents;
import io.latticegate.fhe.core.backend.Backends;
import io.latticegate.fhe.core.client.Decryptor;
import io.latticegate.fhe.core.client.Encryptor;
import io.latticegate.fhe.core.client.KeyGenerator;
import io.latticegate.fhe.core.client.MasterSeed;
import io.latticegate.fhe.core.client.SecretKey;
import io.latticegate.fhe.core.client.head.EmbeddingEncoder;
import io.latticegate.fhe.core.client.head.HeadScores;
import io.latticegate.fhe.core.encode.Encoder;
import io.latticegate.fhe.core.encode.Plaintext;
import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.evaluate.Evaluator;
import io.latticegate.fhe.core.head.CompiledHead;
import io.latticegate.fhe.core.head.HeadCompiler;
import io.latticegate.fhe.core.head.HeadModel;
import io.latticegate.fhe.core.head.KeyElements;
import io.latticegate.fhe.core.key.GaloisKeys;
import io.latticegate.fhe.core.key.SwitchingKey;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.wire.CiphertextReader;
import io.latticegate.fhe.core.wire.CiphertextRules;
import io.latticegate.fhe.core.wire.Compression;
import io.latticegate.fhe.core.wire.SealCiphertext;
import io.latticegate.fhe.core.wire.SealObjects;
import io.latticegate.fhe.core.wire.SealWriter;
import io.latticegate.proxy.cache.semantic.Embedder;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A private head on encrypted embeddings of real sentences, from the sentence to the label, and what it costs. */
final class HeadBench {
    static final String HELP = """
        head [--rounds N]
              Trains a network of 384, 64 and 3 numbers on embedded sentences, then classifies held-out ones in the
              clear and encrypted: labels, differences, times of one thread, bytes. Writes bench/results/DATE-head.md.
              --rounds N    times that each held-out sentence is classified, 1 to 100 (default 3)
        """;

    private static final int HIDDEN = 64;
    private static final int PLAIN_REPEATS = 2000;
    private static final int EXIT_OTHER_LABEL = 1;
    private static final double NANOS_PER_MILLI = 1e6;

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final CkksParameters parameters = Preset.S14.parameters();
    private final RnsBackend backend = Backends.cpu();
    private final Encoder encoder = new Encoder(parameters, backend);
    private final Evaluator evaluator = new Evaluator(parameters, backend);
    private final SealObjects objects = new SealObjects(parameters, backend);
    private final HeadModel model;
    private final CompiledHead head;
    private final EmbeddingEncoder embeddings;
    private final SecretKey secret;
    private final Encryptor encryptor;
    private final Decryptor decryptor;
    private final SwitchingKey relinearisation;
    private final GaloisKeys galois;

    /** One sentence's way there and back; times are processor times of the thread in milliseconds. */
    private record Passage(double[] scores, double clientMillis, double serviceMillis, int up, int down) {}

    private HeadBench(HeadModel model) {
        SecureRandom random = new SecureRandom();
        this.model = model;
        this.head = new HeadCompiler(parameters, Preset.S14.scale(), encoder).compile(model);
        this.embeddings = new EmbeddingEncoder(encoder, head.packing(), head.inputLevel(), head.inputScale());
        KeyGenerator generator = new KeyGenerator(parameters, backend, MasterSeed.generate(random), 0);
        this.secret = generator.secretKey();
        this.encryptor = new Encryptor(parameters, backend, random);
        this.decryptor = new Decryptor(parameters, backend, secret);
        this.relinearisation = generator.relinearisationKey(secret).expand(backend);
        this.galois = new GaloisKeys(
                parameters,
                head.elements().stream()
                        .collect(Collectors.toMap(
                                Function.identity(),
                                element -> generator.galoisKey(secret, element).expand(backend))));
    }

    /** Trains, classifies, writes the report; the exit status is 1 when a label differs. */
    static int run(List<String> arguments, PrintStream out) {
        int rounds = Arguments.numbers(arguments, Map.of("--rounds", 100)).getOrDefault("--rounds", 3);
        Machine machine = Machine.here();
        Intents training;
        Intents heldOut;
        try (Embedder embedder = ServiceLoader.load(Embedder.class).findFirst().orElseThrow()) {
            out.println("embedding the corpus");
            training = Intents.read("training", embedder);
            heldOut = Intents.read("held-out", embedder);
        }
        out.println("training on " + training.examples().size() + " sentences");
        HeadBench bench = new HeadBench(HeadTrainer.train(training.examples(), HIDDEN, Intents.LABELS.size()));
        out.println("classifying " + heldOut.examples().size() + " sentences, " + rounds + " times each");
        Tally tally = bench.classify(heldOut.examples(), rounds);
        String command = ("./latticegate bench head " + String.join(" ", arguments)).strip();
        out.print(Results.write("head", machine, command, bench.report(training, heldOut, tally)));
        return tally.otherLabels() == 0 ? 0 : EXIT_OTHER_LABEL;
    }

    private record Tally(
            int rounds,
            int plainRight,
            int encryptedRight,
            int otherLabels,
            double difference,
            double client,
            double service,
            double plain,
            int up,
            int down) {}

    private Tally classify(List<Intents.Example> examples, int rounds) {
        examples.subList(0, Math.min(examples.size(), 10)).forEach(example -> pass(example.embedding()));
        int plainRight = 0;
        int encryptedRight = 0;
        int otherLabels = 0;
        double difference = 0;
        double[] client = new double[examples.size() * rounds];
        double[] service = new double[client.length];
        Passage last = pass(examples.getFirst().embedding());
        for (int i = 0; i < client.length; i++) {
            Intents.Example example = examples.get(i % examples.size());
            double[] plain = model.scores(example.embedding());
            last = pass(example.embedding());
            int plainLabel = new HeadScores(plain).best();
            int label = new HeadScores(last.scores()).best();
            plainRight += plainLabel == example.label() ? 1 : 0;
            encryptedRight += label == example.label() ? 1 : 0;
            otherLabels += label == plainLabel ? 0 : 1;
            for (int k = 0; k < plain.length; k++) {
                difference = Math.max(difference, Math.abs(plain[k] - last.scores()[k]));
            }
            client[i] = last.clientMillis();
            service[i] = last.serviceMillis();
        }
        return new Tally(
                rounds,
                plainRight,
                encryptedRight,
                otherLabels,
                difference,
                median(client),
                median(service),
                plainMillis(examples),
                last.up(),
                last.down());
    }

    private Passage pass(double[] embedding) {
        double start = millis();
        byte[] up;
        try (Plaintext encoded = embeddings.encode(embedding)) {
            up = bytes(objects.container(encryptor.encrypt(encoded, secret)));
        }
        double sent = millis();
        byte[] down;
        try (Ciphertext vector = read(up, head.inputLevel());
                Ciphertext scores = head.run(evaluator, vector, relinearisation, galois, () -> {})) {
            down = bytes(objects.container(scores));
        }
        double answered = millis();
        try (Ciphertext scores = read(down, head.outputLevel());
                Plaintext decrypted = decryptor.decrypt(scores)) {
            double[] values =
                    HeadScores.decode(encoder, decrypted, head.outputs()).values();
            double end = millis();
            return new Passage(values, sent - start + end - answered, answered - sent, up.length, down.length);
        }
    }

    private static byte[] bytes(SealCiphertext container) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            SealWriter.write(container, out, Compression.NONE);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return out.toByteArray();
    }

    private Ciphertext read(byte[] container, int level) {
        CiphertextReader reader = new CiphertextReader(objects.chain(), new CiphertextRules(2, level + 1, level + 1));
        try {
            return objects.ciphertext(reader.read(new ByteArrayInputStream(container)));
        } catch (IOException refused) {
            throw new UncheckedIOException("a ciphertext of our own is refused", refused);
        }
    }

    private double millis() {
        return threads.getCurrentThreadCpuTime() / NANOS_PER_MILLI;
    }

    private double plainMillis(List<Intents.Example> examples) {
        double best = Double.MAX_VALUE;
        double sink = 0;
        for (int round = 0; round < 5; round++) {
            double start = millis();
            for (int i = 0; i < PLAIN_REPEATS; i++) {
                sink += model.scores(examples.get(i % examples.size()).embedding())[0];
            }
            best = Math.min(best, (millis() - start) / PLAIN_REPEATS);
        }
        if (Double.isNaN(sink)) {
            throw new IllegalStateException("the model gives no numbers");
        }
        return best;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    private String report(Intents training, Intents heldOut, Tally tally) {
        KeyElements keys = head.keyElements();
        int all = heldOut.examples().size() * tally.rounds();
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "A network of %d, %d and %d numbers with squares between, trained on MiniLM embeddings of %d sentences"
                        + " (%s) and used on %d others, each %d times, on %s. Embeddings are encrypted with the secret"
                        + " key, seeded; containers are written and read on both sides. Times are processor times of one"
                        + " thread.%n%n",
                model.input(),
                HIDDEN,
                model.outputs(),
                training.examples().size(),
                String.join(", ", Intents.LABELS),
                heldOut.examples().size(),
                tally.rounds(),
                backend.name()));
        text.append("| | in the clear | encrypted |\n|---|---|---|\n");
        row(
                text,
                "right labels, of " + all,
                Integer.toString(tally.plainRight()),
                Integer.toString(tally.encryptedRight()));
        row(text, "labels that differ", "", Integer.toString(tally.otherLabels()));
        row(text, "greatest difference of a score", "", number("%.2e", tally.difference()));
        row(text, "bound of the difference", "", number("%.2e", head.errorBound()));
        row(text, "service, per sentence", number("%.4f ms", tally.plain()), number("%.1f ms", tally.service()));
        row(text, "client: encode, encrypt, decrypt, decode", "", number("%.1f ms", tally.client()));
        row(text, "bytes to the service", Integer.toString(model.input() * Float.BYTES), Integer.toString(tally.up()));
        row(
                text,
                "bytes to the client",
                Integer.toString(model.outputs() * Float.BYTES),
                Integer.toString(tally.down()));
        row(
                text,
                "Galois keys, once for each key epoch",
                "",
                keys.galois().size() + ", " + keys.galoisBytes() + " bytes");
        row(text, "relinearisation key", "", keys.relinearisationBytes() + " bytes");
        row(text, "encoded weights at the service", "", head.weightBytes() + " bytes");
        row(text, "levels", "", head.inputLevel() + " to " + head.outputLevel());
        text.append(String.format(
                Locale.ROOT,
                "%nEncrypted takes the service %.0f times the time in the clear.%n",
                tally.service() / tally.plain()));
        return text.toString();
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }

    private static void row(StringBuilder text, String what, String plain, String encrypted) {
        text.append("| ")
                .append(what)
                .append(" | ")
                .append(plain)
                .append(" | ")
                .append(encrypted)
                .append(" |\n");
    }
}
