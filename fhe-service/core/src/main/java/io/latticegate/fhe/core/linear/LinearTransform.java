package io.latticegate.fhe.core.linear;

import io.latticegate.fhe.core.encode.Encoder;
import io.latticegate.fhe.core.encode.Plaintext;
import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.evaluate.Evaluator;
import io.latticegate.fhe.core.key.GaloisKeys;
import io.latticegate.fhe.core.preset.CkksParameters;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A linear map of slots by its diagonals, y[j] = Σ_k diagonal_k[j]·x[j + k], in baby steps and giant steps: with
 * k = g·n + b, y is the sum over g of the rotation by g·n of Σ_b (diagonal_k rotated by −g·n) ⊙ (x rotated by b). The n baby
 * rotations of x are hoisted. The giant rotations are nested, inner_0 + rot_n(inner_1 + rot_n(inner_2 + …)), so that one
 * key serves all of them.
 *
 * <p>All diagonals are multiplied, zero or not, so that the time tells nothing about the numbers. It takes one level; the
 * result has the scale of the vector.
 */
public final class LinearTransform implements AutoCloseable {
    private final int level;
    private final int babySteps;
    private final List<List<Plaintext>> diagonals;

    /** The numbers of a linear map. */
    @FunctionalInterface
    public interface Diagonals {
        /** The factor with which slot {@code slot + k} of the vector goes into slot {@code slot} of the result. */
        double factor(int k, int slot);
    }

    /**
     * y = Mx for a square matrix of dimension d: the vector is repeated with period d over all slots, and so is the result.
     *
     * @param matrix rows of numbers; missing rows and columns are zero
     * @param dimension d, a power of two up to the number of slots
     * @param level that of the vectors; at least 1
     */
    public LinearTransform(CkksParameters parameters, Encoder encoder, double[][] matrix, int dimension, int level) {
        this(parameters, encoder, periodic(parameters, matrix, dimension), dimension, babySteps(dimension), level);
    }

    /**
     * The map of these diagonals.
     *
     * @param count how many diagonals there are, from 0 on; a power of two up to the number of slots
     * @param babySteps n, a power of two up to the count
     * @param level that of the vectors; at least 1
     */
    public LinearTransform(
            CkksParameters parameters, Encoder encoder, Diagonals source, int count, int babySteps, int level) {
        requirePowerOfTwo("diagonals", count, parameters.slots());
        requirePowerOfTwo("baby steps", babySteps, count);
        if (level < 1) {
            throw new IllegalArgumentException("a linear transform at level " + level + "; it takes one level");
        }
        this.level = level;
        this.babySteps = babySteps;
        this.diagonals = new ArrayList<>();
        double[] slots = new double[parameters.slots()];
        for (int shift = 0; shift < count; shift += babySteps) {
            List<Plaintext> row = new ArrayList<>();
            for (int baby = 0; baby < babySteps; baby++) {
                for (int slot = 0; slot < slots.length; slot++) {
                    slots[slot] = source.factor(shift + baby, Math.floorMod(slot - shift, slots.length));
                }
                row.add(encoder.encode(slots, level, parameters.prime(level)));
            }
            diagonals.add(row);
        }
    }

    private static void requirePowerOfTwo(String what, int value, int greatest) {
        if (value < 1 || Integer.bitCount(value) != 1 || value > greatest) {
            throw new IllegalArgumentException(
                    value + " " + what + "; allowed are the powers of two from 1 to " + greatest);
        }
    }

    private static int babySteps(int dimension) {
        return 1 << ((Integer.numberOfTrailingZeros(dimension) + 1) / 2);
    }

    private static Diagonals periodic(CkksParameters parameters, double[][] matrix, int dimension) {
        if (dimension < 2 || Integer.bitCount(dimension) != 1 || dimension > parameters.slots()) {
            throw new IllegalArgumentException(
                    "dimension " + dimension + "; allowed are the powers of two from 2 to " + parameters.slots());
        }
        if (matrix.length > dimension) {
            throw new IllegalArgumentException(matrix.length + " rows; allowed are " + dimension);
        }
        for (int row = 0; row < matrix.length; row++) {
            if (matrix[row].length > dimension) {
                throw new IllegalArgumentException(
                        matrix[row].length + " columns in row " + row + "; allowed are " + dimension);
            }
        }
        return (k, slot) -> {
            int row = slot % dimension;
            int column = (row + k) % dimension;
            return row < matrix.length && column < matrix[row].length ? matrix[row][column] : 0;
        };
    }

    /** The rotations for which {@link #apply} needs keys. */
    public int[] steps() {
        int greatest = giantSteps() > 0 ? babySteps : babySteps - 1;
        return IntStream.rangeClosed(1, greatest).toArray();
    }

    /** The level of the vectors that this transform takes. */
    public int level() {
        return level;
    }

    /** How many diagonals are multiplied. */
    public int diagonals() {
        return diagonals.size() * babySteps;
    }

    /** How many giant rotations follow each other. */
    public int giantSteps() {
        return diagonals.size() - 1;
    }

    /** Mx, one level lower. */
    public Ciphertext apply(Evaluator evaluator, Ciphertext x, GaloisKeys keys) {
        return apply(evaluator, x, keys, () -> {});
    }

    /**
     * Mx, one level lower, unless it is stopped.
     *
     * @param checkpoint called before each giant step; what it throws ends the computation
     */
    public Ciphertext apply(Evaluator evaluator, Ciphertext x, GaloisKeys keys, Runnable checkpoint) {
        List<Ciphertext> rotated =
                evaluator.rotateMany(x, IntStream.range(0, babySteps).toArray(), keys);
        @Nullable Ciphertext sum = null;
        try {
            sum = evaluator.multiplyPlainSum(rotated, diagonals.getLast());
            for (int giant = diagonals.size() - 2; giant >= 0; giant--) {
                checkpoint.run();
                try (Ciphertext previous = sum;
                        Ciphertext moved = evaluator.rotate(previous, babySteps, keys);
                        Ciphertext inner = evaluator.multiplyPlainSum(rotated, diagonals.get(giant))) {
                    sum = evaluator.add(inner, moved);
                }
            }
            return evaluator.rescale(sum);
        } finally {
            rotated.forEach(Ciphertext::close);
            if (sum != null) {
                sum.close();
            }
        }
    }

    @Override
    public void close() {
        diagonals.forEach(row -> row.forEach(Plaintext::close));
    }
}
