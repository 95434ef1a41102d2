package io.latticegate.fhe.core.privacy;

import io.latticegate.fhe.core.modular.Modulus;
import io.latticegate.fhe.core.random.SeedStream;
import io.latticegate.fhe.core.random.Xof;
import io.latticegate.fhe.core.ring.Domain.Coeff;
import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.ring.RnsBase;
import java.security.SecureRandom;
import java.util.Arrays;

/** Polynomials of fresh random coefficients, each wiped as soon as it is lifted. */
public final class NoisePolynomial {
    private static final int TERNARY = 3;

    private NoisePolynomial() {}

    /** Independent coefficients of a discrete Gaussian distribution, modulo the primes of {@code base}. */
    public static Poly<Eval> gaussian(
            DiscreteGaussian distribution, RnsBackend backend, RnsBase base, SecureRandom random) {
        long[] coefficients = new long[base.ring().degree()];
        try (SeedStream stream = stream(random)) {
            distribution.sample(stream, coefficients);
        }
        return lifted(coefficients, backend, base);
    }

    /** Independent coefficients of a discrete Gaussian distribution at some exponents, and zero at the others. */
    static Poly<Eval> gaussian(
            DiscreteGaussian distribution, int[] positions, RnsBackend backend, RnsBase base, SecureRandom random) {
        long[] drawn = new long[positions.length];
        try (SeedStream stream = stream(random)) {
            distribution.sample(stream, drawn);
        }
        long[] coefficients = new long[base.ring().degree()];
        for (int i = 0; i < positions.length; i++) {
            coefficients[positions[i]] = drawn[i];
        }
        Arrays.fill(drawn, 0);
        return lifted(coefficients, backend, base);
    }

    /** Independent coefficients uniform in {−1, 0, 1}, modulo the primes of {@code base}. */
    static Poly<Eval> ternary(RnsBackend backend, RnsBase base, SecureRandom random) {
        long[] coefficients = new long[base.ring().degree()];
        try (SeedStream stream = stream(random)) {
            RandomBits bits = new RandomBits(stream);
            for (int i = 0; i < coefficients.length; i++) {
                coefficients[i] = bits.below(TERNARY) - 1;
            }
        }
        return lifted(coefficients, backend, base);
    }

    private static SeedStream stream(SecureRandom random) {
        byte[] seed = new byte[SeedStream.SEED_BYTES];
        random.nextBytes(seed);
        SeedStream stream = new SeedStream(Xof.BLAKE2XB, seed);
        Arrays.fill(seed, (byte) 0);
        return stream;
    }

    private static Poly<Eval> lifted(long[] coefficients, RnsBackend backend, RnsBase base) {
        int degree = coefficients.length;
        long[] residues = new long[base.words()];
        for (int i = 0; i < base.size(); i++) {
            Modulus q = base.modulus(i);
            for (int k = 0; k < degree; k++) {
                residues[i * degree + k] = q.reduceSigned(coefficients[k]);
            }
        }
        Poly<Eval> values = backend.allocate(base);
        try (Poly<Coeff> uploaded = backend.upload(base, residues, 0)) {
            backend.toEval(uploaded, values);
        }
        Arrays.fill(coefficients, 0);
        Arrays.fill(residues, 0);
        return values;
    }
}
