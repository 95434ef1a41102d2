package io.latticegate.fhe.core.head;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How great numbers can become, layer by layer, for vectors of length at most {@link HeadModel#NORM_MAX}.
 *
 * @param sum no partial or whole sum of a row, without its bias, has a greater magnitude
 * @param biased no sum with its bias has
 * @param activated nor has a result
 */
record HeadBounds(double sum, double biased, double activated) {
    /** The first layer's rows by Cauchy and Schwarz, the others by the bounds of what they take. */
    static List<HeadBounds> of(HeadModel model) {
        List<HeadBounds> all = new ArrayList<>();
        double[] inputs = null;
        for (HeadModel.Layer layer : model.layers()) {
            double[] results = new double[layer.outputs()];
            double sum = 0;
            double biased = 0;
            for (int row = 0; row < results.length; row++) {
                double bound = inputs == null
                        ? HeadModel.NORM_MAX * norm(layer.weights()[row])
                        : magnitudes(layer.weights()[row], inputs);
                double withBias = bound + Math.abs(layer.bias()[row]);
                sum = Math.max(sum, bound);
                biased = Math.max(biased, withBias);
                results[row] = layer.activation().bound(withBias);
            }
            // Slots beyond the rows hold the activation of zero, which no row's bound is below.
            all.add(new HeadBounds(sum, biased, Arrays.stream(results).max().orElse(0)));
            inputs = results;
        }
        return all;
    }

    private static double norm(double[] row) {
        double squares = 0;
        for (double weight : row) {
            squares += weight * weight;
        }
        return Math.sqrt(squares);
    }

    private static double magnitudes(double[] row, double[] bounds) {
        double sum = 0;
        for (int column = 0; column < row.length; column++) {
            sum += Math.abs(row[column]) * bounds[column];
        }
        return sum;
    }
}
