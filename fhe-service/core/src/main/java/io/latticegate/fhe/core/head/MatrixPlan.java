package io.latticegate.fhe.core.head;

/**
 * How a layer's matrix is laid over the slots.
 *
 * <p><i>Folded</i>: with m and n the powers of two that hold rows and columns, slot j works for row j mod m. The products of
 * {@code diagonals} rotations with diagonals bring min(m, n) / turns of the row's terms into each slot, and rotating by m,
 * 2m, 4m … and adding brings all terms of a row into all its slots. The result has period m.
 *
 * <p><i>Whole</i>: all n diagonals, zero outside of the first slots, and nothing to fold: other slots stay zero.
 *
 * @param packing that of the layer's input
 * @param rows m
 * @param folds how often a rotation is added
 * @param masked a product with ones in the first slots follows, one level lower, and leaves other slots zero
 * @param whole whether diagonals are zero outside of the first slots
 */
record MatrixPlan(
        HeadModel.Layer layer,
        InputPacking packing,
        int rows,
        int diagonals,
        int folds,
        boolean masked,
        boolean whole) {
    static MatrixPlan folded(HeadModel.Layer layer, InputPacking packing, boolean masked) {
        int rows = InputPacking.powerOfTwo(layer.outputs());
        int diagonals = Math.min(packing.period(), rows) / packing.turns();
        int folds = Integer.numberOfTrailingZeros(Math.max(1, packing.block() * packing.turns() / rows));
        return new MatrixPlan(layer, packing, rows, diagonals, folds, masked, false);
    }

    static MatrixPlan whole(HeadModel.Layer layer, InputPacking packing) {
        int rows = InputPacking.powerOfTwo(layer.outputs());
        return new MatrixPlan(layer, packing, rows, packing.period(), 0, false, true);
    }

    /** The factor of a diagonal at a slot. */
    double factor(int diagonal, int slot) {
        int row = whole ? slot : slot & (rows - 1);
        int column = packing.column((slot + diagonal) & (packing.slots() - 1));
        return row < layer.outputs() && column < packing.input() ? layer.weights()[row][column] : 0;
    }

    /** No slot sums up more: the greatest sum of magnitudes over the diagonals. */
    double slotSum() {
        double greatest = 0;
        for (int slot = 0; slot < packing.slots(); slot++) {
            double sum = 0;
            for (int diagonal = 0; diagonal < diagonals; diagonal++) {
                sum += Math.abs(factor(diagonal, slot));
            }
            greatest = Math.max(greatest, sum);
        }
        return greatest;
    }

    /** The levels of the layer. */
    int depth() {
        return 1 + (masked ? 1 : 0) + layer.activation().depth();
    }

    /** The number of baby steps that costs least at a level; where two cost the same, the fewer, which need fewer keys. */
    int babySteps(int level) {
        int best = 1;
        for (int steps = 2; steps <= diagonals; steps *= 2) {
            if (rotations(steps, level) < rotations(best, level)) {
                best = steps;
            }
        }
        return best;
    }

    private double rotations(int babySteps, int level) {
        double hoisted = babySteps == 1
                ? 0
                : OperationCost.decompose(level) + (babySteps - 1) * OperationCost.switchDigits(level);
        return hoisted + (diagonals / babySteps - 1) * OperationCost.rotate(level);
    }

    /** What the layer costs from a level on, but for the activation. */
    double cost(int level) {
        return rotations(babySteps(level), level)
                + diagonals * OperationCost.multiplyPlain(level)
                + folds * OperationCost.rotate(level - 1)
                + (masked ? OperationCost.multiplyPlain(level - 1) : 0);
    }

    /** Bytes of its diagonals at a level. */
    long bytes(int level) {
        return 2L * packing.slots() * (level + 1) * Long.BYTES * diagonals;
    }
}
