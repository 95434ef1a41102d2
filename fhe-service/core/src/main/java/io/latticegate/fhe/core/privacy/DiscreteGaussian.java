package io.latticegate.fhe.core.privacy;

import io.latticegate.fhe.core.random.SeedStream;

/**
 * Integers with probability proportional to exp(−x²/(2σ²)), exactly: algorithm 3 of Canonne, Kamath and Steinke (arXiv
 * 2004.00010), which draws from a discrete Laplace distribution of scale t and keeps x with probability
 * exp(−(|x|−σ²/t)²/(2σ²)).
 *
 * <p>σ is a whole number here, and t = σ (the paper takes ⌊σ⌋+1; every t is right, and near σ fewest draws are lost). A
 * Laplace draw is then |x| = u + σv with 0 ≤ u &lt; σ, and the probability of keeping it is exp(−(v − 1 + u/σ)²/2), a product
 * of powers of exp(−½), exp(−u/σ) and exp(−(u/σ)²/2). All of that are coins whose bias is a ratio of two numbers of at
 * most 62 bits: no floating point, and no probability that is only nearly right.
 *
 * <p>How long a draw takes depends on its value, as with every such method (a hazard that Jin and others describe in
 * "Are we there yet?", S&amp;P 2022). Who can time a single draw learns about it; a reply holds thousands, drawn together, and
 * only the sum of their times can be seen.
 *
 * @param sigma σ, 1 to 2^52
 */
public record DiscreteGaussian(long sigma) {
    /** Greatest σ. */
    public static final long SIGMA_MAX = 1L << 52;

    /** What no draw exceeds in units of σ but with probability below 2^−200. */
    public static final int TAIL = 17;

    public DiscreteGaussian {
        if (sigma < 1 || sigma > SIGMA_MAX) {
            throw new IllegalArgumentException("a deviation of " + sigma + "; allowed are 1 to " + SIGMA_MAX);
        }
    }

    /** The distribution with the least whole deviation that is not below {@code sigma}. */
    public static DiscreteGaussian atLeast(double sigma) {
        if (!(sigma > 0 && sigma <= SIGMA_MAX)) {
            throw new IllegalArgumentException("a deviation of " + sigma + "; allowed are 1 to " + SIGMA_MAX);
        }
        return new DiscreteGaussian((long) Math.ceil(sigma));
    }

    /** Fills {@code to} with independent draws. */
    public void sample(SeedStream random, long[] to) {
        RandomBits bits = new RandomBits(random);
        for (int i = 0; i < to.length; i++) {
            to[i] = draw(bits);
        }
    }

    private long draw(RandomBits bits) {
        while (true) {
            long u = bits.below(sigma);
            if (!bits.bernoulliExp(u, sigma)) {
                continue;
            }
            int v = 0;
            while (bits.bernoulliExp(1, 1)) {
                v++;
            }
            boolean negative = bits.coin();
            if (negative && u == 0 && v == 0) {
                continue;
            }
            if (kept(bits, u, v)) {
                long magnitude = Math.addExact(u, Math.multiplyExact(sigma, (long) v));
                return negative ? -magnitude : magnitude;
            }
        }
    }

    /** True with probability exp(−(v − 1 + u/σ)²/2). */
    private boolean kept(RandomBits bits, long u, int v) {
        if (v == 0) {
            return bits.bernoulliExpHalfSquare(sigma - u, sigma);
        }
        long whole = v - 1L;
        for (long i = 0; i < whole * whole; i++) {
            if (!bits.bernoulliExp(1, 2)) {
                return false;
            }
        }
        for (long i = 0; i < whole; i++) {
            if (!bits.bernoulliExp(u, sigma)) {
                return false;
            }
        }
        return bits.bernoulliExpHalfSquare(u, sigma);
    }
}
