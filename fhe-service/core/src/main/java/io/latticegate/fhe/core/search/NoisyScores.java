package io.latticegate.fhe.core.search;

import io.latticegate.fhe.core.modular.Modulus;
import io.latticegate.fhe.core.privacy.DiscreteGaussian;
import io.latticegate.fhe.core.privacy.PrivacyTerms;

/**
 * How scores of an index are released under terms of privacy. Noise of many times the scores' size has to fit under half of
 * the prime, and so the scores have to be smaller: queries are encrypted at a lower scale, which costs digits that the noise
 * hides anyway.
 *
 * @param queryScale of the ciphertexts of a query, a power of two up to {@link Packing#QUERY_SCALE}
 * @param sigma deviation of the noise, in units of a score
 * @param noise of the integers that are scores
 */
public record NoisyScores(double queryScale, double sigma, DiscreteGaussian noise) {
    private static final int QUERY_BITS_MAX = 28;
    private static final int QUERY_BITS_MIN = 8;

    /**
     * The greatest scale of queries that leaves room for the noise.
     *
     * @param q the prime of level 0
     * @throws IllegalArgumentException if no scale does: a lower one adds sensitivity, since the noise of a query weighs more
     */
    public static NoisyScores of(Packing packing, Modulus q, PrivacyTerms terms) {
        for (int bits = QUERY_BITS_MAX; bits >= QUERY_BITS_MIN; bits--) {
            double queryScale = Math.scalb(1.0, bits);
            double sigma = terms.sigma(packing.replacedRow(queryScale));
            double scale = queryScale * Packing.ROW_SCALE;
            double greatest = (DiscreteGaussian.TAIL * sigma + packing.scoreMax(queryScale)) * scale;
            if (greatest < q.value() / 2.0) {
                return new NoisyScores(queryScale, sigma, DiscreteGaussian.atLeast(sigma * scale));
            }
        }
        throw new IllegalArgumentException("epsilon_per_query " + terms.epsilonPerQuery() + " needs more noise than "
                + packing.rowsPerBlock() + " rows in a ciphertext of one prime of 50 bits leave room for; allowed are a"
                + " larger epsilon_per_query or fewer rows");
    }
}
