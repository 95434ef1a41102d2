package io.latticegate.fhe.core.wire;

import io.latticegate.fhe.core.random.ParmsId;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The encryption parameters in force, as far as containers need them: N, the primes, and the names of the levels. The key
 * level has all primes, the last being the special prime of key switching; data levels have all others, then one less, down
 * to one. A single prime is key level and data level at once.
 */
public final class ParameterChain {
    /** The least ring degree. */
    public static final int DEGREE_MIN = 1024;

    /** The greatest ring degree of SEAL. */
    public static final int DEGREE_MAX = 131_072;

    /** The greatest number of primes of SEAL. */
    public static final int PRIMES_MAX = 256;

    /** The longest prime of SEAL, in bits. */
    public static final int PRIME_BITS_MAX = 60;

    private final int degree;
    private final long[] primes;
    private final List<ParmsId> ids;

    /**
     * A chain.
     *
     * @param degree N, a power of two from {@value #DEGREE_MIN} to {@value #DEGREE_MAX}
     * @param primes 1 to {@value #PRIMES_MAX} distinct integers of at most {@value #PRIME_BITS_MAX} bits that are 1 modulo
     *     2N, the special prime last; whether they are prime is not examined here
     */
    public ParameterChain(int degree, long... primes) {
        if (degree < DEGREE_MIN || degree > DEGREE_MAX || Integer.bitCount(degree) != 1) {
            throw new IllegalArgumentException(
                    "degree " + degree + "; allowed: powers of two from " + DEGREE_MIN + " to " + DEGREE_MAX);
        }
        if (primes.length < 1 || primes.length > PRIMES_MAX) {
            throw new IllegalArgumentException(primes.length + " primes; allowed: 1 to " + PRIMES_MAX);
        }
        for (long prime : primes) {
            if (prime < 2 || prime >>> PRIME_BITS_MAX != 0 || prime % (2L * degree) != 1) {
                throw new IllegalArgumentException("prime " + Long.toUnsignedString(prime) + "; allowed: 1 modulo "
                        + 2L * degree + " and at most " + PRIME_BITS_MAX + " bits");
            }
        }
        if (Arrays.stream(primes).distinct().count() != primes.length) {
            throw new IllegalArgumentException("a prime occurs twice; allowed: distinct primes");
        }
        this.degree = degree;
        this.primes = primes.clone();
        this.ids = IntStream.rangeClosed(1, primes.length)
                .mapToObj(count -> ParmsId.ckks(degree, Arrays.copyOf(primes, count)))
                .toList();
    }

    /** N. */
    public int degree() {
        return degree;
    }

    /** A copy of all primes, the special prime last. */
    public long[] primes() {
        return primes.clone();
    }

    /** The prime at an index. */
    long prime(int index) {
        return primes[index];
    }

    /** A copy of the first primes. */
    long[] primes(int count) {
        return Arrays.copyOf(primes, count);
    }

    /** The number of primes at the key level. */
    public int keyPrimes() {
        return primes.length;
    }

    /** The number of primes at the highest data level, which is also the number of digits of a key-switching key. */
    public int dataPrimes() {
        return Math.max(1, primes.length - 1);
    }

    /** The name of the level with this many primes. */
    public ParmsId id(int count) {
        return ids.get(count - 1);
    }

    /** The name of the key level. */
    public ParmsId keyId() {
        return id(primes.length);
    }

    /** The number of primes of the data level with this name, or 0 when there is no such level. */
    int dataPrimes(ParmsId id) {
        int index = ids.indexOf(id);
        return index >= 0 && index < dataPrimes() ? index + 1 : 0;
    }
}
