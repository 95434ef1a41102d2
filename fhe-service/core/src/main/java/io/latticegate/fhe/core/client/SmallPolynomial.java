package io.latticegate.fhe.core.client;

import io.latticegate.fhe.core.random.SeedStream;
import io.latticegate.fhe.core.ring.Domain.Coeff;
import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.ring.RnsBase;
import java.util.Arrays;

/** A polynomial of small secret coefficients. Sampling and lifting branch on no coefficient. Closing wipes it. */
final class SmallPolynomial implements AutoCloseable {
    /** 255 = 3 · 85: a byte below it is uniform modulo 3. */
    private static final int TERNARY_BOUND = 255;

    private static final int NOISE_BYTES = 6;
    private static final int TOP_BITS = 0x1f;

    private final int[] coefficients;

    private SmallPolynomial(int degree) {
        this.coefficients = new int[degree];
    }

    /** Coefficients uniform in {−1, 0, 1}. Bytes of 255 are drawn again, which tells nothing about those that stay. */
    static SmallPolynomial ternary(int degree, SeedStream random) {
        SmallPolynomial sampled = new SmallPolynomial(degree);
        byte[] draw = new byte[1];
        for (int i = 0; i < degree; i++) {
            do {
                random.nextBytes(draw, 0, 1);
            } while ((draw[0] & 0xff) == TERNARY_BOUND);
            int value = draw[0] & 0xff;
            int third = value * 171 >>> 9;
            sampled.coefficients[i] = value - 3 * third - 1;
        }
        draw[0] = 0;
        return sampled;
    }

    /** The centred binomial distribution of 21 pairs of bits, of standard deviation 3.24, as Microsoft SEAL draws it. */
    static SmallPolynomial noise(int degree, SeedStream random) {
        SmallPolynomial sampled = new SmallPolynomial(degree);
        byte[] draw = new byte[NOISE_BYTES];
        for (int i = 0; i < degree; i++) {
            random.nextBytes(draw, 0, NOISE_BYTES);
            sampled.coefficients[i] = ones(draw, 0) - ones(draw, NOISE_BYTES / 2);
        }
        Arrays.fill(draw, (byte) 0);
        return sampled;
    }

    private static int ones(byte[] draw, int at) {
        return Integer.bitCount(draw[at] & 0xff)
                + Integer.bitCount(draw[at + 1] & 0xff)
                + Integer.bitCount(draw[at + 2] & TOP_BITS);
    }

    int coefficient(int i) {
        return coefficients[i];
    }

    /** The values modulo the primes of a base. */
    Poly<Eval> lift(RnsBackend backend, RnsBase base) {
        int degree = coefficients.length;
        long[] residues = new long[base.words()];
        for (int i = 0; i < base.size(); i++) {
            long q = base.modulus(i).value();
            for (int k = 0; k < degree; k++) {
                long coefficient = coefficients[k];
                residues[i * degree + k] = coefficient + (q & (coefficient >> 63));
            }
        }
        Poly<Eval> values = backend.allocate(base);
        try (Poly<Coeff> lifted = backend.upload(base, residues, 0)) {
            backend.toEval(lifted, values);
        }
        Arrays.fill(residues, 0);
        return values;
    }

    @Override
    public void close() {
        Arrays.fill(coefficients, 0);
    }
}
