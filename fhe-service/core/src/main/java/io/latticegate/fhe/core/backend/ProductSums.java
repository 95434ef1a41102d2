package io.latticegate.fhe.core.backend;

import io.latticegate.fhe.core.modular.Modulus;

/**
 * Sums of many products modulo one prime q of 48 to 50 bits, {@value #POINTS} points at a time: what a scan of plaintext
 * polynomials by ciphertexts of two polynomials consists of. Residues are centred, in (−q/2, q/2), and held as doubles, so
 * that nothing is converted in the loop; what comes out is canonical, and the same from all implementations. Immutable, and
 * safe for use by several threads.
 *
 * <p>A <em>column</em> is {@value #POINTS} points of several sums of the same number of terms. The factors of a column are
 * those of its first sum, then those of its second: f_0 at all points, f_1 at all points, and so on. All sums of a column
 * share their pairs (a_i, b_i): a_0 at all points, b_0 at all points, a_1, and so on.
 */
public sealed interface ProductSums permits ScalarProductSums, VectorProductSums {
    /** How many points a column has. */
    int POINTS = 8;

    /** How many words of work space a column needs for each sum. */
    int WORK = 4 * POINTS;

    /** The most terms of one sum, for which nothing overflows. */
    int TERMS_MAX = 2048;

    /** The fewest significant bits of q. */
    int BITS_MIN = 48;

    /** The most significant bits of q. */
    int BITS_MAX = 50;

    /**
     * Σ f_i·a_i and Σ f_i·b_i at the points of a column.
     *
     * @param sums how many
     * @param terms 1 to {@value #TERMS_MAX}
     * @param factors {@code sums} · {@code terms} · {@value #POINTS} doubles
     * @param pairs {@code terms} · 2 · {@value #POINTS} doubles from {@code pairsAt} on
     * @param work {@value #WORK} words for each sum
     * @param to takes Σ f_i·a_i of the first sum from {@code toAt} on and Σ f_i·b_i {@code step} words further, those of
     *     the second sum 2 and 3 {@code step}s further, and so on
     */
    void column(
            int sums,
            int terms,
            double[] factors,
            double[] pairs,
            int pairsAt,
            long[] work,
            long[] to,
            int toAt,
            int step);

    /** Centred residues of canonical ones at {@value #POINTS} points: from {@code at} on, to {@code toAt} on. */
    void centre(long[] residues, int at, double[] to, int toAt);

    /** @throws IllegalArgumentException if q has a length for which the bounds of the implementations do not hold */
    static void requireLength(Modulus q) {
        if (q.bits() < BITS_MIN || q.bits() > BITS_MAX) {
            throw new IllegalArgumentException("sums of products modulo " + q + "; allowed are primes of " + BITS_MIN
                    + " to " + BITS_MAX + " bits");
        }
    }
}
