package io.latticegate.fhe.core.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.evaluate.Party;
import io.latticegate.fhe.core.key.GaloisElements;
import io.latticegate.fhe.core.key.SwitchingKey;
import io.latticegate.fhe.core.linear.LinearTransform;
import io.latticegate.fhe.core.preset.Preset;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CircuitTest {
    private static final long SEED = 20260108;
    private static Party party;
    private static SwitchingKey relinearisation;

    @BeforeAll
    static void generate() {
        party = new Party(Preset.S14);
        relinearisation = party.relinearisationKey();
    }

    private static Planner planner() {
        return new Planner(party.parameters, party.encoder);
    }

    private static double[] run(Circuit circuit, double[]... inputs) {
        List<Ciphertext> encrypted = java.util.Arrays.stream(inputs)
                .map(input -> party.encrypt(input, party.parameters.topLevel()))
                .toList();
        Ciphertext result =
                circuit.run(party.evaluator, encrypted, relinearisation, party.galoisKeys(circuit.elements()));
        assertThat(result.level()).isEqualTo(circuit.outputLevel());
        assertThat(result.scale()).isEqualTo(circuit.outputScale());
        return party.decrypt(result).real();
    }

    private static double[] vector(Random random) {
        return random.doubles(party.parameters.slots(), -1, 1).toArray();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 15})
    void evaluatesPolynomialsAtTheLeastDepthAndTheScaleThatWasAsked(int degree) {
        Random random = new Random(SEED + degree);
        double[] coefficients = random.doubles(degree + 1, -1, 1).toArray();
        Planner planner = planner();
        Wire x = planner.input(5, party.scale, 1);
        Wire y = planner.polynomial(x, coefficients, party.scale);
        int depth = 32 - Integer.numberOfLeadingZeros(degree);
        assertThat(y.level()).isEqualTo(5 - depth);
        double[] v = vector(random);
        double[] result;
        double bound;
        try (Circuit circuit = planner.build(y)) {
            bound = circuit.outputError();
            assertThat(circuit.outputScale()).isEqualTo(party.scale);
            assertThat(circuit.multiplies()).isEqualTo(degree > 1);
            result = run(circuit, v);
        }
        for (int i = 0; i < v.length; i++) {
            double expected = 0;
            for (int k = degree; k >= 0; k--) {
                expected = expected * v[i] + coefficients[k];
            }
            assertThat(Math.abs(result[i] - expected)).as("slot %s", i).isLessThan(Math.min(bound, 0x1p-16));
        }
    }

    @Test
    void joinsBranchesOfDifferentDepth() {
        Random random = new Random(SEED);
        double[] v = vector(random);
        double[] w = vector(random);
        double[] weights = vector(random);
        Planner planner = planner();
        Wire x = planner.input(5, party.scale, 1);
        Wire y = planner.input(5, party.scale, 1);
        Wire product = planner.multiply(x, y);
        Wire weighted = planner.multiplyPlain(planner.rotate(x, 5), weights, product.scale());
        Wire sum = planner.subtract(planner.add(product, weighted), planner.conjugate(weighted));
        Wire shifted = planner.addConstant(planner.addPlain(sum, weights), 0.25);
        double[] result;
        try (Circuit circuit = planner.build(planner.multiplyConstant(shifted, -0.5, party.scale))) {
            assertThat(circuit.inputs()).isEqualTo(2);
            assertThat(circuit.elements())
                    .containsExactlyInAnyOrder(
                            GaloisElements.rotation(party.parameters.degree(), 5),
                            GaloisElements.conjugation(party.parameters.degree()));
            result = run(circuit, v, w);
        }
        for (int i = 0; i < v.length; i++) {
            double expected = -0.5 * (v[i] * w[i] + weights[i] + 0.25);
            assertThat(Math.abs(result[i] - expected)).as("slot %s", i).isLessThan(0x1p-16);
        }
    }

    /** A small classification head: a matrix, a square, a matrix. */
    @Test
    void runsAHeadOfTwoLayers() {
        Random random = new Random(SEED);
        double[][] first = matrix(random);
        double[][] second = matrix(random);
        double[] x = random.doubles(16, -1, 1).toArray();
        Planner planner = planner();
        Wire input = planner.input(5, party.scale, 1);
        double[] tiled = new double[party.parameters.slots()];
        for (int i = 0; i < tiled.length; i++) {
            tiled[i] = x[i % 16];
        }
        try (LinearTransform one = new LinearTransform(party.parameters, party.encoder, first, 16, 5);
                LinearTransform two = new LinearTransform(party.parameters, party.encoder, second, 16, 3)) {
            Wire hidden = planner.transform(input, one, 4);
            Wire output = planner.transform(planner.multiply(hidden, hidden), two, 4);
            double[] result = run(planner.build(output), tiled);
            double[] expected = times(second, squares(times(first, x)));
            for (int i = 0; i < tiled.length; i++) {
                assertThat(Math.abs(result[i] - expected[i % 16]))
                        .as("slot %s", i)
                        .isLessThan(0x1p-14);
            }
        }
    }

    private static double[][] matrix(Random random) {
        double[][] matrix = new double[16][];
        for (int row = 0; row < 16; row++) {
            matrix[row] = random.doubles(16, -0.25, 0.25).toArray();
        }
        return matrix;
    }

    private static double[] times(double[][] matrix, double[] x) {
        double[] product = new double[matrix.length];
        for (int row = 0; row < matrix.length; row++) {
            for (int column = 0; column < x.length; column++) {
                product[row] += matrix[row][column] * x[column];
            }
        }
        return product;
    }

    private static double[] squares(double[] x) {
        return java.util.Arrays.stream(x).map(value -> value * value).toArray();
    }

    @Test
    void refusesAtBuildTimeWhatDoesNotFit() {
        Planner planner = planner();
        Wire x = planner.input(1, party.scale, 1);
        Wire y = planner.multiply(x, x);
        assertThatThrownBy(() -> planner.multiply(y, y)).hasMessageContaining("not so many left");
        assertThatThrownBy(() -> planner.multiplyConstant(y, 2, party.scale)).hasMessageContaining("takes 1 levels");
        assertThatThrownBy(() -> planner.add(x, y)).hasMessageContaining("a sum at level 1");
        assertThatThrownBy(() -> planner.multiply(x, y)).hasMessageContaining("levels 1 and 0");
        assertThatThrownBy(() -> planner.input(0, party.scale, 1000)).hasMessageContaining("level 0 of S14 has 49");
        assertThatThrownBy(() -> planner.multiplyConstant(x, 1e6, party.scale)).hasMessageContaining("bits");
        assertThatThrownBy(() -> planner.polynomial(x, new double[] {1, 2, 3}, party.scale))
                .hasMessageContaining("takes 2 levels");
        assertThatThrownBy(() -> planner.polynomial(x, new double[17], party.scale))
                .hasMessageContaining("1 to 15");
        assertThatThrownBy(() -> planner.lower(y, 1)).hasMessageContaining("only fall");
        assertThatThrownBy(() -> planner.input(0, party.scale, 0)).hasMessageContaining("positive");
        assertThatThrownBy(() -> planner().add(x, x)).hasMessageContaining("another circuit");
    }

    @Test
    void refusesInputsThatWereNotPlanned() {
        Planner planner = planner();
        Wire x = planner.input(4, party.scale, 1);
        Circuit circuit = planner.build(planner.multiply(x, x));
        var keys = party.galoisKeys(List.of());
        Ciphertext high = party.encrypt(new double[] {1}, 5);
        Ciphertext right = party.evaluator.modSwitch(high, 4);
        assertThatThrownBy(() -> circuit.run(party.evaluator, List.of(), relinearisation, keys))
                .hasMessageContaining("takes 1");
        assertThatThrownBy(() -> circuit.run(party.evaluator, List.of(high), relinearisation, keys))
                .hasMessageContaining("planned is level 4");
        assertThatThrownBy(() -> circuit.run(party.evaluator, List.of(right), null, keys))
                .hasMessageContaining("relinearisation key");
        Ciphertext scaled = new Ciphertext(party.parameters, party.scale / 2, right.parts());
        assertThatThrownBy(() -> circuit.run(party.evaluator, List.of(scaled), relinearisation, keys))
                .hasMessageContaining("planned is level 4");
        assertThat(party.decrypt(circuit.run(party.evaluator, List.of(right), relinearisation, keys))
                        .real()[0])
                .isBetween(1 - 0x1p-16, 1 + 0x1p-16);
    }
}
