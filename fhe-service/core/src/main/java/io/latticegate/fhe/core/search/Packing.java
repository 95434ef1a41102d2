package io.latticegate.fhe.core.search;

import io.latticegate.fhe.core.backend.ProductSums;

/**
 * Which coefficient holds which product, so that a negacyclic product is an inner product and nothing has to be rotated.
 *
 * <p>A vector of d components is cut into pieces of {@code span} = s components. Piece i of a query is the polynomial
 * Σ_k q_(is+k)·X^k, for k from 0 to s − 1; a block of N/s rows has, for each piece, the polynomial Σ_r Σ_k v_(r,is+k) ·
 * X^(rs+s−1−k). The coefficient of X^(rs+s−1) in their product is Σ_k q_(is+k)·v_(r,is+k): a term of another row r' would
 * need |k − k'| = |r − r'|·s ≥ s, and one that wraps around at X^N has an exponent of at most s − 2. The sum over the pieces is
 * the score of row r. All other coefficients are of no row; they hold mixtures and are removed from replies.
 *
 * @param degree N
 * @param dimension d, 1 to {@value #DIMENSION_MAX}
 * @param span s, a power of two up to N
 */
public record Packing(int degree, int dimension, int span) {
    /** The longest vectors. */
    public static final int DIMENSION_MAX = 4096;

    /** The greatest Euclidean norm of a row and of a query, a little above 1 for the rounding of a normalisation. */
    public static final double NORM_MAX = 1 + 1e-3;

    /** By what the components of a query are multiplied before they are rounded to integers. */
    public static final double QUERY_SCALE = 0x1p28;

    /** By what the components of rows are multiplied. */
    public static final double ROW_SCALE = 0x1p20;

    /** The scale of scores: an inner product of NORM_MAX² is below 2^48.01, and so below half of a prime of 50 bits. */
    public static final double SCORE_SCALE = QUERY_SCALE * ROW_SCALE;

    /** How much a polynomial that is sent up weighs against one that is sent down, when a span is chosen. */
    private static final long UP_WEIGHT = 2;

    private static final double NOISE_MAX = 21;
    private static final double NOISE_VARIANCE = 10.5;

    /** Checks that the parts fit together. */
    public Packing {
        if (degree < ProductSums.POINTS || Integer.bitCount(degree) != 1) {
            throw new IllegalArgumentException("degree " + degree + "; allowed are powers of two");
        }
        requireDimension(dimension);
        if (span < 1 || span > degree || Integer.bitCount(span) != 1) {
            throw new IllegalArgumentException("span " + span + "; allowed are powers of two up to " + degree);
        }
        int pieces = (dimension - 1) / span + 1;
        if (pieces > ProductSums.TERMS_MAX) {
            throw new IllegalArgumentException("span " + span + " cuts " + dimension + " components into " + pieces
                    + " pieces; allowed are " + ProductSums.TERMS_MAX);
        }
    }

    private static void requireDimension(int dimension) {
        if (dimension < 1 || dimension > DIMENSION_MAX) {
            throw new IllegalArgumentException(
                    "vectors of " + dimension + " components; allowed are 1 to " + DIMENSION_MAX);
        }
    }

    /**
     * The packing whose queries and replies are least to transfer for so many rows: a query is one polynomial a piece, since
     * masks travel as seeds, and counts twice; a reply is two polynomials a block.
     */
    public static Packing of(int degree, int rows, int dimension) {
        requireDimension(dimension);
        Packing best = null;
        long least = Long.MAX_VALUE;
        for (int span = degree; span >= 1; span /= 2) {
            if ((dimension - 1) / span + 1 > ProductSums.TERMS_MAX) {
                break;
            }
            Packing packing = new Packing(degree, dimension, span);
            long cost = UP_WEIGHT * packing.pieces() + 2L * packing.blocks(rows);
            if (cost < least) {
                least = cost;
                best = packing;
            }
        }
        if (best == null) {
            throw new IllegalArgumentException("no packing of " + dimension + " components at degree " + degree);
        }
        return best;
    }

    /** How many ciphertexts a query has. */
    public int pieces() {
        return (dimension - 1) / span + 1;
    }

    /** How many rows a block has, the last one maybe fewer. */
    public int rowsPerBlock() {
        return degree / span;
    }

    /** How many blocks, and ciphertexts in a reply, so many rows take. */
    public int blocks(int rows) {
        return (rows - 1) / rowsPerBlock() + 1;
    }

    /** How many of so many rows are in a block. */
    public int rowsIn(int block, int rows) {
        return Math.min(rowsPerBlock(), rows - block * rowsPerBlock());
    }

    /** The exponent whose coefficient is the score of a block's row. */
    public int position(int rowOfBlock) {
        return rowOfBlock * span + span - 1;
    }

    /** The exponent that component k of a piece of a block's row has. */
    int rowExponent(int rowOfBlock, int k) {
        return position(rowOfBlock) - k;
    }

    /** The exponents whose coefficients are the scores of so many rows of a block. */
    int[] positions(int count) {
        int[] positions = new int[count];
        for (int row = 0; row < count; row++) {
            positions[row] = position(row);
        }
        return positions;
    }

    /** What a client has to know beside degree and dimension, in a word. */
    public String layout() {
        return "coefficients/" + span;
    }

    /**
     * How far a score can be from the inner product of the given vectors, at worst: the rounding of the rows by the query,
     * that of the query by the rounded rows, and noise of at most 21 in each coefficient of a piece by all rows of a block.
     */
    public double errorMax() {
        double root = Math.sqrt(dimension);
        double rounded = NORM_MAX + root / 2 / ROW_SCALE;
        double rounding = NORM_MAX * root / 2 / ROW_SCALE + rounded * root / 2 / QUERY_SCALE;
        return rounding + NOISE_MAX * rowsPerBlock() * root * rounded / QUERY_SCALE;
    }

    /** The standard deviation of that error, with roundings uniform and noise of variance 21/2. */
    public double errorDeviation() {
        double noise = rowsPerBlock() * NOISE_VARIANCE / (QUERY_SCALE * QUERY_SCALE);
        double rounding = 1 / (12 * ROW_SCALE * ROW_SCALE) + 1 / (12 * QUERY_SCALE * QUERY_SCALE);
        return NORM_MAX * Math.sqrt(noise + rounding);
    }

    /**
     * By how much replacing one row by another moves the scores of a search, as a Euclidean length over all of them and in units
     * of a score, for a query of length at most {@link #NORM_MAX} that was encrypted with a seed. Integers, exactly: the row's
     * own score by the difference of two rounded rows and the rounded query with its noise, of at most 21 in each coefficient;
     * each other score of its block by that difference and some d coefficients of the noise alone.
     *
     * @param queryScale scale of the query
     */
    public double replacedRow(double queryScale) {
        double root = Math.sqrt(dimension);
        double change = 2 * (NORM_MAX + root / 2 / ROW_SCALE);
        double noise = NOISE_MAX * root / queryScale;
        double own = change * (NORM_MAX + root / 2 / queryScale + noise);
        return Math.hypot(own, Math.sqrt(rowsPerBlock() - 1.0) * change * noise);
    }

    /** The greatest magnitude that a score can have, with the noise of a query of this scale, in units of a score. */
    public double scoreMax(double queryScale) {
        double root = Math.sqrt(dimension);
        double query = NORM_MAX + root / 2 / queryScale + NOISE_MAX * rowsPerBlock() * root / queryScale;
        return (NORM_MAX + root / 2 / ROW_SCALE) * query;
    }
}
