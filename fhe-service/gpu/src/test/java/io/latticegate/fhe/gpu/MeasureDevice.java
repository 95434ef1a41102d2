package io.latticegate.fhe.gpu;

import io.latticegate.fhe.core.backend.Backends;
import io.latticegate.fhe.core.backend.CpuScalar;
import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.modular.Modulus;
import io.latticegate.fhe.core.modular.Primes;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.ring.Domain.Coeff;
import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.KeyDigit;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.Ring;
import io.latticegate.fhe.core.ring.RnsBase;
import io.latticegate.fhe.core.search.IndexWriter;
import io.latticegate.fhe.core.search.InvalidRowsException;
import io.latticegate.fhe.core.search.Packing;
import io.latticegate.fhe.core.search.Query;
import io.latticegate.fhe.core.search.Search;
import io.latticegate.fhe.core.search.SearchIndex;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.BiFunction;

/**
 * The table of what a device computes and how fast, for measure.sh: whether its words are those of the processor, transforms in three
 * forms, key switching, rotations and rescaling, and searches beside scans of plaintexts. Arguments: number of the device, gigabytes
 * of its memory, operations of a kind at each level, most rows, and a folder for indexes.
 */
final class MeasureDevice {
    private static final long SEED = 20260106;
    private static final int ROUNDS = 7;
    private static final double NANOS_PER_MICRO = 1e3;
    private static final int DIMENSION = 384;

    private final int number;
    private final long memory;

    private MeasureDevice(int number, long memory) {
        this.number = number;
        this.memory = memory;
    }

    static void main(String[] args) throws IOException, InvalidRowsException {
        if (args.length != 5) {
            throw new IllegalArgumentException("give: device gigabytes operations rows folder");
        }
        MeasureDevice measure = new MeasureDevice(Integer.parseInt(args[0]), Long.parseLong(args[1]) << 30);
        boolean same = measure.identity(Integer.parseInt(args[2]));
        double ceiling = measure.ceiling();
        measure.transforms(ceiling);
        measure.operations();
        measure.searches(Integer.parseInt(args[3]), Path.of(args[4]), ceiling);
        if (!same) {
            System.exit(1);
        }
    }

    private static void say(String format, Object... values) {
        System.out.printf(Locale.ROOT, format + "%n", values);
    }

    private DeviceSlot slot(BiFunction<Modulus, Device, Form> forms) {
        return new DeviceSlot(() -> CudaDriver.open(number), memory, forms, System::nanoTime);
    }

    /** Whether every word is the processor's. */
    private boolean identity(int operations) {
        CpuScalar processor = new CpuScalar();
        boolean same = true;
        say("%n## Results that are the processor's, word for word%n%n| set | results | of them other |%n|---|---|---|");
        for (Preset preset : Preset.values()) {
            Ring ring = preset.parameters().ring();
            Random seeds = new Random(SEED);
            int results = 0;
            int wrong = 0;
            try (GpuBackend device = new GpuBackend(slot(Form::of))) {
                for (int level = 0; level <= ring.topLevel(); level++) {
                    for (RingCases.Kind kind : RingCases.Kind.values()) {
                        for (int i = 0; i < operations; i++) {
                            long seed = seeds.nextLong();
                            List<long[]> expected = RingCases.results(processor, kind, ring, level, seed);
                            List<long[]> actual = RingCases.results(device, kind, ring, level, seed);
                            for (int k = 0; k < expected.size(); k++) {
                                results++;
                                wrong += Arrays.equals(expected.get(k), actual.get(k)) ? 0 : 1;
                            }
                        }
                    }
                }
                if (preset == Preset.S12) {
                    System.err.println(device.name() + ", " + device.status().device());
                }
            }
            say("| %s | %d | %d |", preset, results, wrong);
            same &= wrong == 0;
        }
        return same;
    }

    /** The least time of one run of many in a row, in nanoseconds. */
    private static double nanos(DeviceSlot slot, int runs, Runnable task) {
        Engine engine = slot.engine();
        double least = Double.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            finish(engine);
            long start = System.nanoTime();
            for (int i = 0; i < runs; i++) {
                task.run();
            }
            finish(engine);
            least = Math.min(least, (System.nanoTime() - start) / (double) runs);
        }
        return least;
    }

    private static void finish(Engine engine) {
        engine.call(() -> {
            engine.driver().finish();
            return engine;
        });
    }

    private static Ring ring(int degree, int data, int special, int bits, int digit) {
        List<Modulus> primes = Primes.chain(degree, Collections.nCopies(data + special, bits));
        return new Ring(degree, primes.subList(0, data), primes.subList(data, data + special), digit);
    }

    /** Bytes a nanosecond of a copy on the device, read and written. */
    private double ceiling() {
        Ring ring = ring(1 << 16, 64, 1, 50, 1);
        DeviceSlot slot = slot(Form::of);
        try (GpuBackend device = new GpuBackend(slot)) {
            RnsBase base = ring.data(ring.topLevel());
            Poly<Eval> a = device.allocate(base);
            Poly<Eval> b = device.allocate(base);
            double rate = 2.0 * Long.BYTES * base.words() / nanos(slot, 50, () -> device.copy(a, b));
            say("%nCopy on the device: %.0f GB/s, read and written.", rate);
            return rate;
        }
    }

    private void transforms(double ceiling) {
        say("%n## Transforms, for each prime%n");
        say("| N | form | bits | forward, µs | of the copy's rate | inverse, µs | of the copy's rate"
                + " |%n|---|---|---|---|---|---|---|");
        for (int log = 13; log <= 16; log++) {
            transform(1 << log, Form.REAL, 50, ceiling);
            transform(1 << log, Form.WIDE, 60, ceiling);
            transform(1 << log, Form.NARROW, 30, ceiling);
        }
    }

    private void transform(int degree, Form form, int bits, double ceiling) {
        int primes = 12;
        Ring ring = ring(degree, primes, 1, bits, 1);
        DeviceSlot slot = slot((_, _) -> form);
        try (GpuBackend device = new GpuBackend(slot)) {
            RnsBase base = ring.data(ring.topLevel());
            Poly<Coeff> coefficients = device.upload(base, RingCases.residues(base, new Random(SEED)), 0);
            Poly<Eval> values = device.allocate(base);
            double forward = nanos(slot, 100, () -> device.toEval(coefficients, values)) / primes;
            double inverse = nanos(slot, 100, () -> device.toCoeff(values, coefficients)) / primes;
            double least = 2.0 * Long.BYTES * degree * (degree > 1 << Launches.INNER_LOG_MAX ? 2 : 1) / ceiling;
            say(
                    "| %d | %s | %d | %.3f | %.2f | %.3f | %.2f |",
                    degree,
                    form.name().toLowerCase(Locale.ROOT),
                    bits,
                    forward / NANOS_PER_MICRO,
                    least / forward,
                    inverse / NANOS_PER_MICRO,
                    least / inverse);
        }
    }

    private void operations() {
        say("%n## Operations on ciphertexts%n");
        say("| N | primes, special, digit | product and relinearisation, µs | rotation, µs | rescaling, µs"
                + " |%n|---|---|---|---|---|");
        operations("S13", Preset.S13.parameters().ring());
        operations("S14", Preset.S14.parameters().ring());
        operations("S15", Preset.S15.parameters().ring());
        operations("deep", ring(1 << 16, 28, 7, 50, 7));
    }

    private void operations(String name, Ring ring) {
        DeviceSlot slot = slot(Form::of);
        try (GpuBackend device = new GpuBackend(slot)) {
            Random random = new Random(SEED);
            RnsBase base = ring.data(ring.topLevel());
            RnsBase all = ring.extended(ring.topLevel());
            List<KeyDigit> key = new ArrayList<>();
            for (int j = 0; j < ring.digits(ring.topLevel()).size(); j++) {
                key.add(new KeyDigit(
                        device.upload(all, RingCases.residues(all, random), 0),
                        device.upload(all, RingCases.residues(all, random), 0)));
            }
            List<Poly<Eval>> in = polynomials(device, base, 2);
            List<Poly<Eval>> out = polynomials(device, base, 5);
            double product = nanos(slot, 30, () -> {
                device.tensor(in.get(0), in.get(1), in.get(0), in.get(1), out.get(0), out.get(1), out.get(2));
                device.keySwitch(out.get(2), key, out.get(3), out.get(4));
                device.add(out.get(0), out.get(3), out.get(0));
                device.add(out.get(1), out.get(4), out.get(1));
            });
            double rotation = nanos(slot, 30, () -> {
                device.automorphism(in.get(0), 3, out.get(0));
                device.automorphism(in.get(1), 3, out.get(1));
                device.keySwitch(out.get(1), key, out.get(2), out.get(3));
                device.add(out.get(0), out.get(2), out.get(0));
            });
            List<Poly<Eval>> lower = polynomials(device, ring.data(ring.topLevel() - 1), 2);
            double rescaling = nanos(slot, 30, () -> {
                device.rescale(in.get(0), lower.get(0));
                device.rescale(in.get(1), lower.get(1));
            });
            say(
                    "| %d (%s) | %d, %d, %d | %.1f | %.1f | %.1f |",
                    ring.degree(),
                    name,
                    ring.dataCount(),
                    ring.specialCount(),
                    ring.digitPrimes(),
                    product / NANOS_PER_MICRO,
                    rotation / NANOS_PER_MICRO,
                    rescaling / NANOS_PER_MICRO);
        }
    }

    private static List<Poly<Eval>> polynomials(GpuBackend device, RnsBase base, int count) {
        List<Poly<Eval>> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(device.upload(base, RingCases.residues(base, new Random(SEED + i)), 0));
        }
        return all;
    }

    private void searches(int most, Path folder, double ceiling) throws IOException, InvalidRowsException {
        say("%n## Searches over vectors of %d, replies on the device, and scans of plaintexts%n", DIMENSION);
        say("| rows | what | queries | ms | ms for each | of the copy's rate |%n|---|---|---|---|---|---|");
        for (int rows = Math.min(100_000, most); rows <= most; rows *= 10) {
            plain("plain_scan_float", "plaintext, floats", Float.BYTES, rows, ceiling);
            plain("plain_scan_byte", "plaintext, bytes", 1, rows, ceiling);
            Path file = folder.resolve("rows-" + rows);
            new IndexWriter(Preset.S12, rows, DIMENSION, Backends.cpu()).write(file, new RandomRows(rows));
            search(SearchIndex.open(file), ceiling);
            Files.delete(file);
        }
    }

    /** Small random components, as a client sends them. */
    private static final class RandomRows extends InputStream {
        private final Random random = new Random(SEED);
        private long left;

        RandomRows(int rows) {
            this.left = (long) rows * DIMENSION;
        }

        @Override
        public int read() {
            throw new UnsupportedOperationException("rows are read in whole numbers");
        }

        @Override
        public int read(byte[] to, int at, int length) {
            int count = (int) Math.min(left, length / Float.BYTES);
            ByteBuffer bytes = ByteBuffer.wrap(to, at, length).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < count; i++) {
                bytes.putFloat((float) (random.nextFloat(-1, 1) / Math.sqrt(DIMENSION)));
            }
            left -= count;
            return count == 0 ? -1 : count * Float.BYTES;
        }
    }

    private void search(SearchIndex index, double ceiling) {
        DeviceSlot slot = slot(Form::of);
        try (GpuBackend device = new GpuBackend(slot)) {
            RnsBase base = index.parameters().ring().data(0);
            List<Ciphertext> pieces = new ArrayList<>();
            for (int piece = 0; piece < index.packing().pieces(); piece++) {
                pieces.add(new Ciphertext(index.parameters(), Packing.QUERY_SCALE, polynomials(device, base, 2)));
            }
            Query query = Query.of(index, pieces, device);
            Search search = new Search(index, device);
            for (int queries : new int[] {1, 8, 100, 1000}) {
                double time = nanos(slot, 1, () -> {
                    for (int done = 0; done < queries; done += Search.QUERIES_MAX) {
                        int now = Math.min(queries - done, Search.QUERIES_MAX);
                        search.run(Collections.nCopies(now, query), (_, _, scores) -> scores.close());
                    }
                });
                int passes = (queries - 1) / Search.QUERIES_MAX + 1;
                report(index.rows(), "encrypted, S12", queries, time, (double) index.bytes() * passes, ceiling);
            }
            GpuStatus status = device.status();
            say("| %d | most memory of the device: %.2f GB |", index.rows(), status.peakBytes() / 1e9);
        }
    }

    private void plain(String kernel, String what, int bytesEach, int rows, double ceiling) throws IOException {
        byte[] kernels = Files.readAllBytes(Path.of(System.getProperty("latticegate.plain")));
        long bytes = (long) rows * DIMENSION * bytesEach;
        try (Driver driver = CudaDriver.open(number, kernels)) {
            long base = driver.reserve(Slab.rounded(bytes + (1L << 20) + (long) rows * Integer.BYTES));
            long number = driver.find(kernel, 5);
            long query = base + Slab.rounded(bytes);
            long scores = query + Slab.rounded((long) DIMENSION * bytesEach);
            Driver.Grid grid = new Driver.Grid((rows + 7) / 8, 1, 256);
            double least = Double.MAX_VALUE;
            for (int round = 0; round < ROUNDS; round++) {
                driver.finish();
                long start = System.nanoTime();
                for (int i = 0; i < 100; i++) {
                    driver.launch(number, grid, scores, base, query, rows, DIMENSION);
                }
                driver.finish();
                least = Math.min(least, (System.nanoTime() - start) / 100.0);
            }
            report(rows, what, 1, least, (double) bytes, ceiling);
        }
    }

    private static void report(int rows, String what, int queries, double nanos, double bytes, double ceiling) {
        double millis = nanos / 1e6;
        say(
                "| %d | %s | %d | %.3f | %.4f | %.2f |",
                rows, what, queries, millis, millis / queries, bytes / ceiling / nanos);
    }
}
