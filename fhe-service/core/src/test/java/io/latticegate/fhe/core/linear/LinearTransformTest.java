package io.latticegate.fhe.core.linear;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.evaluate.Party;
import io.latticegate.fhe.core.key.GaloisElements;
import io.latticegate.fhe.core.key.GaloisKeys;
import io.latticegate.fhe.core.preset.Preset;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LinearTransformTest {
    private static final long SEED = 20260107;

    @ParameterizedTest
    @CsvSource({"S13, 2, 2, 2", "S13, 8, 8, 8", "S14, 32, 32, 32", "S14, 64, 10, 50"})
    void multipliesByTheMatrix(Preset preset, int dimension, int rows, int columns) {
        Party party = new Party(preset);
        Random random = new Random(SEED);
        double[][] matrix = new double[rows][];
        for (int row = 0; row < rows; row++) {
            matrix[row] = random.doubles(columns, -1, 1).toArray();
        }
        int top = party.parameters.topLevel();
        double[] x = random.doubles(columns, -1, 1).toArray();
        double[] tiled = new double[party.parameters.slots()];
        for (int i = 0; i < tiled.length; i++) {
            tiled[i] = i % dimension < columns ? x[i % dimension] : 0;
        }
        try (LinearTransform transform = new LinearTransform(party.parameters, party.encoder, matrix, dimension, top)) {
            GaloisKeys keys = party.galoisKeys(Arrays.stream(transform.steps())
                    .mapToObj(step -> GaloisElements.rotation(party.parameters.degree(), step))
                    .toList());
            Ciphertext result = transform.apply(party.evaluator, party.encrypt(tiled, top), keys);
            assertThat(result.level()).isEqualTo(top - 1);
            assertThat(result.scale()).isEqualTo(party.scale);
            double[] slots = party.decrypt(result).real();
            for (int i = 0; i < slots.length; i++) {
                double expected = 0;
                for (int column = 0; column < columns && i % dimension < rows; column++) {
                    expected += matrix[i % dimension][column] * x[column];
                }
                assertThat(Math.abs(slots[i] - expected)).as("slot %s", i).isLessThan(0x1p-18);
            }
        }
    }

    @Test
    void needsAsManyKeysAsTheRootOfTheDimension() {
        Party party = new Party(Preset.S13);
        double[][] zero = new double[0][];
        assertThat(new LinearTransform(party.parameters, party.encoder, zero, 16, 1).steps())
                .containsExactly(1, 2, 3, 4);
    }

    @Test
    void refusesWhatDoesNotFit() {
        Party party = new Party(Preset.S13);
        double[][] matrix = new double[3][5];
        for (int dimension : new int[] {0, 1, 3, 8192}) {
            assertThatThrownBy(() -> new LinearTransform(party.parameters, party.encoder, matrix, dimension, 1))
                    .hasMessageContaining("dimension " + dimension);
        }
        assertThatThrownBy(() -> new LinearTransform(party.parameters, party.encoder, matrix, 2, 1))
                .hasMessageContaining("3 rows");
        assertThatThrownBy(() -> new LinearTransform(party.parameters, party.encoder, matrix, 4, 1))
                .hasMessageContaining("5 columns");
        assertThatThrownBy(() -> new LinearTransform(party.parameters, party.encoder, matrix, 8, 0))
                .hasMessageContaining("takes one level");
        LinearTransform transform = new LinearTransform(party.parameters, party.encoder, matrix, 8, 1);
        GaloisKeys none = party.galoisKeys(List.of());
        Ciphertext x = party.encrypt(new double[] {1}, 1);
        assertThatThrownBy(() -> transform.apply(party.evaluator, x, none)).hasMessageContaining("no Galois key");
    }
}
