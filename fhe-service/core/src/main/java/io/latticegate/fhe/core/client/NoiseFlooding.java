package io.latticegate.fhe.core.client;

import io.latticegate.fhe.core.encode.Encoder;
import io.latticegate.fhe.core.encode.Plaintext;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.privacy.DiscreteGaussian;
import io.latticegate.fhe.core.privacy.NoisePolynomial;
import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.RnsBackend;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes decrypted values fit to be shown to somebody else. A CKKS decryption holds the error of its ciphertext, from which
 * the key follows (Li and Micciancio, eprint 2020/1533). Gaussian noise of deviation
 *
 * <pre>σ = √(12·τ) · 2^(s/2) · err</pre>
 *
 * on its coefficients hides the error with s bits of statistical security for τ values that are shared under one key (Li,
 * Micciancio, Schultz and Sorrell, eprint 2022/816; it is what OpenFHE's CKKS_NOISE_FLOODING.md uses). err is the Euclidean
 * length of the error's coefficients, which is at most (greatest error of a slot) · scale. The noise is discrete, as the
 * coefficients are, so nothing of the error stays behind on a finer grid.
 *
 * <p>What remains is precise to a few {@link #slotSigma}; {@link #share} rounds to a grid that is no finer, so that nobody
 * takes noise for digits. The bound on the error is the caller's claim: docs/fhe.md derives worst cases. An error above it
 * is not hidden. A key serves {@code sharedMax} values, then a new epoch is needed; this object counts, for as long as it
 * lives. Safe for use by several threads.
 */
public final class NoiseFlooding {
    /** Least statistical security, in bits. */
    public static final int STATISTICAL_BITS_MIN = 30;

    private static final int STATISTICAL_BITS_MAX = 128;
    private static final long SHARED_MAX = 1L << 30;

    private final CkksParameters parameters;
    private final RnsBackend backend;
    private final SecureRandom random;
    private final double slotErrorMax;
    private final double factor;
    private final long sharedMax;
    private final AtomicLong shared = new AtomicLong();

    /**
     * @param statisticalBits s, 30 to 128
     * @param sharedMax τ, how many values will be shared under the key; 1 to 2^30
     * @param slotErrorMax what no slot of a decryption is off by more than
     */
    public NoiseFlooding(
            CkksParameters parameters,
            RnsBackend backend,
            SecureRandom random,
            int statisticalBits,
            long sharedMax,
            double slotErrorMax) {
        if (statisticalBits < STATISTICAL_BITS_MIN || statisticalBits > STATISTICAL_BITS_MAX) {
            throw new IllegalArgumentException(statisticalBits + " bits of statistical security; allowed are "
                    + STATISTICAL_BITS_MIN + " to " + STATISTICAL_BITS_MAX);
        }
        if (sharedMax < 1 || sharedMax > SHARED_MAX) {
            throw new IllegalArgumentException(sharedMax + " shared values; allowed are 1 to " + SHARED_MAX);
        }
        if (!(slotErrorMax > 0) || Double.isInfinite(slotErrorMax)) {
            throw new IllegalArgumentException(
                    "an error of at most " + slotErrorMax + "; allowed is what is above 0 and finite");
        }
        this.parameters = parameters;
        this.backend = backend;
        this.random = random;
        this.slotErrorMax = slotErrorMax;
        this.sharedMax = sharedMax;
        this.factor = Math.sqrt(12.0 * sharedMax) * Math.pow(2, statisticalBits / 2.0);
    }

    /** Deviation of the noise in the real, and in the imaginary, part of a slot. It is the same for every scale. */
    public double slotSigma() {
        return factor * slotErrorMax * Math.sqrt(parameters.degree() / 2.0);
    }

    /** Distance of the values that {@link #share} returns: the greatest power of two that is at most half of σ. */
    public double grid() {
        return Math.scalb(1.0, Math.getExponent(slotSigma()) - 1);
    }

    /**
     * The decryption with noise, which the caller closes. The decryption itself stays with the client.
     *
     * @throws IllegalArgumentException if the noise does not fit under the modulus of the level: then fewer values, a smaller
     *     error or a higher level are needed
     * @throws IllegalStateException when as many values as announced have been shared
     */
    public Plaintext flood(Plaintext decrypted) {
        if (decrypted.parameters() != parameters) {
            throw new IllegalArgumentException(
                    "a plaintext of " + decrypted.parameters() + " for noise of " + parameters);
        }
        double sigma = factor * slotErrorMax * decrypted.scale();
        int bits = parameters.modulusBits(decrypted.level());
        if (sigma > DiscreteGaussian.SIGMA_MAX
                || Math.getExponent(DiscreteGaussian.TAIL * sigma + decrypted.scale()) + 1 >= bits - 1) {
            throw new IllegalArgumentException("noise of deviation 2^" + Math.log(sigma) / Math.log(2)
                    + " on each coefficient; allowed is what fits under the " + bits + " bits of level "
                    + decrypted.level());
        }
        if (shared.getAndUpdate(count -> Math.min(count + 1, sharedMax)) == sharedMax) {
            throw new IllegalStateException("the " + sharedMax
                    + " values for which the noise was chosen have been shared; a key of another epoch is needed");
        }
        Poly<Eval> flooded = NoisePolynomial.gaussian(
                DiscreteGaussian.atLeast(sigma), backend, decrypted.poly().base(), random);
        backend.add(flooded, decrypted.poly(), flooded);
        return new Plaintext(parameters, decrypted.scale(), flooded);
    }

    /** The slots of {@link #flood}, rounded to the {@link #grid}: what may be shown to others. */
    public Encoder.Slots share(Plaintext decrypted, Encoder encoder) {
        try (Plaintext flooded = flood(decrypted)) {
            Encoder.Slots slots = encoder.decode(flooded);
            return new Encoder.Slots(rounded(slots.real()), rounded(slots.imaginary()));
        }
    }

    private double[] rounded(double[] values) {
        double grid = grid();
        double[] onGrid = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            onGrid[i] = Math.rint(values[i] / grid) * grid;
        }
        return onGrid;
    }
}
