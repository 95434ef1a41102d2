package io.latticegate.e2e.fhe;

import io.latticegate.e2e.WindowScan;
import io.latticegate.fhe.core.backend.Backends;
import io.latticegate.fhe.core.client.MasterSeed;
import io.latticegate.fhe.core.encode.Plaintext;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.ring.Domain.Coeff;
import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A client whose secrets can be recognised: a marked text, its token ids, its embedding, and the keys that encrypt it. Tokens
 * and embedding are random numbers that the marker seeds, so that nothing else in the world has them.
 */
final class CanaryClient {
    static final int DIMENSION = 384;
    private static final int TOKENS = 48;
    private static final int VOCABULARY = 30_522;
    private static final int RUN = 4;
    private static final int COEFFICIENTS = 48;

    private final String text;
    private final int[] tokens;
    private final float[] embedding;
    private final double[] vector;
    private final byte[] seed = new byte[MasterSeed.BYTES];
    private final FheParty party;
    private final FheParty searching;
    private double searchScale;
    private @Nullable Plaintext encoded;

    CanaryClient() {
        SecureRandom random = new SecureRandom();
        byte[] marker = new byte[24];
        random.nextBytes(marker);
        this.text = "The canary is called " + HexFormat.of().formatHex(marker) + " and keeps its name to itself";
        Random derived = new Random(Arrays.hashCode(marker));
        this.tokens = derived.ints(TOKENS, 1_000, VOCABULARY).toArray();
        double[] exact = HeadSample.unit(derived, DIMENSION);
        this.embedding = new float[DIMENSION];
        this.vector = new double[DIMENSION];
        for (int i = 0; i < DIMENSION; i++) {
            embedding[i] = (float) exact[i];
            vector[i] = embedding[i];
        }
        random.nextBytes(seed);
        this.party = new FheParty(Preset.S14, new MasterSeed(seed));
        this.searching = new FheParty(Preset.S12, new MasterSeed(seed));
    }

    FheParty party() {
        return party;
    }

    float[] embedding() {
        return embedding.clone();
    }

    /** Encrypts queries of an index; the scale in which it asks for them is kept, to look for what is encrypted. */
    FheParty.Searcher searcher(JsonObject index) {
        searchScale = index.getJsonObject("query").getDouble("scale");
        return searching.searcher(index);
    }

    double[] vector() {
        return vector.clone();
    }

    /** The embedding for a head, kept to be looked for. */
    Plaintext encode(JsonObject head) {
        Plaintext made = party.encode(head, vector);
        encoded = made;
        return made;
    }

    /** Everything that must not leave this client, in every form that a program may give it. */
    WindowScan scan() {
        WindowScan scan = new WindowScan();
        String marker = text.substring(text.indexOf("called ") + 7, text.indexOf(" and"));
        for (Charset charset : List.of(StandardCharsets.UTF_8, StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE)) {
            scan.add("text in " + charset, marker.getBytes(charset), 1, 16);
        }
        scan.add("master seed", seed, 1, 16);
        long[] scaled = scaled(Preset.S14.scale());
        long[] scaledForSearch = scaled(searchScale);
        for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
            String in = order == ByteOrder.LITTLE_ENDIAN ? " (little-endian)" : " (big-endian)";
            scan.add("token ids as int" + in, ints(tokens, order), Integer.BYTES, RUN * Integer.BYTES);
            scan.add("token ids as long" + in, longs(widened(tokens), order), Long.BYTES, RUN * Long.BYTES);
            scan.add("embedding as float" + in, floats(order), Float.BYTES, RUN * Float.BYTES);
            scan.add("embedding as double" + in, doubles(order), Double.BYTES, RUN * Double.BYTES);
            scan.add("scaled embedding" + in, longs(scaled, order), Long.BYTES, RUN * Long.BYTES);
            scan.add("query of a search" + in, longs(scaledForSearch, order), Long.BYTES, RUN * Long.BYTES);
            addSecretKey(scan, " of heads", party, in, order);
            addSecretKey(scan, " of searches", searching, in, order);
            addEncoded(scan, in, order);
        }
        scan.add("token ids in decimal", decimal(widened(tokens)), 1, 24);
        scan.add("embedding in decimal", decimal(vector), 1, 24);
        return scan;
    }

    private static void addSecretKey(WindowScan scan, String what, FheParty of, String in, ByteOrder order) {
        scan.add(
                "secret key's residues" + what + in,
                longs(residues(of.secret().poly()), order),
                Long.BYTES,
                RUN * Long.BYTES);
        int[] coefficients = secretCoefficients(of);
        int[] starts = starts(coefficients);
        String name = "secret key" + what;
        addCoefficients(scan, name + " as int" + in, ints(coefficients, order), Integer.BYTES, starts);
        addCoefficients(scan, name + " as long" + in, longs(widened(coefficients), order), Long.BYTES, starts);
        if (order == ByteOrder.BIG_ENDIAN) {
            byte[] small = new byte[coefficients.length];
            for (int i = 0; i < small.length; i++) {
                small[i] = (byte) coefficients[i];
            }
            addCoefficients(scan, name + " as byte", small, Byte.BYTES, starts);
        }
    }

    private void addEncoded(WindowScan scan, String in, ByteOrder order) {
        Plaintext plain = encoded;
        if (plain == null || searchScale == 0) {
            throw new IllegalStateException("nothing was encoded or searched yet");
        }
        scan.add("encoded embedding" + in, longs(residues(plain.poly()), order), Long.BYTES, RUN * Long.BYTES);
        scan.add("its coefficients" + in, longs(coefficients(plain.poly()), order), Long.BYTES, RUN * Long.BYTES);
    }

    /** Windows of this many ternary numbers are 76 bits of chance. */
    private static void addCoefficients(WindowScan scan, String name, byte[] bytes, int size, int[] starts) {
        int[] offsets = Arrays.stream(starts).map(start -> start * size).toArray();
        scan.addAt(name, bytes, COEFFICIENTS * size, offsets);
    }

    /** Where −1, 1 begins: at every ninth coefficient or so, and rarely elsewhere in memory. */
    private static int[] starts(int[] coefficients) {
        return IntStream.rangeClosed(0, coefficients.length - COEFFICIENTS)
                .filter(i -> coefficients[i] == -1 && coefficients[i + 1] == 1)
                .toArray();
    }

    private static int[] secretCoefficients(FheParty of) {
        long[] all = coefficients(of.secret().poly());
        long prime = of.preset().parameters().primes().getFirst().value();
        return Arrays.stream(all, 0, of.preset().parameters().degree())
                .mapToInt(residue -> (int) (residue > prime / 2 ? residue - prime : residue))
                .toArray();
    }

    private static long[] residues(Poly<?> poly) {
        long[] words = new long[poly.base().words()];
        Backends.cpu().download(poly, words, 0);
        return words;
    }

    private static long[] coefficients(Poly<Eval> poly) {
        RnsBackend backend = Backends.cpu();
        try (Poly<Coeff> coefficients = backend.allocate(poly.base())) {
            backend.toCoeff(poly, coefficients);
            return residues(coefficients);
        }
    }

    private long[] scaled(double scale) {
        return Arrays.stream(vector)
                .mapToLong(value -> Math.round(value * scale))
                .toArray();
    }

    private static long[] widened(int[] numbers) {
        return Arrays.stream(numbers).asLongStream().toArray();
    }

    private static byte[] ints(int[] numbers, ByteOrder order) {
        ByteBuffer bytes = ByteBuffer.allocate(numbers.length * Integer.BYTES).order(order);
        bytes.asIntBuffer().put(numbers);
        return bytes.array();
    }

    private static byte[] longs(long[] numbers, ByteOrder order) {
        ByteBuffer bytes = ByteBuffer.allocate(numbers.length * Long.BYTES).order(order);
        bytes.asLongBuffer().put(numbers);
        return bytes.array();
    }

    private byte[] floats(ByteOrder order) {
        ByteBuffer bytes = ByteBuffer.allocate(DIMENSION * Float.BYTES).order(order);
        bytes.asFloatBuffer().put(embedding);
        return bytes.array();
    }

    private byte[] doubles(ByteOrder order) {
        ByteBuffer bytes = ByteBuffer.allocate(DIMENSION * Double.BYTES).order(order);
        bytes.asDoubleBuffer().put(vector);
        return bytes.array();
    }

    private static byte[] decimal(long[] numbers) {
        return Arrays.toString(numbers).replace(" ", "").getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] decimal(double[] numbers) {
        return Arrays.toString(numbers).replace(" ", "").getBytes(StandardCharsets.US_ASCII);
    }
}
