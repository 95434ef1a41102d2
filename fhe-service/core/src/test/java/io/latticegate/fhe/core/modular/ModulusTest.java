package io.latticegate.fhe.core.modular;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ModulusTest {
    private static final long SEED = 20260101;

    private static List<Modulus> everyLength() {
        List<Modulus> moduli = new ArrayList<>();
        for (int bits = Modulus.MIN_BITS; bits <= Modulus.MAX_BITS; bits++) {
            moduli.addAll(Primes.chain(1024, List.of(bits)));
        }
        return moduli;
    }

    private static long mod(BigInteger value, Modulus q) {
        return value.mod(BigInteger.valueOf(q.value())).longValueExact();
    }

    private static BigInteger unsigned(long word) {
        return new BigInteger(Long.toUnsignedString(word));
    }

    private static List<Long> residues(Modulus q, Random random) {
        List<Long> residues = new ArrayList<>(List.of(0L, 1L, q.value() - 1, q.value() / 2, q.value() / 2 + 1));
        for (int i = 0; i < 40; i++) {
            residues.add(random.nextLong(q.value()));
        }
        return residues;
    }

    @Test
    void agreesWithIntegersForEveryLengthOfPrime() {
        Random random = new Random(SEED);
        for (Modulus q : everyLength()) {
            List<Long> residues = residues(q, random);
            for (long a : residues) {
                for (long b : residues) {
                    BigInteger x = BigInteger.valueOf(a);
                    BigInteger y = BigInteger.valueOf(b);
                    assertThat(q.add(a, b)).as("%s: %s + %s", q, a, b).isEqualTo(mod(x.add(y), q));
                    assertThat(q.subtract(a, b)).as("%s: %s - %s", q, a, b).isEqualTo(mod(x.subtract(y), q));
                    assertThat(q.multiply(a, b)).as("%s: %s * %s", q, a, b).isEqualTo(mod(x.multiply(y), q));
                    long lazy = q.multiplyLazy(a, b, q.quotient(b));
                    assertThat(lazy).isBetween(0L, 2 * q.value() - 1);
                    assertThat(q.fold(lazy)).isEqualTo(mod(x.multiply(y), q));
                }
                assertThat(q.negate(a)).isEqualTo(mod(BigInteger.valueOf(-a), q));
                if (a != 0) {
                    assertThat(q.multiply(a, q.inverse(a))).isEqualTo(1);
                }
            }
        }
    }

    @Test
    void reducesEveryWordAndPairOfWords() {
        Random random = new Random(SEED);
        for (Modulus q : everyLength()) {
            for (int i = 0; i < 300; i++) {
                long high = i == 0 ? -1 : random.nextLong() >>> random.nextInt(64);
                long low = i < 2 ? -1 : random.nextLong() >>> random.nextInt(64);
                assertThat(q.reduce(low)).isEqualTo(mod(unsigned(low), q));
                assertThat(q.reduceSigned(low)).isEqualTo(mod(BigInteger.valueOf(low), q));
                assertThat(q.reduce(high, low))
                        .as("%s: %s, %s", q, high, low)
                        .isEqualTo(mod(unsigned(high).shiftLeft(64).add(unsigned(low)), q));
            }
            assertThat(q.reduceSigned(Long.MIN_VALUE)).isEqualTo(mod(BigInteger.valueOf(Long.MIN_VALUE), q));
        }
    }

    @Test
    void findsTheLeastPrimitiveRoot() {
        Modulus q = Primes.chain(1024, List.of(20)).getFirst();
        long least = q.minimalRoot(2048);
        assertThat(q.power(least, 1024)).isEqualTo(q.value() - 1);
        for (long smaller = 2; smaller < least; smaller++) {
            assertThat(q.power(smaller, 1024)).isNotEqualTo(q.value() - 1);
        }
        assertThatThrownBy(() -> q.minimalRoot(1 << 19)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void choosesPrimesInTheOrderOfSeal() {
        List<Modulus> chain = Primes.chain(8192, List.of(60, 40, 40, 60));
        assertThat(chain.getLast().value()).isEqualTo((1L << 60) - 16383);
        assertThat(chain.get(0).value()).isLessThan(chain.get(3).value());
        assertThat(chain.get(1).value()).isLessThan(chain.get(2).value());
        for (Modulus q : chain) {
            assertThat(BigInteger.valueOf(q.value()).isProbablePrime(50)).isTrue();
            assertThat(q.value() % 16384).isEqualTo(1);
        }
        long between = chain.get(1).value();
        for (long candidate = (1L << 40) - 16383; candidate > between; candidate -= 16384) {
            assertThat(Primes.isPrime(candidate))
                    .isEqualTo(candidate == chain.get(2).value());
        }
    }

    @Test
    void refusesWhatIsNoModulus() {
        assertThatThrownBy(() -> new Modulus(1L << 40)).hasMessageContaining("not prime");
        assertThatThrownBy(() -> new Modulus(7)).hasMessageContaining("allowed are 20 to 60");
        assertThatThrownBy(() -> new Modulus(-1)).hasMessageContaining("allowed are 20 to 60");
        assertThatThrownBy(() -> Primes.chain(1 << 17, List.of(20, 20, 20))).hasMessageContaining("only");
        assertThatThrownBy(() -> Primes.chain(1024, List.of(61))).hasMessageContaining("61 bits");
    }

    @Test
    void knowsPrimes() {
        for (long n = 0; n < 3000; n++) {
            assertThat(Primes.isPrime(n)).isEqualTo(BigInteger.valueOf(n).isProbablePrime(40));
        }
        assertThat(Primes.isPrime(3215031751L)).isFalse();
        assertThat(Primes.isPrime(341550071728321L)).isFalse();
        assertThat(Primes.isPrime(2305843009213693951L)).isTrue();
    }
}
