package io.latticegate.bench;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The same search without encryption: inner products in single precision, one pass over the rows for all queries. */
final class PlainScan {
    private static final VectorSpecies<Float> LANES = FloatVector.SPECIES_PREFERRED;

    private final float[] rows;
    private final int dimension;

    /** @param rows row after row, not copied */
    PlainScan(float[] rows, int dimension) {
        this.rows = rows;
        this.dimension = dimension;
    }

    int rows() {
        return rows.length / dimension;
    }

    /** @param scores takes, for each query, the score of each row */
    void run(float[][] queries, float[][] scores) {
        for (int row = 0; row < rows(); row++) {
            for (int query = 0; query < queries.length; query++) {
                scores[query][row] = product(row * dimension, queries[query]);
            }
        }
    }

    private float product(int at, float[] query) {
        FloatVector sum = FloatVector.zero(LANES);
        FloatVector next = sum;
        int k = 0;
        for (; k <= dimension - 2 * LANES.length(); k += 2 * LANES.length()) {
            sum = FloatVector.fromArray(LANES, rows, at + k).fma(FloatVector.fromArray(LANES, query, k), sum);
            next = FloatVector.fromArray(LANES, rows, at + k + LANES.length())
                    .fma(FloatVector.fromArray(LANES, query, k + LANES.length()), next);
        }
        float product = sum.add(next).reduceLanes(VectorOperators.ADD);
        for (; k < dimension; k++) {
            product += rows[at + k] * query[k];
        }
        return product;
    }

    /** The inner product with one row, in double precision. */
    double exact(int row, float[] query) {
        double sum = 0;
        for (int k = 0; k < dimension; k++) {
            sum += (double) rows[row * dimension + k] * query[k];
        }
        return sum;
    }
}
