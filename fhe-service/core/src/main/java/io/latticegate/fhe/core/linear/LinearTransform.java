package io.latticegate.fhe.core.linear;

import io.latticegate.fhe.core.encode.Encoder;
import io.latticegate.fhe.core.encode.Plaintext;
import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.evaluate.Evaluator;
import io.latticegate.fhe.core.key.GaloisKeys;
import io.latticegate.fhe.core.preset.CkksParameters;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * y = Mx for a square matrix of dimension d, by its generalised diagonals, in baby steps and giant steps: with
 * diagonal_k[j] = M[j][(j + k) mod d] and k = g·n + b, y is the sum over g of the rotation by g·n of Σ_b (diagonal_k
 * rotated by −g·n) ⊙ (x rotated by b). The n baby rotations of x are hoisted.
 *
 * <p>The vector is repeated with period d over all slots, and so is the result. All d diagonals are multiplied, zero or
 * not, so that the time tells nothing about the matrix. It takes one level; the result has the scale of the vector.
 */
public final class LinearTransform implements AutoCloseable {
    private final CkksParameters parameters;
    private final int level;
    private final int babySteps;
    private final List<List<Plaintext>> diagonals;

    /**
     * @param matrix rows of numbers; missing rows and columns are zero
     * @param dimension d, a power of two up to the number of slots
     * @param level that of the vectors; at least 1
     */
    public LinearTransform(CkksParameters parameters, Encoder encoder, double[][] matrix, int dimension, int level) {
        if (dimension < 2 || Integer.bitCount(dimension) != 1 || dimension > parameters.slots()) {
            throw new IllegalArgumentException(
                    "dimension " + dimension + "; allowed are the powers of two from 2 to " + parameters.slots());
        }
        if (level < 1) {
            throw new IllegalArgumentException("a linear transform at level " + level + "; it takes one level");
        }
        if (matrix.length > dimension) {
            throw new IllegalArgumentException(matrix.length + " rows; allowed are " + dimension);
        }
        this.parameters = parameters;
        this.level = level;
        this.babySteps = 1 << ((Integer.numberOfTrailingZeros(dimension) + 1) / 2);
        this.diagonals = new ArrayList<>();
        for (int shift = 0; shift < dimension; shift += babySteps) {
            List<Plaintext> row = new ArrayList<>();
            for (int baby = 0; baby < babySteps; baby++) {
                double[] slots = diagonal(matrix, dimension, shift + baby, shift);
                row.add(encoder.encode(slots, level, parameters.prime(level)));
            }
            diagonals.add(row);
        }
    }

    private double[] diagonal(double[][] matrix, int dimension, int k, int shift) {
        double[] slots = new double[parameters.slots()];
        for (int slot = 0; slot < slots.length; slot++) {
            int row = Math.floorMod(slot - shift, dimension);
            int column = (row + k) % dimension;
            if (row < matrix.length) {
                if (matrix[row].length > dimension) {
                    throw new IllegalArgumentException(
                            matrix[row].length + " columns in row " + row + "; allowed are " + dimension);
                }
                slots[slot] = column < matrix[row].length ? matrix[row][column] : 0;
            }
        }
        return slots;
    }

    /** The rotations for which {@link #apply} needs keys. */
    public int[] steps() {
        TreeSet<Integer> steps = new TreeSet<>();
        for (int baby = 1; baby < babySteps; baby++) {
            steps.add(baby);
        }
        for (int giant = 1; giant < diagonals.size(); giant++) {
            steps.add(giant * babySteps);
        }
        return steps.stream().mapToInt(Integer::intValue).toArray();
    }

    /** The level of the vectors that this transform takes. */
    public int level() {
        return level;
    }

    /** Mx, one level lower. */
    public Ciphertext apply(Evaluator evaluator, Ciphertext x, GaloisKeys keys) {
        int[] babies = new int[babySteps];
        for (int baby = 0; baby < babySteps; baby++) {
            babies[baby] = baby;
        }
        List<Ciphertext> rotated = evaluator.rotateMany(x, babies, keys);
        Ciphertext sum = evaluator.multiplyPlainSum(rotated, diagonals.getFirst());
        for (int giant = 1; giant < diagonals.size(); giant++) {
            try (Ciphertext previous = sum;
                    Ciphertext inner = evaluator.multiplyPlainSum(rotated, diagonals.get(giant));
                    Ciphertext moved = evaluator.rotate(inner, giant * babySteps, keys)) {
                sum = evaluator.add(previous, moved);
            }
        }
        rotated.forEach(Ciphertext::close);
        try (Ciphertext product = sum) {
            return evaluator.rescale(product);
        }
    }

    @Override
    public void close() {
        diagonals.forEach(row -> row.forEach(Plaintext::close));
    }
}
