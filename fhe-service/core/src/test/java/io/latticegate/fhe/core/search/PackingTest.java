package io.latticegate.fhe.core.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The negacyclic product holds inner products where {@link Packing} says so. */
final class PackingTest {
    @ParameterizedTest
    @CsvSource({"64, 16, 4", "64, 16, 1", "64, 16, 64", "64, 13, 4", "64, 13, 16", "64, 1, 1", "64, 200, 32"})
    void innerProductsStandAtPositions(int degree, int dimension, int span) {
        Packing packing = new Packing(degree, dimension, span);
        Random random = new Random(span);
        int rows = packing.rowsPerBlock();
        long[] query = random.longs(dimension, -1000, 1000).toArray();
        long[][] vectors = new long[rows][];
        for (int row = 0; row < rows; row++) {
            vectors[row] = random.longs(dimension, -1000, 1000).toArray();
        }
        long[] sum = new long[degree];
        for (int piece = 0; piece < packing.pieces(); piece++) {
            long[] first = new long[degree];
            long[] second = new long[degree];
            for (int k = 0; k < span && piece * span + k < dimension; k++) {
                first[k] = query[piece * span + k];
                for (int row = 0; row < rows; row++) {
                    second[packing.rowExponent(row, k)] = vectors[row][piece * span + k];
                }
            }
            addNegacyclicProduct(first, second, sum);
        }
        for (int row = 0; row < rows; row++) {
            long expected = 0;
            for (int k = 0; k < dimension; k++) {
                expected += query[k] * vectors[row][k];
            }
            assertThat(sum[packing.position(row)]).isEqualTo(expected);
        }
    }

    private static void addNegacyclicProduct(long[] a, long[] b, long[] to) {
        int degree = to.length;
        for (int i = 0; i < degree; i++) {
            for (int j = 0; j < degree; j++) {
                to[(i + j) % degree] += i + j < degree ? a[i] * b[j] : -a[i] * b[j];
            }
        }
    }

    @Test
    void choosesWhatIsLeastToTransfer() {
        Packing packing = Packing.of(4096, 100_000, 384);
        assertThat(packing.span()).isEqualTo(4);
        assertThat(packing.pieces()).isEqualTo(96);
        assertThat(packing.blocks(100_000)).isEqualTo(98);
        assertThat(packing.rowsIn(97, 100_000)).isEqualTo(672);
        assertThat(packing.layout()).isEqualTo("coefficients/4");
        assertThat(Packing.of(4096, 1, 384).pieces()).isEqualTo(1);
        assertThat(Packing.of(4096, 10_000_000, 4096).pieces()).isLessThanOrEqualTo(2048);
    }

    @Test
    void errorsOfTheUsualShapeAreThoseOfSinglePrecision() {
        Packing packing = Packing.of(4096, 100_000, 384);
        assertThat(packing.errorDeviation()).isBetween(3e-7, 6e-7);
        assertThat(packing.errorMax()).isBetween(1e-3, 2e-3);
    }

    @ParameterizedTest
    @CsvSource({"63, 16, 4", "64, 0, 4", "64, 4097, 4", "64, 16, 3", "64, 16, 0", "64, 16, 128", "4096, 4096, 1"})
    void refusesShapes(int degree, int dimension, int span) {
        assertThatThrownBy(() -> new Packing(degree, dimension, span))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("allowed");
    }
}
