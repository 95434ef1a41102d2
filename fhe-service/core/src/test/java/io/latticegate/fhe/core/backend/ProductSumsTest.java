package io.latticegate.fhe.core.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.fhe.core.modular.Modulus;
import io.latticegate.fhe.core.modular.Primes;
import java.math.BigInteger;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sums of products against big integers, with the greatest residues and the most terms. */
final class ProductSumsTest {
    private static final int SUMS = 3;

    private final Random random = new Random(20261121);

    /** Columns of residues of one kind: all greatest, all least, alternating, or random. */
    private double[] residues(Modulus q, int length, int kind) {
        long half = q.value() / 2;
        double[] residues = new double[length];
        for (int i = 0; i < length; i++) {
            long residue = switch (kind) {
                case 0 -> half;
                case 1 -> -half;
                case 2 -> i % 2 == 0 ? half : -half;
                default -> random.nextLong(-half, half + 1);
            };
            residues[i] = (double) residue;
        }
        return residues;
    }

    @ParameterizedTest
    @ValueSource(ints = {48, 49, 50})
    void areExactUpToTheMostTerms(int bits) {
        Modulus q = Primes.chain(4096, List.of(bits)).getFirst();
        for (ProductSums sums : List.of(new ScalarProductSums(q), new VectorProductSums(q))) {
            for (int terms : new int[] {1, 2, 7, ProductSums.TERMS_MAX}) {
                for (int kind = 0; kind < 16; kind++) {
                    assertSums(sums, q, terms, kind / 4, kind % 4);
                }
            }
        }
    }

    private void assertSums(ProductSums sums, Modulus q, int terms, int factorKind, int pairKind) {
        double[] factors = residues(q, SUMS * terms * ProductSums.POINTS, factorKind);
        double[] pairs = residues(q, 2 * terms * ProductSums.POINTS, pairKind);
        int step = ProductSums.POINTS + 3;
        long[] sum = new long[1 + 2 * SUMS * step];
        sums.column(SUMS, terms, factors, pairs, 0, new long[SUMS * ProductSums.WORK], sum, 1, step);
        for (int i = 0; i < 2 * SUMS; i++) {
            for (int point = 0; point < ProductSums.POINTS; point++) {
                int pairPoint = point + i % 2 * ProductSums.POINTS;
                assertThat(sum[1 + i * step + point])
                        .isEqualTo(expected(q, terms, factors, i / 2, pairs, point, pairPoint));
            }
        }
    }

    private static long expected(
            Modulus q, int terms, double[] factors, int sum, double[] pairs, int point, int pairPoint) {
        BigInteger total = BigInteger.ZERO;
        for (int i = 0; i < terms; i++) {
            long factor = (long) factors[(sum * terms + i) * ProductSums.POINTS + point];
            long other = (long) pairs[2 * i * ProductSums.POINTS + pairPoint];
            total = total.add(BigInteger.valueOf(factor).multiply(BigInteger.valueOf(other)));
        }
        return total.mod(BigInteger.valueOf(q.value())).longValueExact();
    }

    @Test
    void centresResidues() {
        Modulus q = Primes.chain(4096, List.of(50)).getFirst();
        long half = q.value() / 2;
        long[] residues = {0, 1, half - 1, half, half + 1, half + 2, q.value() - 2, q.value() - 1};
        double[] expected = {0, 1, half - 1, half, -half, 1 - half, -2, -1};
        for (ProductSums sums : List.of(new ScalarProductSums(q), new VectorProductSums(q))) {
            double[] centred = new double[ProductSums.POINTS];
            sums.centre(residues, 0, centred, 0);
            assertThat(centred).containsExactly(expected);
        }
    }

    @Test
    void refusesPrimesForWhichTheBoundsDoNotHold() {
        for (int bits : new int[] {47, 51}) {
            Modulus q = Primes.chain(4096, List.of(bits)).getFirst();
            assertThatThrownBy(() -> new VectorProductSums(q))
                    .hasMessageContaining("allowed are primes of 48 to 50 bits");
            assertThatThrownBy(() -> new ScalarProductSums(q))
                    .hasMessageContaining("allowed are primes of 48 to 50 bits");
        }
    }
}
