package io.latticegate.fhe.core.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class HeadModelTest {
    private static final Activation NONE = new Activation.None();
    private static final Activation SQUARE = new Activation.Square();

    private static HeadModel.Layer layer(int rows, int columns, Activation activation) {
        double[][] weights = new double[rows][columns];
        for (double[] row : weights) {
            Arrays.fill(row, 0.5);
        }
        return new HeadModel.Layer(weights, new double[rows], activation);
    }

    private static void refused(String message, int input, HeadModel.Layer... layers) {
        assertThatThrownBy(() -> HeadModel.of(input, List.of(layers)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void takesTheGreatestSizes() {
        HeadModel model =
                HeadModel.of(1024, List.of(layer(512, 1024, SQUARE), layer(512, 512, SQUARE), layer(512, 512, NONE)));
        assertThat(model.outputs()).isEqualTo(512);
        assertThat(model.depth()).isEqualTo(5);
    }

    @Test
    void refusesSizesOutOfRange() {
        refused("input is 0; allowed are 1 to 1024", 0, layer(1, 1, NONE));
        refused("input is 1025; allowed are 1 to 1024", 1025, layer(1, 1025, NONE));
        refused("the number of layers is 0; allowed are 1 to 3", 4);
        refused(
                "the number of layers is 4",
                1,
                layer(1, 1, NONE),
                layer(1, 1, NONE),
                layer(1, 1, NONE),
                layer(1, 1, NONE));
        refused("layers[0].weights: the number of rows is 513; allowed are 1 to 512", 2, layer(513, 2, NONE));
        refused("layers[0].weights: the number of rows is 0", 2, layer(0, 2, NONE));
        refused("layers[1].weights[0] has 3 numbers; allowed are 4", 2, layer(4, 2, NONE), layer(1, 3, NONE));
        refused(
                "layers[0].bias has 1 numbers; allowed are 2",
                2,
                new HeadModel.Layer(new double[][] {{1, 1}, {1, 1}}, new double[1], NONE));
        refused(
                "layers[0].weights[1] has 1 numbers; allowed are 2",
                2,
                new HeadModel.Layer(new double[][] {{1, 1}, {1}}, new double[2], NONE));
    }

    @Test
    void refusesNumbersThatAreNotFinite() {
        for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            refused(
                    "layers[0].weights[1][0] is " + bad + "; allowed are finite numbers",
                    2,
                    new HeadModel.Layer(new double[][] {{1, 1}, {bad, 1}}, new double[2], NONE));
            refused(
                    "layers[1].bias[0] is " + bad,
                    1,
                    layer(1, 1, NONE),
                    new HeadModel.Layer(new double[][] {{1}}, new double[] {bad}, NONE));
            refused("layers[0].coefficients[1] is " + bad, 1, layer(1, 1, new Activation.Polynomial(new double[] {
                0, bad, 1
            })));
        }
    }

    @Test
    void refusesWhatIsNoPolynomialOfTheAllowedDegree() {
        refused("layers[0].coefficients: the degree is -1; allowed are 1 to 7", 1, layer(1, 1, polynomial()));
        refused("the degree is 0", 1, layer(1, 1, polynomial(1)));
        refused("the degree is 8", 1, layer(1, 1, new Activation.Polynomial(new double[9])));
        refused("the magnitude of the last one is 0.0", 1, layer(1, 1, polynomial(1, 1, 0)));
    }

    private static Activation polynomial(double... coefficients) {
        return new Activation.Polynomial(coefficients);
    }

    /** Their results would be constants, which a client's reader refuses as ciphertexts of nobody. */
    @Test
    void refusesLayersOfZeros() {
        refused(
                "layers[0].weights: the greatest magnitude is 0.0",
                3,
                new HeadModel.Layer(new double[2][3], new double[] {1, 1}, NONE));
        refused(
                "layers[1].weights: the greatest magnitude is 1.0E-9",
                1,
                layer(2, 1, NONE),
                new HeadModel.Layer(new double[][] {{1e-9, 0}}, new double[1], NONE));
    }

    @Test
    void keepsItsOwnNumbers() {
        double[][] weights = {{1, 2}};
        double[] bias = {3};
        HeadModel model = HeadModel.of(2, List.of(new HeadModel.Layer(weights, bias, polynomial(1, 0, 2))));
        weights[0][0] = Double.NaN;
        bias[0] = Double.NaN;
        assertThat(model.scores(new double[] {0.5, 0.25})).containsExactly(1 + 2 * 16.0);
        assertThatThrownBy(() -> model.scores(new double[3])).hasMessageContaining("the vector has 3 numbers");
    }

    @Test
    void boundsHoldForAllVectorsOfLengthOne() {
        double[] row = new double[16];
        Arrays.fill(row, -2);
        HeadModel model = HeadModel.of(
                16,
                List.of(
                        new HeadModel.Layer(new double[][] {row, new double[16]}, new double[] {-1, 0.25}, SQUARE),
                        new HeadModel.Layer(
                                new double[][] {{0.5, -3}}, new double[] {0.125}, polynomial(-1, 0, 0, -2))));
        double[] extreme = new double[16];
        Arrays.fill(extreme, 0.25);
        List<HeadBounds> bounds = HeadBounds.of(model);
        double first = 8 * HeadModel.NORM_MAX;
        assertThat(bounds.getFirst()).isEqualTo(new HeadBounds(first, first + 1, (first + 1) * (first + 1)));
        double second = 0.5 * (first + 1) * (first + 1) + 3 * 0.0625;
        assertThat(bounds.getLast().sum()).isEqualTo(second);
        assertThat(bounds.getLast().biased()).isEqualTo(second + 0.125);
        assertThat(bounds.getLast().activated()).isGreaterThan(Math.abs(model.scores(extreme)[0]));
    }
}
