package io.latticegate.e2e.fhe;

import io.latticegate.fhe.core.head.Activation;
import io.latticegate.fhe.core.head.HeadModel;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** A network of two layers with random weights, as an owner has it and as an owner sends it. */
final class HeadSample {
    private final HeadModel model;
    private final JsonObject json;

    /** @param bias of the first score */
    HeadSample(long seed, double bias, int input, int hidden, int outputs) {
        Random random = new Random(seed);
        double[][] first = rows(random, hidden, input);
        double[][] second = rows(random, outputs, hidden);
        double[] hiddenBias = row(random, hidden);
        double[] outputBias = row(random, outputs);
        outputBias[0] = bias;
        this.model = HeadModel.of(
                input,
                List.of(
                        new HeadModel.Layer(first, hiddenBias, new Activation.Square()),
                        new HeadModel.Layer(second, outputBias, new Activation.None())));
        JsonArray labels = new JsonArray();
        for (int i = 0; i < outputs; i++) {
            labels.add("label " + i);
        }
        this.json = new JsonObject()
                .put("input", input)
                .put(
                        "layers",
                        new JsonArray()
                                .add(layer(first, hiddenBias).put("activation", "square"))
                                .add(layer(second, outputBias)))
                .put("labels", labels);
    }

    private static double[][] rows(Random random, int rows, int columns) {
        double[][] matrix = new double[rows][];
        for (int i = 0; i < rows; i++) {
            matrix[i] = row(random, columns);
        }
        return matrix;
    }

    private static double[] row(Random random, int columns) {
        double size = 1 / Math.sqrt(columns);
        return random.doubles(columns, -size, size).toArray();
    }

    private static JsonObject layer(double[][] weights, double[] bias) {
        List<JsonArray> rows = new ArrayList<>();
        for (double[] row : weights) {
            rows.add(array(row));
        }
        return new JsonObject().put("weights", new JsonArray(rows)).put("bias", array(bias));
    }

    private static JsonArray array(double[] numbers) {
        return new JsonArray(Arrays.stream(numbers).boxed().toList());
    }

    HeadModel model() {
        return model;
    }

    /** A copy. */
    JsonObject json() {
        return json.copy();
    }

    /** A vector of length 1. */
    static double[] unit(Random random, int length) {
        double[] vector = random.doubles(length, -1, 1).toArray();
        double norm =
                Math.sqrt(Arrays.stream(vector).map(value -> value * value).sum());
        return Arrays.stream(vector).map(value -> value / norm).toArray();
    }
}
