package io.latticegate.fhe.core.ring;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.fhe.core.backend.CpuScalar;
import io.latticegate.fhe.core.modular.Modulus;
import io.latticegate.fhe.core.modular.Primes;
import io.latticegate.fhe.core.ring.Domain.Coeff;
import io.latticegate.fhe.core.ring.Domain.Eval;
import java.math.BigInteger;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Rescaling, division by the special primes and digits against integers of any length. */
final class ExactDivisionTest {
    private static final int DEGREE = 1024;

    private final RnsBackend backend = new CpuScalar();
    private final Random random = new Random(20260103);

    private static Ring ring(int special, int digitPrimes) {
        List<Modulus> primes = Primes.chain(DEGREE, List.of(50, 40, 40, 40, 45, 60, 60));
        return new Ring(DEGREE, primes.subList(0, 5), primes.subList(5, 5 + special), digitPrimes);
    }

    private static BigInteger product(RnsBase base) {
        BigInteger product = BigInteger.ONE;
        for (int i = 0; i < base.size(); i++) {
            product = product.multiply(BigInteger.valueOf(base.modulus(i).value()));
        }
        return product;
    }

    private BigInteger[] integers(BigInteger bound) {
        BigInteger[] integers = new BigInteger[DEGREE];
        for (int i = 0; i < DEGREE; i++) {
            integers[i] = new BigInteger(bound.bitLength() + 20, random).mod(bound);
        }
        integers[0] = BigInteger.ZERO;
        integers[1] = bound.subtract(BigInteger.ONE);
        return integers;
    }

    private Poly<Eval> values(RnsBase base, BigInteger[] integers) {
        long[] residues = new long[base.words()];
        for (int i = 0; i < base.size(); i++) {
            for (int k = 0; k < DEGREE; k++) {
                residues[i * DEGREE + k] = BaseConversion.residue(integers[k], base.modulus(i));
            }
        }
        Poly<Eval> values = backend.allocate(base);
        backend.toEval(backend.upload(base, residues, 0), values);
        return values;
    }

    private long[] coefficients(Poly<Eval> values) {
        Poly<Coeff> coefficients = backend.allocate(values.base());
        backend.toCoeff(values, coefficients);
        long[] residues = new long[values.base().words()];
        backend.download(coefficients, residues, 0);
        return residues;
    }

    @Test
    void rescalingIsTheRoundedQuotient() {
        Ring ring = ring(1, 1);
        for (int level = 1; level <= 4; level++) {
            RnsBase base = ring.data(level);
            BigInteger[] integers = integers(product(base));
            Poly<Eval> quotient = backend.allocate(ring.data(level - 1));
            backend.rescale(values(base, integers), quotient);
            BigInteger divisor = BigInteger.valueOf(base.modulus(level).value());
            assertQuotients(coefficients(quotient), quotient.base(), integers, divisor);
        }
    }

    private static void assertQuotients(long[] actual, RnsBase base, BigInteger[] integers, BigInteger divisor) {
        for (int i = 0; i < base.size(); i++) {
            for (int k = 0; k < DEGREE; k++) {
                BigInteger rounded = integers[k].add(divisor.shiftRight(1)).divide(divisor);
                assertThat(actual[i * DEGREE + k]).isEqualTo(BaseConversion.residue(rounded, base.modulus(i)));
            }
        }
    }

    @Test
    void divisionByOneSpecialPrimeIsTheRoundedQuotient() {
        Ring ring = ring(1, 1);
        RnsBase base = ring.extended(3);
        BigInteger[] integers = integers(product(base));
        Poly<Eval> quotient = backend.allocate(ring.data(3));
        backend.modDown(values(base, integers), quotient);
        BigInteger special = BigInteger.valueOf(base.modulus(4).value());
        assertQuotients(coefficients(quotient), quotient.base(), integers, special);
    }

    @Test
    void divisionByTwoSpecialPrimesIsAtMostOneBelowTheRoundedQuotient() {
        Ring ring = ring(2, 2);
        RnsBase base = ring.extended(4);
        BigInteger[] integers = integers(product(base));
        Poly<Eval> quotient = backend.allocate(ring.data(4));
        backend.modDown(values(base, integers), quotient);
        BigInteger special = BigInteger.valueOf(base.modulus(5).value())
                .multiply(BigInteger.valueOf(base.modulus(6).value()));
        long[] actual = coefficients(quotient);
        for (int k = 0; k < DEGREE; k++) {
            BigInteger rounded = integers[k].add(special.shiftRight(1)).divide(special);
            Modulus q = base.modulus(0);
            long below = q.subtract(BaseConversion.residue(rounded, q), actual[k]);
            assertThat(below).isBetween(0L, 1L);
            for (int i = 1; i <= 4; i++) {
                BigInteger same = rounded.subtract(BigInteger.valueOf(below));
                assertThat(actual[i * DEGREE + k]).isEqualTo(BaseConversion.residue(same, base.modulus(i)));
            }
        }
    }

    @Test
    void digitsAreTheIntegerModuloTheirPrimesAndSmall() {
        for (int digitPrimes = 1; digitPrimes <= 3; digitPrimes++) {
            Ring ring = ring(2, digitPrimes);
            for (int level = 0; level <= 4; level++) {
                RnsBase base = ring.data(level);
                BigInteger[] integers = integers(product(base));
                Poly<Eval> a = values(base, integers);
                Poly<Coeff> coefficients = backend.allocate(base);
                backend.toCoeff(a, coefficients);
                for (int j = 0; j < ring.digits(level).size(); j++) {
                    Poly<Eval> digit = backend.allocate(ring.extended(level));
                    backend.modUp(a, coefficients, j, digit);
                    assertDigit(
                            coefficients(digit),
                            digit.base(),
                            ring.digits(level).get(j),
                            integers);
                }
            }
        }
    }

    private static void assertDigit(long[] actual, RnsBase base, BaseConversion digit, BigInteger[] integers) {
        for (int k = 0; k < DEGREE; k++) {
            BigInteger own = integers[k].mod(digit.product());
            int at = k;
            BigInteger[] multiples = new BigInteger[digit.sourceCount()];
            for (int u = 0; u < multiples.length; u++) {
                multiples[u] = own.add(digit.product().multiply(BigInteger.valueOf(u)));
            }
            assertThat(multiples).anySatisfy(value -> {
                for (int i = 0; i < base.size(); i++) {
                    assertThat(actual[i * DEGREE + at]).isEqualTo(BaseConversion.residue(value, base.modulus(i)));
                }
            });
        }
    }
}
