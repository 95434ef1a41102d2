package io.latticegate.fhe.core.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.fhe.core.backend.CpuVector;
import io.latticegate.fhe.core.client.KeyGenerator;
import io.latticegate.fhe.core.client.MasterSeed;
import io.latticegate.fhe.core.client.SecretKey;
import io.latticegate.fhe.core.encode.Encoder;
import io.latticegate.fhe.core.key.SeededSwitchingKey;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.wire.Compression;
import io.latticegate.fhe.core.wire.SealObjects;
import io.latticegate.fhe.core.wire.SealWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HeadCompilerTest {
    private static final Activation NONE = new Activation.None();
    private static final Activation SQUARE = new Activation.Square();
    private static final CkksParameters PARAMETERS = Preset.S14.parameters();
    private static final CpuVector BACKEND = new CpuVector();
    private static final HeadCompiler COMPILER =
            new HeadCompiler(PARAMETERS, Preset.S14.scale(), new Encoder(PARAMETERS, BACKEND));

    private static HeadModel.Layer layer(int rows, int columns, double weight, Activation activation) {
        double[][] weights = new double[rows][columns];
        for (double[] row : weights) {
            Arrays.fill(row, weight);
        }
        return new HeadModel.Layer(weights, new double[rows], activation);
    }

    private static void refused(String message, int input, HeadModel.Layer... layers) {
        assertThatThrownBy(() -> COMPILER.compile(HeadModel.of(input, List.of(layers))))
                .isInstanceOf(HeadRefusedException.class)
                .hasMessageContaining(message);
    }

    @Test
    void refusesMoreLevelsThanThereAre() {
        Activation cubic = new Activation.Polynomial(new double[] {0, 1, 0, 1});
        refused(
                "the layers take 6 levels; allowed are the 5 of S14",
                4,
                layer(4, 4, 0.1, cubic),
                layer(2, 4, 0.1, cubic));
    }

    /** No room at any level, or only at a level that leaves too few for the layers. */
    @Test
    void refusesTooGreatValuesAndNamesTheLayer() {
        refused("layers[0]: ", 4, layer(4, 4, 1e300, NONE));
        refused("layers[1]: values up to", 4, layer(4, 4, 1, SQUARE), layer(2, 4, 1e60, NONE));
        refused("layers[2]: values up to", 4, layer(4, 4, 1, SQUARE), layer(4, 4, 1, SQUARE), layer(2, 4, 1, NONE));
    }

    @Test
    void entersAtAHigherLevelWhereScoresNeedMoreRoom() {
        try (CompiledHead small = COMPILER.compile(HeadModel.of(4, List.of(layer(4, 4, 100, NONE))));
                CompiledHead great = COMPILER.compile(HeadModel.of(4, List.of(layer(4, 4, 1000, NONE))))) {
            assertThat(small.outputLevel()).isZero();
            assertThat(great.outputLevel()).isEqualTo(1);
            assertThat(great.inputLevel()).isEqualTo(small.inputLevel() + 1);
        }
    }

    /** Zero weights and full ones give the same steps, so that the time tells nothing about them. */
    @Test
    void plansTheSameForSparseAndFullMatrices() {
        double[][] sparse = new double[16][64];
        sparse[3][5] = 0.5;
        HeadModel thin =
                HeadModel.of(64, List.of(new HeadModel.Layer(sparse, new double[16], SQUARE), layer(2, 16, 0.1, NONE)));
        HeadModel full = HeadModel.of(64, List.of(layer(16, 64, 0.05, SQUARE), layer(2, 16, 0.1, NONE)));
        try (CompiledHead one = COMPILER.compile(thin);
                CompiledHead other = COMPILER.compile(full)) {
            assertThat(one.elements()).isEqualTo(other.elements());
            assertThat(one.inputLevel()).isEqualTo(other.inputLevel());
            assertThat(one.weightBytes()).isEqualTo(other.weightBytes());
            assertThat(one.packing()).isEqualTo(other.packing());
        }
    }

    @Test
    void saysWhatKeysItNeedsInBytesOfTheirContainers() throws IOException {
        KeyGenerator generator = new KeyGenerator(PARAMETERS, BACKEND, MasterSeed.generate(new SecureRandom()), 0);
        SealObjects objects = new SealObjects(PARAMETERS, BACKEND);
        SecretKey secret = generator.secretKey();
        try (CompiledHead head = COMPILER.compile(HeadModel.of(3, List.of(layer(2, 3, 0.5, SQUARE))))) {
            KeyElements keys = head.keyElements();
            assertThat(keys.galois()).isEqualTo(head.elements()).hasSize(2);
            assertThat(keys.relinearisation()).isTrue();
            Map<Integer, SeededSwitchingKey> galois = new HashMap<>();
            keys.galois().forEach(element -> galois.put(element, generator.galoisKey(secret, element)));
            ByteArrayOutputStream written = new ByteArrayOutputStream();
            SealWriter.write(objects.galoisContainer(galois), written, Compression.NONE);
            assertThat(keys.galoisBytes()).isEqualTo(written.size());
            written.reset();
            SealWriter.write(
                    objects.relinearisationContainer(generator.relinearisationKey(secret)), written, Compression.NONE);
            assertThat(keys.relinearisationBytes()).isEqualTo(written.size());
        }
    }

    @Test
    void needsNoRelinearisationKeyForALinearModel() {
        try (CompiledHead head = COMPILER.compile(HeadModel.of(3, List.of(layer(2, 3, 0.5, NONE))))) {
            assertThat(head.keyElements().relinearisation()).isFalse();
            assertThat(head.keyElements().relinearisationBytes()).isZero();
        }
    }

    /** Every weight of a matrix of any shape is met once by the number that it belongs to. */
    @ParameterizedTest
    @CsvSource({"1, 1", "1, 9", "3, 512", "384, 64", "384, 3", "1000, 512", "1024, 1", "64, 64", "500, 7"})
    void foldsEachWeightIntoEachSlotOfItsRowOnce(int columns, int rows) {
        HeadModel.Layer layer = layer(rows, columns, 1, NONE);
        int slots = PARAMETERS.slots();
        for (InputPacking packing :
                List.of(InputPacking.shifted(slots, columns, rows), InputPacking.periodic(slots, columns))) {
            MatrixPlan plan = MatrixPlan.folded(layer, packing, false);
            for (int slot = 0; slot < slots; slot += slots / 64 + 1) {
                int[] met = new int[columns];
                int row = slot % plan.rows();
                for (int fold = 0; fold < 1 << plan.folds(); fold++) {
                    int from = (slot + fold * plan.rows()) % slots;
                    for (int diagonal = 0; diagonal < plan.diagonals(); diagonal++) {
                        if (plan.factor(diagonal, from) != 0) {
                            met[packing.column((from + diagonal) % slots)]++;
                        }
                    }
                }
                int expected = row < rows ? 1 : 0;
                assertThat(met).as("slot %s", slot).containsOnly(expected);
            }
        }
    }

    @Test
    void laysEachVectorOutAsThePackingSays() {
        InputPacking packing = InputPacking.shifted(64, 6, 2);
        assertThat(packing).isEqualTo(new InputPacking(64, 6, 8, 8, 1, 2));
        double[] vector = {1, 2, 3, 4, 5, 6};
        double[] slots = packing.pack(vector);
        assertThat(Arrays.copyOf(slots, 24))
                .containsExactly(1, 2, 3, 4, 5, 6, 0, 0, 2, 3, 4, 5, 6, 0, 0, 1, 1, 2, 3, 4, 5, 6, 0, 0);
        assertThatThrownBy(() -> packing.pack(new double[7])).hasMessageContaining("has 7 numbers; allowed are 6");
    }

    @Test
    void refusesPackingsThatNoHeadHas() {
        int[][] bad = {
            {63, 6, 8, 8, 1, 1},
            {64, 9, 8, 8, 1, 1},
            {64, 0, 8, 8, 1, 1},
            {64, 6, 128, 128, 1, 1},
            {64, 6, 8, 4, 1, 1},
            {64, 6, 8, 8, 0, 1},
            {64, 6, 8, 8, 16, 1},
            {64, 6, 8, 8, 1, 16},
            {1 << 30, 6, 8, 8, 1, 1},
            {64, 6, 8, 8, 1, 0}
        };
        for (int[] numbers : bad) {
            assertThatThrownBy(() ->
                            new InputPacking(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]))
                    .as(IntStream.of(numbers).boxed().toList().toString())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("allowed are");
        }
    }
}
