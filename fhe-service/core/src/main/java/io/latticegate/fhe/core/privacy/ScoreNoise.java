package io.latticegate.fhe.core.privacy;

import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.ring.RnsBase;
import java.security.SecureRandom;

/**
 * Makes scores of a packing by coefficients fit to leave: to an encrypted result it adds Gaussian noise and a fresh encryption
 * of zero. Immutable, and safe for use by several threads.
 *
 * <p><b>Noise.</b> What a client decrypts is a polynomial of integers, some of whose coefficients are scores. Each of those gets
 * its own discrete Gaussian integer: the grid of the released values is that of the integers on both sides, as the exact
 * mechanism asks (theorem 14 of arXiv 2004.00010, in several dimensions). All other coefficients of the first polynomial have
 * to become zero before it leaves, and only after the encryption of zero has been added: neither what they hold of the rows nor
 * what they would tell of the encryption of zero may be seen.
 *
 * <p><b>Encryption of zero.</b> The second polynomial of a result, c_1 = Σ row·mask, is a function of the rows and of masks
 * that the client drew itself; noise in c_0 alone would leave it bare. Adding (b·u + …, a·u + e) for a fresh ternary u and a
 * fresh small e makes it look uniform to everyone, the holder of the key included, while ring learning with errors is hard
 * for u given the noisy hint which the decryption of the scores holds. The guarantee is therefore against readers of bounded
 * computing power, with keys and queries made as the protocol says.
 */
public final class ScoreNoise {
    /** σ of the fresh e, above the 3.24 of all other noise. */
    private static final DiscreteGaussian MASK_NOISE = new DiscreteGaussian(4);

    private final ZeroEncryptionKey key;
    private final DiscreteGaussian noise;
    private final RnsBackend backend;
    private final SecureRandom random;

    /**
     * Noise under one client's key, which has to stay open as long as this is used.
     *
     * @param noise of each score, as an integer; σ is at least N, so that it hides what the encryption of zero leaves
     * @throws IllegalArgumentException for less noise
     */
    public ScoreNoise(ZeroEncryptionKey key, DiscreteGaussian noise, RnsBackend backend, SecureRandom random) {
        int degree = key.parameters().degree();
        if (noise.sigma() < degree) {
            throw new IllegalArgumentException(
                    "noise whose coefficients have deviation " + noise.sigma() + "; allowed is at least N = " + degree);
        }
        this.key = key;
        this.noise = noise;
        this.backend = backend;
        this.random = random;
    }

    public CkksParameters parameters() {
        return key.parameters();
    }

    /**
     * Adds fresh noise and a fresh encryption of zero to a result. Its first polynomial is not fit to leave before all
     * coefficients but those at {@code positions} are set to zero.
     *
     * @param first c_0, changed
     * @param second c_1, changed
     * @param positions exponents whose coefficients are scores
     * @throws IllegalArgumentException for a level above that of the key
     */
    public void cover(Poly<Eval> first, Poly<Eval> second, int[] positions) {
        RnsBase base = first.base();
        int level = base.size() - 1;
        if (level > key.level()) {
            throw new IllegalArgumentException(
                    "scores at level " + level + "; the key's encryptions of zero serve up to " + key.level());
        }
        RnsBase extended = key.parameters().ring().extended(level);
        try (Poly<Eval> scores = NoisePolynomial.gaussian(noise, positions, backend, base, random);
                Poly<Eval> u = NoisePolynomial.ternary(backend, extended, random);
                Poly<Eval> sum0 = backend.allocate(extended);
                Poly<Eval> sum1 = NoisePolynomial.gaussian(MASK_NOISE, backend, extended, random);
                Poly<Eval> zero = backend.allocate(base)) {
            backend.add(first, scores, first);
            backend.multiplyAdd(u, key.body(), sum0);
            backend.modDown(sum0, zero);
            backend.add(first, zero, first);
            backend.multiplyAdd(u, key.mask(), sum1);
            backend.modDown(sum1, zero);
            backend.add(second, zero, second);
        }
    }
}
