package io.latticegate.fhe.core.encode;

import io.latticegate.fhe.core.modular.Modulus;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.ring.Domain.Coeff;
import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.ring.RnsBase;

/**
 * The canonical embedding: slot j of N/2 is the value of the polynomial at ζ^(3^j), ζ = exp(πi/N), as in Microsoft SEAL.
 *
 * <p>Encoding rounds each coefficient of the scaled vector to the next integer, halves away from zero. It computes in
 * doubles and is not in constant time. Safe for use by several threads.
 */
public final class Encoder {
    private static final int MANTISSA_BITS = 53;

    private final CkksParameters parameters;
    private final RnsBackend backend;
    private final ComplexFft fft;
    /** The index, in bit-reversed order, of the value at ζ^(3^j), and of that at its conjugate. */
    private final int[] slotIndex;

    private final int[] conjugateIndex;

    public Encoder(CkksParameters parameters, RnsBackend backend) {
        this.parameters = parameters;
        this.backend = backend;
        int degree = parameters.degree();
        this.fft = new ComplexFft(degree);
        this.slotIndex = new int[degree / 2];
        this.conjugateIndex = new int[degree / 2];
        int shift = Integer.SIZE - Integer.numberOfTrailingZeros(degree);
        int exponent = 1;
        for (int slot = 0; slot < degree / 2; slot++) {
            slotIndex[slot] = Integer.reverse((exponent - 1) / 2) >>> shift;
            conjugateIndex[slot] = Integer.reverse((2 * degree - exponent - 1) / 2) >>> shift;
            exponent = (int) (3L * exponent % (2L * degree));
        }
    }

    /** Real numbers, at most N/2; the other slots are zero. */
    public Plaintext encode(double[] values, int level, double scale) {
        return encode(values, new double[values.length], level, scale);
    }

    /**
     * Complex numbers, at most N/2; the other slots are zero.
     *
     * @throws IllegalArgumentException for too many values, a value that is not finite, a scale that is not below the
     *     modulus of the level, or scaled values whose coefficients are not below half of it
     */
    public Plaintext encode(double[] real, double[] imaginary, int level, double scale) {
        int degree = parameters.degree();
        if (real.length > degree / 2 || imaginary.length != real.length) {
            throw new IllegalArgumentException(real.length + " real and " + imaginary.length
                    + " imaginary parts; allowed are as many of both, at most " + degree / 2);
        }
        parameters.requireScale(scale, level);
        double[] x = new double[degree];
        double[] y = new double[degree];
        for (int slot = 0; slot < real.length; slot++) {
            if (!Double.isFinite(real[slot]) || !Double.isFinite(imaginary[slot])) {
                throw new IllegalArgumentException("value " + slot + " is not a finite number");
            }
            x[slotIndex[slot]] = real[slot];
            y[slotIndex[slot]] = imaginary[slot];
            x[conjugateIndex[slot]] = real[slot];
            y[conjugateIndex[slot]] = -imaginary[slot];
        }
        fft.inverse(x, y);
        double factor = scale / degree;
        for (int i = 0; i < degree; i++) {
            x[i] = rounded(x[i] * factor, level);
        }
        return toEval(x, level, scale);
    }

    /** The same real number in all slots: a constant polynomial. */
    public Plaintext encodeConstant(double value, int level, double scale) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("the value is not a finite number");
        }
        parameters.requireScale(scale, level);
        double[] coefficients = new double[parameters.degree()];
        coefficients[0] = rounded(value * scale, level);
        return toEval(coefficients, level, scale);
    }

    private double rounded(double value, int level) {
        if (!Double.isFinite(value) || Math.getExponent(value) >= parameters.modulusBits(level) - 2) {
            throw new IllegalArgumentException("a scaled coefficient of 2^" + Math.getExponent(value)
                    + "; allowed is what is below a quarter of the modulus of " + parameters.modulusBits(level)
                    + " bits");
        }
        double magnitude = Math.abs(value);
        double floor = Math.floor(magnitude);
        return Math.copySign(magnitude - floor >= 0.5 ? floor + 1 : floor, value);
    }

    private Plaintext toEval(double[] integers, int level, double scale) {
        RnsBase base = parameters.ring().data(level);
        int degree = parameters.degree();
        long[] residues = new long[base.words()];
        for (int i = 0; i < base.size(); i++) {
            for (int k = 0; k < degree; k++) {
                residues[i * degree + k] = residue(integers[k], base.modulus(i));
            }
        }
        Poly<Eval> values = backend.allocate(base);
        try (Poly<Coeff> coefficients = backend.upload(base, residues, 0)) {
            backend.toEval(coefficients, values);
        }
        return new Plaintext(parameters, scale, values);
    }

    private static long residue(double integer, Modulus q) {
        int shift = Math.getExponent(integer) - (MANTISSA_BITS - 1);
        if (shift <= 0) {
            return q.reduceSigned((long) integer);
        }
        return q.multiply(q.reduceSigned((long) Math.scalb(integer, -shift)), q.power(2, shift));
    }

    /** The slots of a plaintext; each is off by the rounding of doubles, some 2^−50 of the greatest. */
    public Slots decode(Plaintext plaintext) {
        int degree = parameters.degree();
        if (plaintext.parameters() != parameters) {
            throw new IllegalArgumentException(
                    "a plaintext of " + plaintext.parameters() + " for an encoder of " + parameters);
        }
        double[] x = new double[degree];
        double[] y = new double[degree];
        RnsBase base = plaintext.poly().base();
        long[] residues = new long[base.words()];
        try (Poly<Coeff> coefficients = backend.allocate(base)) {
            backend.toCoeff(plaintext.poly(), coefficients);
            backend.download(coefficients, residues, 0);
        }
        new BalancedDigits(base).toReals(residues, 1 / plaintext.scale(), x);
        fft.forward(x, y);
        double[] real = new double[degree / 2];
        double[] imaginary = new double[degree / 2];
        for (int slot = 0; slot < real.length; slot++) {
            real[slot] = x[slotIndex[slot]];
            imaginary[slot] = y[slotIndex[slot]];
        }
        return new Slots(real, imaginary);
    }

    /** N/2 complex numbers. */
    public record Slots(double[] real, double[] imaginary) {}
}
