package io.latticegate.bench;

import io.latticegate.bench.arm.JavaCommand;
import io.latticegate.fhe.core.backend.CpuVector;
import io.latticegate.fhe.core.client.Decryptor;
import io.latticegate.fhe.core.client.Encryptor;
import io.latticegate.fhe.core.client.KeyGenerator;
import io.latticegate.fhe.core.client.MasterSeed;
import io.latticegate.fhe.core.client.SecretKey;
import io.latticegate.fhe.core.client.search.QueryEncoder;
import io.latticegate.fhe.core.client.search.ScoreDecoder;
import io.latticegate.fhe.core.client.search.TopK;
import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.search.IndexWriter;
import io.latticegate.fhe.core.search.InvalidRowsException;
import io.latticegate.fhe.core.search.Query;
import io.latticegate.fhe.core.search.Search;
import io.latticegate.fhe.core.search.SearchIndex;
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
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.stream.Stream;

/** An encrypted scan beside the same scan in plaintext, on one thread, taking turns; and what the scores are worth. */
final class SearchBench {
    static final String HELP = """
        search [--rows N] [--dimension N] [--rounds N] [--texts FILE]
              Exact search with encrypted queries over random unit vectors, against the same search in plaintext single
              precision in the same run; recall also over MiniLM's vectors of this repository's documents, or of the
              lines of FILE.
              Writes bench/results/DATE-search.md.
              --rows N       1 to 999999 (default 100000)
              --dimension N  1 to 4096 (default 384)
              --rounds N     1 to 100 (default 5)
              --texts FILE   UTF-8, a text a line; as many lines as rows and queries
        """;

    private static final int[] BATCHES = {1, 8, 100};
    private static final int BEST = 10;
    private static final int TEXT_MIN = 60;
    private static final int EVERY_QUERY = 25;
    private static final int TEXT_QUERIES_MAX = 100;
    private static final String TEXTS = "--texts";
    private static final long SEED = 20261121;
    private static final double MEBI = 1 << 20;

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final CkksParameters parameters = Preset.S12.parameters();
    private final RnsBackend backend = new CpuVector();
    private final SecureRandom random = new SecureRandom();
    private final SecretKey secret = new KeyGenerator(parameters, backend, MasterSeed.generate(random), 0).secretKey();

    /** Measures, prints the report and writes it; refuses unknown arguments. */
    static int run(List<String> arguments, PrintStream out) {
        List<String> numbers = new ArrayList<>(arguments);
        Path texts = null;
        int at = numbers.indexOf(TEXTS);
        if (at >= 0) {
            texts = Path.of(Arguments.value(numbers, at + 1, TEXTS));
            numbers.subList(at, at + 2).clear();
        }
        Map<String, Integer> given =
                Arguments.numbers(numbers, Map.of("--rows", 999_999, "--dimension", 4096, "--rounds", 100));
        int rows = given.getOrDefault("--rows", 100_000);
        int dimension = given.getOrDefault("--dimension", 384);
        int rounds = given.getOrDefault("--rounds", 5);
        Machine machine = Machine.here();
        SearchBench bench = new SearchBench();
        StringBuilder report = new StringBuilder();
        try (WorkFolder folder = WorkFolder.create()) {
            Data data =
                    bench.data(folder.path().resolve("random"), vectors(new Random(SEED), rows, dimension), dimension);
            report.append(bench.times(data, rounds, out)).append(bench.sizes(data));
            report.append("\n## Other ways\n\nWhat comes to the scan before and after it; the least of ")
                    .append("many runs.\n\n")
                    .append(SearchWays.table(rows, dimension));
            report.append("\n## Scores\n\n| vectors | rows | queries | recall@").append(BEST);
            report.append(" | greatest error | deviation, derived |\n|---|---:|---:|---:|---:|---:|\n");
            float[] queries = vectors(new Random(~SEED), 8, dimension);
            report.append(bench.recall("random, of length 1", data, queries, out));
            report.append(
                    texts == null
                            ? bench.texts("MiniLM, lines of docs", lines(), folder.path(), out)
                            : bench.texts("MiniLM, lines of texts", lines(texts, rows), folder.path(), out));
        }
        String command = ("./latticegate bench search " + String.join(" ", arguments)).strip();
        out.print(Results.write("search", machine, command, report.toString()));
        return 0;
    }

    /** An index, and the rows that it was made of. */
    private record Data(SearchIndex index, PlainScan plain, double buildSeconds) {}

    private static float[] vectors(Random random, int count, int dimension) {
        float[] vectors = new float[count * dimension];
        for (int at = 0; at < vectors.length; at += dimension) {
            double square = 0;
            for (int k = at; k < at + dimension; k++) {
                vectors[k] = (float) random.nextGaussian();
                square += (double) vectors[k] * vectors[k];
            }
            for (int k = at; k < at + dimension; k++) {
                vectors[k] /= (float) Math.sqrt(square);
            }
        }
        return vectors;
    }

    private Data data(Path file, float[] rows, int dimension) {
        ByteBuffer bytes = ByteBuffer.allocate(rows.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(rows);
        long start = System.nanoTime();
        try {
            new IndexWriter(Preset.S12, rows.length / dimension, dimension, backend)
                    .write(file, new ByteArrayInputStream(bytes.array()));
            double seconds = (System.nanoTime() - start) / 1e9;
            return new Data(SearchIndex.open(file), new PlainScan(rows, dimension), seconds);
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        } catch (InvalidRowsException impossible) {
            throw new IllegalStateException("rows of length 1 were refused", impossible);
        }
    }

    private List<List<Ciphertext>> encrypted(Data data, float[] queries) {
        QueryEncoder encoder = new QueryEncoder(
                parameters, backend, data.index().packing(), new Encryptor(parameters, backend, random), secret);
        List<List<Ciphertext>> encrypted = new ArrayList<>();
        for (float[] query : split(queries, data.index().dimension())) {
            encrypted.add(encoder.encrypt(query).stream()
                    .map(piece -> piece.expand(backend))
                    .toList());
        }
        return encrypted;
    }

    private static float[][] split(float[] vectors, int dimension) {
        float[][] split = new float[vectors.length / dimension][];
        for (int i = 0; i < split.length; i++) {
            split[i] = Arrays.copyOfRange(vectors, i * dimension, (i + 1) * dimension);
        }
        return split;
    }

    /** Processor time and elapsed time, in milliseconds. */
    private record Cost(double processor, double elapsed) {}

    private Cost cost(Runnable task) {
        long processor = threads.getCurrentThreadCpuTime();
        long start = System.nanoTime();
        task.run();
        return new Cost((threads.getCurrentThreadCpuTime() - processor) / 1e6, (System.nanoTime() - start) / 1e6);
    }

    private String times(Data data, int rounds, PrintStream out) {
        int dimension = data.index().dimension();
        float[] vectors = vectors(new Random(SEED + 1), Search.QUERIES_MAX, dimension);
        List<List<Ciphertext>> encrypted = encrypted(data, vectors);
        float[][] plain = split(vectors, dimension);
        float[][] scores = new float[Search.QUERIES_MAX][data.index().rows()];
        Search search = new Search(data.index(), backend);
        Cost[][][] costs = new Cost[BATCHES.length][2][rounds];
        for (int round = -2; round < rounds; round++) {
            out.println(round < 0 ? "warming up" : "round " + (round + 1) + " of " + rounds);
            for (int batch = 0; batch < BATCHES.length; batch++) {
                int count = BATCHES[batch];
                Cost hidden = cost(() -> passes(count, pass -> answer(search, data, encrypted.subList(0, pass))));
                Cost open = cost(() -> passes(count, pass -> data.plain().run(Arrays.copyOf(plain, pass), scores)));
                if (round >= 0) {
                    costs[batch][0][round] = hidden;
                    costs[batch][1][round] = open;
                }
            }
        }
        return table(costs) + expansion(data, vectors);
    }

    private interface Pass {
        void run(int queries);
    }

    private static void passes(int queries, Pass pass) {
        for (int left = queries; left > 0; left -= Search.QUERIES_MAX) {
            pass.run(Math.min(left, Search.QUERIES_MAX));
        }
    }

    private void answer(Search search, Data data, List<List<Ciphertext>> encrypted) {
        List<Query> queries = encrypted.stream()
                .map(ciphertexts -> Query.of(data.index(), ciphertexts, backend))
                .toList();
        search.run(queries, (_, _, reply) -> reply.close());
    }

    private static String table(Cost[][][] costs) {
        StringBuilder text =
                new StringBuilder("One thread. Medians over rounds; the arms take turns. Processor time of the"
                        + " thread, and elapsed time in brackets. A batch of 100 is passes of at most "
                        + Search.QUERIES_MAX
                        + ".\n\n"
                        + "| queries | encrypted, ms | plaintext fp32, ms | ratio | encrypted, ms a query | against"
                        + " one |\n"
                        + "|---:|---:|---:|---:|---:|---:|\n");
        double one = median(costs[0][0], false);
        for (int batch = 0; batch < BATCHES.length; batch++) {
            double hidden = median(costs[batch][0], false);
            double open = median(costs[batch][1], false);
            text.append(String.format(
                    Locale.ROOT,
                    "| %d | %.1f (%.1f) | %.1f (%.1f) | %.1f | %.1f | %.2f |%n",
                    BATCHES[batch],
                    hidden,
                    median(costs[batch][0], true),
                    open,
                    median(costs[batch][1], true),
                    hidden / open,
                    hidden / BATCHES[batch],
                    hidden / one));
        }
        return text.toString();
    }

    private static double median(Cost[] costs, boolean elapsed) {
        double[] sorted = Stream.of(costs)
                .mapToDouble(cost -> elapsed ? cost.elapsed() : cost.processor())
                .sorted()
                .toArray();
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    private String expansion(Data data, float[] vectors) {
        QueryEncoder encoder = new QueryEncoder(
                parameters, backend, data.index().packing(), new Encryptor(parameters, backend, random), secret);
        float[] query = Arrays.copyOf(vectors, data.index().dimension());
        double encrypt = Double.MAX_VALUE;
        double expand = Double.MAX_VALUE;
        for (int run = 0; run < 10; run++) {
            var pieces = encoder.encrypt(query);
            encrypt = Math.min(encrypt, cost(() -> encoder.encrypt(query)).processor());
            expand = Math.min(
                    expand,
                    cost(() -> pieces.forEach(piece -> piece.expand(backend))).processor());
        }
        return String.format(
                Locale.ROOT,
                "%nBefore that, for each query: %.1f ms at the client to encrypt it, %.1f ms at the service to expand"
                        + " the seeds of its masks.%n",
                encrypt,
                expand);
    }

    private String sizes(Data data) {
        SealObjects objects = new SealObjects(parameters, backend);
        QueryEncoder encoder = new QueryEncoder(
                parameters, backend, data.index().packing(), new Encryptor(parameters, backend, random), secret);
        var piece = encoder.encrypt(new float[data.index().dimension()]).getFirst();
        long up =
                bytes(objects.container(piece)) * (long) data.index().packing().pieces();
        long down = bytes(objects.container(piece.expand(backend)))
                * (long) data.index().blocks();
        return String.format(
                Locale.ROOT,
                "%n## Sizes%n%n| | |%n|---|---:|%n| index of %d rows of %d, in memory and on disk | %.1f MiB |%n| rows"
                        + " in single precision | %.1f MiB |%n| building it, one thread | %.1f s |%n| packing | %s: %d"
                        + " ciphertexts up, %d down |%n| up, seeded | %.2f MiB |%n| down | %.2f MiB |%n| evaluation keys |"
                        + " 0 |%n| memory of a waiting query | %.1f MiB |%n",
                data.index().rows(),
                data.index().dimension(),
                data.index().bytes() / MEBI,
                (double) data.index().rows() * data.index().dimension() * Float.BYTES / MEBI,
                data.buildSeconds(),
                data.index().packing().layout(),
                data.index().packing().pieces(),
                data.index().blocks(),
                up / MEBI,
                down / MEBI,
                Query.bytesFor(data.index()) / MEBI);
    }

    private static int bytes(SealCiphertext container) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            SealWriter.write(container, out, Compression.NONE);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return out.size();
    }

    /** A line of the table of recall: of the best rows of an exact scan, how many are among the best encrypted scores. */
    private String recall(String name, Data data, float[] queries, PrintStream out) {
        SearchIndex index = data.index();
        ScoreDecoder decoder = new ScoreDecoder(
                parameters, backend, index.packing(), index.rows(), new Decryptor(parameters, backend, secret));
        Search search = new Search(index, backend);
        int found = 0;
        double[] worst = new double[1];
        float[][] plain = split(queries, index.dimension());
        for (float[] vector : plain) {
            TopK best = new TopK(BEST);
            TopK exact = new TopK(BEST);
            Query query = Query.of(index, encrypted(data, vector).getFirst(), backend);
            search.run(List.of(query), (_, block, reply) -> {
                double[] scores = decoder.decode(block, reply);
                for (int i = 0; i < scores.length; i++) {
                    int row = decoder.firstRow(block) + i;
                    double truth = data.plain().exact(row, vector);
                    worst[0] = Math.max(worst[0], Math.abs(scores[i] - truth));
                    exact.offer(row, truth);
                    best.offer(row, scores[i]);
                }
                reply.close();
            });
            List<Integer> rows = best.best().stream().map(TopK.Hit::row).toList();
            found += (int) exact.best().stream()
                    .filter(hit -> rows.contains(hit.row()))
                    .count();
        }
        out.println("recall over " + name + " measured");
        return String.format(
                Locale.ROOT,
                "| %s | %d | %d | %.4f | %.1e | %.1e |%n",
                name,
                index.rows(),
                plain.length,
                found / (double) (Math.min(BEST, index.rows()) * plain.length),
                worst[0],
                index.packing().errorDeviation());
    }

    /** The same over MiniLM's vectors of lines, every so many of them a query. */
    private String texts(String name, List<String> lines, Path folder, PrintStream out) {
        int every = Math.max(EVERY_QUERY, lines.size() / TEXT_QUERIES_MAX);
        List<float[]> rows = new ArrayList<>();
        List<float[]> queries = new ArrayList<>();
        try (Embedder embedder = ServiceLoader.load(Embedder.class)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no model"))) {
            for (String text : lines) {
                embedder.embed(text)
                        .ifPresent(
                                vector -> ((rows.size() + queries.size()) % every == 0 ? queries : rows).add(vector));
            }
        }
        int dimension = rows.getFirst().length;
        return recall(name, data(folder.resolve("texts"), joined(rows), dimension), joined(queries), out);
    }

    private static float[] joined(List<float[]> vectors) {
        int dimension = vectors.getFirst().length;
        float[] joined = new float[vectors.size() * dimension];
        for (int i = 0; i < vectors.size(); i++) {
            System.arraycopy(vectors.get(i), 0, joined, i * dimension, dimension);
        }
        return joined;
    }

    private static List<String> lines(Path file, int rows) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .limit(rows + (long) TEXT_QUERIES_MAX)
                    .toList();
        } catch (IOException fault) {
            throw new UncheckedIOException("cannot read " + file, fault);
        }
    }

    private static List<String> lines() {
        try (Stream<Path> files = Files.walk(JavaCommand.root().resolve("docs"))) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .flatMap(file -> Shell.read(file).lines())
                    .map(String::strip)
                    .filter(line -> line.length() >= TEXT_MIN)
                    .distinct()
                    .toList();
        } catch (IOException fault) {
            throw new UncheckedIOException("cannot read the documents", fault);
        }
    }

    private SearchBench() {}
}
