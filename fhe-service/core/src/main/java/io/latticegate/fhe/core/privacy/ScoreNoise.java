package io.latticegate.fhe.core.privacy;

import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.ring.RnsBase;
import java.security.SecureRandom;
import java.util.List;

/**
 * Makes scores fit to leave: to the encrypted scores it adds Gaussian noise and a fresh encryption of zero. Immutable, and
 * safe for use by several threads.
 *
 * <p><b>Noise.</b> What a client decrypts is a polynomial of integers, so the noise is drawn as one: N independent discrete
 * Gaussian coefficients. The grid of the released values is therefore that of the integers on both sides, as the exact
 * mechanism asks (theorem 14 of arXiv 2004.00010, in several dimensions). Noise on a grid of slots would not do: scores lie
 * between its points, and what they are modulo the grid would leave without any noise. The map to the slots multiplies
 * Euclidean lengths by √(N/2)/scale, for noise and for differences of scores alike, so ρ may be reckoned in slots; a slot
 * gets a real and an imaginary part of deviation σ each. All slots get it, so that nothing is released which is not
 * covered; a packing leaves zeros where it has no scores.
 *
 * <p><b>Encryption of zero.</b> The second polynomial of a score, c_1 = Σ row·mask, is a function of the rows and of masks
 * that the client drew itself; noise in c_0 alone would leave it bare. Adding (b·u + …, a·u + e) for a fresh ternary u and a
 * fresh small e makes it look uniform to everyone, the holder of the key included, while ring learning with errors is hard
 * for u given the noisy hint which the decryption holds. The guarantee is therefore against readers of bounded computing
 * power, with keys and queries made as the protocol says.
 */
public final class ScoreNoise {
    /** A row's length is at most 1 and this much. */
    public static final double ROW_NORM_TOLERANCE = 1e-3;

    /** σ of the fresh e, above the 3.24 of all other noise. */
    private static final DiscreteGaussian MASK_NOISE = new DiscreteGaussian(4);

    private final CkksParameters parameters;
    private final RnsBackend backend;
    private final double slotSigma;
    private final SecureRandom random;

    /** @param slotSigma deviation of the real and of the imaginary part of a slot, in units of a score */
    public ScoreNoise(CkksParameters parameters, RnsBackend backend, double slotSigma, SecureRandom random) {
        if (!(slotSigma > 0) || Double.isInfinite(slotSigma)) {
            throw new IllegalArgumentException(
                    "a deviation of " + slotSigma + "; allowed is what is above 0 and finite");
        }
        this.parameters = parameters;
        this.backend = backend;
        this.slotSigma = slotSigma;
        this.random = random;
    }

    /**
     * By how much replacing one row moves the scores of a search, as a Euclidean length over all slots, for rows of at most
     * 1 + {@value #ROW_NORM_TOLERANCE} and a decrypted query of at most 1: twice a row's length, for the score itself, and
     * the worst case of the roundings that depend on rows, which are those of encoding (half an integer in each coefficient
     * of each of {@code dimension} plaintexts) and of one rescaling. For packings that put a row's score into one slot and
     * do not rotate after the product.
     *
     * @param dimension of rows
     * @param rowScale of the encoded rows
     * @param resultScale of the scores, after rescaling
     */
    public static double replacedRow(CkksParameters parameters, int dimension, double rowScale, double resultScale) {
        double degree = parameters.degree();
        double encoding = degree / Math.sqrt(2) * Math.sqrt(dimension) / rowScale;
        double rescaling = degree * (1 + degree) / Math.sqrt(2) / resultScale;
        return 2 * (1 + ROW_NORM_TOLERANCE) + encoding + rescaling;
    }

    /**
     * The noise of one coefficient at a scale and level.
     *
     * @throws IllegalArgumentException if the noise and scores of up to two could exceed half the modulus, or the noise is too
     *     small to hide what the encryption of zero leaves
     */
    public DiscreteGaussian coefficients(double scale, int level) {
        double degree = parameters.degree();
        double sigma = slotSigma * scale / Math.sqrt(degree / 2);
        double greatest = DiscreteGaussian.TAIL * sigma + 2 * scale;
        if (Math.getExponent(greatest) + 1 >= parameters.modulusBits(level) - 1) {
            throw new IllegalArgumentException("noise of deviation " + slotSigma + " at scale 2^" + log2(scale)
                    + " needs coefficients of 2^" + log2(greatest) + "; allowed is what is below half of the "
                    + parameters.modulusBits(level) + " bits of level " + level
                    + ". A larger epsilon or a smaller scale makes room");
        }
        if (sigma < degree) {
            throw new IllegalArgumentException("noise of deviation " + slotSigma + " at scale 2^" + log2(scale)
                    + " has coefficients of deviation " + sigma + "; allowed is at least N = " + parameters.degree());
        }
        return DiscreteGaussian.atLeast(sigma);
    }

    private static double log2(double value) {
        return Math.log(value) / Math.log(2);
    }

    /**
     * The scores with fresh noise under a fresh mask, which the caller closes. Nothing of {@code scores} itself may leave.
     *
     * @throws IllegalArgumentException for a product that is not relinearised, a level above that of the key, or noise that
     *     does not fit ({@link #coefficients})
     */
    public Ciphertext release(Ciphertext scores, ZeroEncryptionKey key) {
        int level = scores.level();
        if (scores.parameters() != parameters || key.parameters() != parameters) {
            throw new IllegalArgumentException("scores of " + scores.parameters() + " and a key of " + key.parameters()
                    + " for noise of " + parameters);
        }
        if (scores.parts().size() != 2) {
            throw new IllegalArgumentException("scores of 3 polynomials; they must be relinearised first");
        }
        if (level > key.level()) {
            throw new IllegalArgumentException(
                    "scores at level " + level + "; the key's encryptions of zero serve up to " + key.level());
        }
        DiscreteGaussian noise = coefficients(scores.scale(), level);
        RnsBase base = scores.parts().getFirst().base();
        RnsBase extended = parameters.ring().extended(level);
        Poly<Eval> second = backend.allocate(base);
        Poly<Eval> first = NoisePolynomial.gaussian(noise, backend, base, random);
        try (Poly<Eval> u = NoisePolynomial.ternary(backend, extended, random);
                Poly<Eval> sum0 = backend.allocate(extended);
                Poly<Eval> sum1 = NoisePolynomial.gaussian(MASK_NOISE, backend, extended, random);
                Poly<Eval> zero = backend.allocate(base)) {
            backend.multiplyAdd(u, key.body(), sum0);
            backend.multiplyAdd(u, key.mask(), sum1);
            backend.modDown(sum0, zero);
            backend.add(first, zero, first);
            backend.modDown(sum1, second);
        }
        backend.add(first, scores.parts().getFirst(), first);
        backend.add(second, scores.parts().getLast(), second);
        return new Ciphertext(parameters, scores.scale(), List.of(first, second));
    }
}
