package io.latticegate.fhe.core.head;

import java.util.List;

/**
 * A network of up to three layers, y = activation(W·x + b), on a vector of length at most 1. Numbers are checked when it is
 * made; whether it fits a parameter set is the {@link HeadCompiler}'s question.
 *
 * @param input numbers in the vector, 1 to {@value #INPUT_MAX}
 */
public record HeadModel(int input, List<Layer> layers) {
    public static final int INPUT_MAX = 1024;
    public static final int WIDTH_MAX = 512;
    public static final int LAYERS_MAX = 3;
    public static final int DEGREE_MAX = 7;
    /** The greatest Euclidean length of a vector: 1, and some rounding of its numbers. */
    public static final double NORM_MAX = 1.001;
    /** A layer whose weights are all smaller, or a polynomial whose leading coefficient is, would encode to nothing. */
    private static final double MAGNITUDE_MIN = 0x1p-24;

    /**
     * One layer.
     *
     * @param weights W by rows, one for each output, all of the same length; not to be changed
     * @param bias b, one for each row; not to be changed
     */
    public record Layer(double[][] weights, double[] bias, Activation activation) {
        public Layer {
            double[][] copy = new double[weights.length][];
            for (int row = 0; row < weights.length; row++) {
                copy[row] = weights[row].clone();
            }
            weights = copy;
            bias = bias.clone();
        }

        /** The number of rows. */
        public int outputs() {
            return weights.length;
        }
    }

    /**
     * A checked model.
     *
     * @throws IllegalArgumentException for sizes out of range, rows of other lengths than the layer's input, a number that is
     *     not finite, or a layer that is zero; names the place as in {@code layers[1].weights[3][17]}
     */
    public static HeadModel of(int input, List<Layer> layers) {
        return new HeadModel(input, layers);
    }

    public HeadModel {
        layers = List.copyOf(layers);
        requireSize("input", input, INPUT_MAX);
        requireSize("the number of layers", layers.size(), LAYERS_MAX);
        int width = input;
        for (int i = 0; i < layers.size(); i++) {
            require("layers[" + i + "]", layers.get(i), width);
            width = layers.get(i).outputs();
        }
    }

    /** The number of scores. */
    public int outputs() {
        return layers.getLast().outputs();
    }

    /** The levels that its matrices and activations take. */
    public int depth() {
        return layers.stream().mapToInt(layer -> 1 + layer.activation().depth()).sum();
    }

    /** The scores of a vector, computed in the clear. */
    public double[] scores(double[] vector) {
        requireLength("the vector", vector.length, input);
        double[] x = vector;
        for (Layer layer : layers) {
            double[] y = new double[layer.outputs()];
            for (int row = 0; row < y.length; row++) {
                double sum = layer.bias()[row];
                double[] weights = layer.weights()[row];
                for (int column = 0; column < weights.length; column++) {
                    sum += weights[column] * x[column];
                }
                y[row] = layer.activation().of(sum);
            }
            x = y;
        }
        return x;
    }

    private static void require(String where, Layer layer, int width) {
        requireSize(where + ".weights: the number of rows", layer.outputs(), WIDTH_MAX);
        requireLength(where + ".bias", layer.bias().length, layer.outputs());
        double greatest = 0;
        for (int row = 0; row < layer.outputs(); row++) {
            double[] weights = layer.weights()[row];
            requireLength(where + ".weights[" + row + "]", weights.length, width);
            greatest = Math.max(greatest, requireFinite(where + ".weights[" + row + "]", weights));
        }
        requireVisible(where + ".weights: the greatest magnitude", greatest);
        requireFinite(where + ".bias", layer.bias());
        if (layer.activation() instanceof Activation.Polynomial(double[] coefficients)) {
            requireSize(where + ".coefficients: the degree", coefficients.length - 1, DEGREE_MAX);
            requireFinite(where + ".coefficients", coefficients);
            requireVisible(
                    where + ".coefficients: the magnitude of the last one",
                    Math.abs(coefficients[coefficients.length - 1]));
        }
    }

    private static void requireSize(String what, int size, int greatest) {
        if (size < 1 || size > greatest) {
            throw new IllegalArgumentException(what + " is " + size + "; allowed are 1 to " + greatest);
        }
    }

    private static void requireLength(String what, int length, int expected) {
        if (length != expected) {
            throw new IllegalArgumentException(what + " has " + length + " numbers; allowed are " + expected);
        }
    }

    /** The greatest magnitude. */
    private static double requireFinite(String what, double[] numbers) {
        double greatest = 0;
        for (int i = 0; i < numbers.length; i++) {
            if (!Double.isFinite(numbers[i])) {
                throw new IllegalArgumentException(
                        what + "[" + i + "] is " + numbers[i] + "; allowed are finite numbers");
            }
            greatest = Math.max(greatest, Math.abs(numbers[i]));
        }
        return greatest;
    }

    private static void requireVisible(String what, double magnitude) {
        if (magnitude < MAGNITUDE_MIN) {
            throw new IllegalArgumentException(
                    what + " is " + magnitude + "; allowed is " + MAGNITUDE_MIN + " or more");
        }
    }
}
