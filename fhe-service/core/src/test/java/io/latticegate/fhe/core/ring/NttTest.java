package io.latticegate.fhe.core.ring;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.fhe.core.backend.CpuScalar;
import io.latticegate.fhe.core.backend.CpuVector;
import io.latticegate.fhe.core.modular.Modulus;
import io.latticegate.fhe.core.modular.Primes;
import io.latticegate.fhe.core.ring.Domain.Coeff;
import io.latticegate.fhe.core.ring.Domain.Eval;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class NttTest {
    private static final long SEED = 20260102;

    static Stream<RnsBackend> backends() {
        return Stream.of(new CpuScalar(), new CpuVector());
    }

    private static Ring ring(int degree) {
        List<Modulus> primes = Primes.chain(degree, List.of(50, 40, 30, 25, 51, 60));
        return new Ring(degree, primes.subList(0, 5), primes.subList(5, 6), 1);
    }

    private static long[] random(RnsBase base, Random random) {
        long[] residues = new long[base.words()];
        int degree = base.ring().degree();
        for (int i = 0; i < residues.length; i++) {
            residues[i] = random.nextLong(base.modulus(i / degree).value());
        }
        return residues;
    }

    private static long[] download(RnsBackend backend, Poly<?> poly) {
        long[] residues = new long[poly.base().words()];
        backend.download(poly, residues, 0);
        return residues;
    }

    @ParameterizedTest
    @MethodSource("backends")
    void inverseUndoesForward(RnsBackend backend) {
        Random random = new Random(SEED);
        for (int degree = 1024; degree <= 32768; degree *= 2) {
            RnsBase base = ring(degree).extended(4);
            long[] residues = random(base, random);
            Poly<Coeff> coefficients = backend.upload(base, residues, 0);
            Poly<Eval> values = backend.allocate(base);
            backend.toEval(coefficients, values);
            Poly<Coeff> back = backend.allocate(base);
            backend.toCoeff(values, back);
            assertThat(download(backend, back)).as("N = %s", degree).isEqualTo(residues);
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void valuesStandInBitReversedOrderOfOddPowersOfTheLeastRoot(RnsBackend backend) {
        Random random = new Random(SEED);
        RnsBase base = ring(2048).extended(4);
        long[] residues = random(base, random);
        Poly<Eval> values = backend.allocate(base);
        backend.toEval(backend.upload(base, residues, 0), values);
        long[] transformed = download(backend, values);
        for (int limb = 0; limb < base.size(); limb++) {
            Modulus q = base.modulus(limb);
            for (int index : new int[] {0, 1, 2, 1023, 1024, 2046, 2047, random.nextInt(2048)}) {
                int reversed = Integer.reverse(index) >>> (32 - 11);
                long point = q.power(q.minimalRoot(4096), 2L * reversed + 1);
                long value = 0;
                for (int k = 2047; k >= 0; k--) {
                    value = q.add(q.multiply(value, point), residues[limb * 2048 + k]);
                }
                assertThat(transformed[limb * 2048 + index])
                        .as("%s at %s", q, index)
                        .isEqualTo(value);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void productOfValuesIsTheNegacyclicProduct(RnsBackend backend) {
        Random random = new Random(SEED);
        int degree = 1024;
        RnsBase base = ring(degree).data(4);
        long[] a = random(base, random);
        long[] b = random(base, random);
        Poly<Eval> product = backend.allocate(base);
        Poly<Eval> other = backend.allocate(base);
        backend.toEval(backend.upload(base, a, 0), product);
        backend.toEval(backend.upload(base, b, 0), other);
        backend.multiply(product, other, product);
        Poly<Coeff> result = backend.allocate(base);
        backend.toCoeff(product, result);
        assertThat(download(backend, result)).isEqualTo(schoolbook(base, a, b));
    }

    private static long[] schoolbook(RnsBase base, long[] a, long[] b) {
        int degree = base.ring().degree();
        long[] product = new long[base.words()];
        for (int limb = 0; limb < base.size(); limb++) {
            Modulus q = base.modulus(limb);
            int at = limb * degree;
            for (int i = 0; i < degree; i++) {
                for (int j = 0; j < degree; j++) {
                    long term = q.multiply(a[at + i], b[at + j]);
                    int k = (i + j) % degree;
                    product[at + k] = i + j < degree ? q.add(product[at + k], term) : q.subtract(product[at + k], term);
                }
            }
        }
        return product;
    }

    @ParameterizedTest
    @MethodSource("backends")
    void automorphismOfValuesIsThatOfCoefficients(RnsBackend backend) {
        Random random = new Random(SEED);
        int degree = 1024;
        RnsBase base = ring(degree).data(2);
        long[] a = random(base, random);
        for (int element : new int[] {1, 3, 9, 2047, 1025, 2 * random.nextInt(1024) + 1}) {
            long[] expected = new long[a.length];
            for (int limb = 0; limb < base.size(); limb++) {
                for (int k = 0; k < degree; k++) {
                    int power = (int) ((long) k * element % (2L * degree));
                    long coefficient = a[limb * degree + k];
                    expected[limb * degree + power % degree] =
                            power < degree ? coefficient : base.modulus(limb).negate(coefficient);
                }
            }
            Poly<Eval> values = backend.allocate(base);
            backend.toEval(backend.upload(base, a, 0), values);
            Poly<Eval> moved = backend.allocate(base);
            backend.automorphism(values, element, moved);
            Poly<Coeff> result = backend.allocate(base);
            backend.toCoeff(moved, result);
            assertThat(download(backend, result)).as("element %s", element).isEqualTo(expected);
        }
    }
}
