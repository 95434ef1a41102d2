package io.latticegate.bench.head;

import io.latticegate.fhe.core.client.head.HeadScores;
import io.latticegate.fhe.core.head.Activation;
import io.latticegate.fhe.core.head.HeadModel;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Trains scores = V·(W·x + b)² + c on cross entropy by gradient descent over all examples at once, with weight decay. The
 * seed is fixed: the same examples give the same model.
 */
public final class HeadTrainer {
    private static final long SEED = 20261121;
    private static final int EPOCHS = 300;
    private static final double RATE = 0.5;
    private static final double DECAY = 1e-3;
    private static final double FIRST_BIAS = 0.5;

    private final double[][] first;
    private final double[] firstBias;
    private final double[][] second;
    private final double[] secondBias;

    private HeadTrainer(int input, int hidden, int outputs) {
        Random random = new Random(SEED);
        this.first = random(random, hidden, input);
        this.firstBias = random.doubles(hidden, -FIRST_BIAS, FIRST_BIAS).toArray();
        this.second = random(random, outputs, hidden);
        this.secondBias = new double[outputs];
    }

    private static double[][] random(Random random, int rows, int columns) {
        double deviation = 1 / Math.sqrt(columns);
        double[][] matrix = new double[rows][columns];
        for (double[] row : matrix) {
            for (int i = 0; i < columns; i++) {
                row[i] = deviation * random.nextGaussian();
            }
        }
        return matrix;
    }

    /** A model of one hidden layer for these examples, with a score for each of {@code outputs} labels. */
    public static HeadModel train(List<Intents.Example> examples, int hidden, int outputs) {
        HeadTrainer trainer = new HeadTrainer(examples.getFirst().embedding().length, hidden, outputs);
        for (int epoch = 0; epoch < EPOCHS; epoch++) {
            trainer.descend(examples);
        }
        return trainer.model();
    }

    private HeadModel model() {
        return HeadModel.of(
                first[0].length,
                List.of(
                        new HeadModel.Layer(first, firstBias, new Activation.Square()),
                        new HeadModel.Layer(second, secondBias, new Activation.None())));
    }

    private void descend(List<Intents.Example> examples) {
        double[][] firstSlope = new double[first.length][first[0].length];
        double[] firstBiasSlope = new double[first.length];
        double[][] secondSlope = new double[second.length][first.length];
        double[] secondBiasSlope = new double[second.length];
        for (Intents.Example example : examples) {
            double[] x = example.embedding();
            double[] sums = sums(first, x, firstBias);
            double[] squares = IntStream.range(0, sums.length)
                    .mapToDouble(i -> sums[i] * sums[i])
                    .toArray();
            double[] surplus = new HeadScores(sums(second, squares, secondBias)).softmax();
            surplus[example.label()] -= 1;
            add(surplus, squares, secondSlope, secondBiasSlope);
            double[] back = new double[sums.length];
            for (int i = 0; i < back.length; i++) {
                for (int k = 0; k < surplus.length; k++) {
                    back[i] += surplus[k] * second[k][i];
                }
                back[i] *= 2 * sums[i];
            }
            add(back, x, firstSlope, firstBiasSlope);
        }
        step(first, firstSlope, firstBias, firstBiasSlope, examples.size());
        step(second, secondSlope, secondBias, secondBiasSlope, examples.size());
    }

    private static double[] sums(double[][] weights, double[] x, double[] bias) {
        double[] sums = bias.clone();
        for (int row = 0; row < sums.length; row++) {
            for (int column = 0; column < x.length; column++) {
                sums[row] += weights[row][column] * x[column];
            }
        }
        return sums;
    }

    private static void add(double[] surplus, double[] x, double[][] slope, double[] biasSlope) {
        for (int row = 0; row < surplus.length; row++) {
            biasSlope[row] += surplus[row];
            for (int column = 0; column < x.length; column++) {
                slope[row][column] += surplus[row] * x[column];
            }
        }
    }

    private static void step(double[][] weights, double[][] slope, double[] bias, double[] biasSlope, int examples) {
        for (int row = 0; row < bias.length; row++) {
            bias[row] -= RATE * biasSlope[row] / examples;
            for (int column = 0; column < weights[row].length; column++) {
                weights[row][column] -= RATE * (slope[row][column] / examples + DECAY * weights[row][column]);
            }
        }
    }
}
