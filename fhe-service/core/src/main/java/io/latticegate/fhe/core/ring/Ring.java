package io.latticegate.fhe.core.ring;

import io.latticegate.fhe.core.modular.Modulus;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * The integer polynomials modulo X^N + 1, modulo a chain of data primes q_0 … q_L and special primes, with the constants
 * of all operations on them. Immutable, and safe for use by several threads.
 *
 * <p>The data primes are grouped into digits of α neighbours each, the last of a level being shorter where α does not
 * divide. Key switching treats one digit at a time; with α = 1 and one special prime it is Microsoft SEAL's.
 */
public final class Ring {
    public static final int MIN_DEGREE = 1024;
    public static final int MAX_DEGREE = 131072;

    private final int degree;
    private final int dataCount;
    private final int digitPrimes;
    private final List<NttTables> tables;
    private final List<RnsBase> data;
    private final List<RnsBase> extended;
    private final List<Division> drops;
    private final List<List<BaseConversion>> digits;
    private final Division special;
    private final ConcurrentMap<Integer, int[]> permutations = new ConcurrentHashMap<>();

    /**
     * @param degree N, a power of two from 1024 to 131072
     * @param dataPrimes q_0 … q_L, each 1 modulo 2N
     * @param specialPrimes at least one, each 1 modulo 2N; their product is at least that of the primes of any digit
     * @param digitPrimes α
     */
    public Ring(int degree, List<Modulus> dataPrimes, List<Modulus> specialPrimes, int digitPrimes) {
        if (degree < MIN_DEGREE || degree > MAX_DEGREE || Integer.bitCount(degree) != 1) {
            throw new IllegalArgumentException(
                    "degree " + degree + "; allowed are the powers of two from " + MIN_DEGREE + " to " + MAX_DEGREE);
        }
        if (dataPrimes.isEmpty() || specialPrimes.isEmpty()) {
            throw new IllegalArgumentException("a ring needs a data prime and a special prime; it has "
                    + dataPrimes.size() + " and " + specialPrimes.size());
        }
        if (digitPrimes < 1 || digitPrimes > dataPrimes.size()) {
            throw new IllegalArgumentException(digitPrimes + " primes a digit; allowed are 1 to " + dataPrimes.size());
        }
        List<Modulus> primes = new ArrayList<>(dataPrimes);
        primes.addAll(specialPrimes);
        if (new HashSet<>(primes).size() != primes.size()) {
            throw new IllegalArgumentException("a prime occurs twice in " + primes);
        }
        this.degree = degree;
        this.dataCount = dataPrimes.size();
        this.digitPrimes = digitPrimes;
        this.tables = primes.stream().map(prime -> new NttTables(prime, degree)).toList();
        this.data = levels(level -> new RnsBase(this, level, false));
        this.extended = levels(level -> new RnsBase(this, level, true));
        this.drops = levels(level -> new Division(this, level));
        this.digits = levels(this::digitsOf);
        this.special =
                new Division(this, IntStream.range(dataCount, primes.size()).toArray());
    }

    private <T> List<T> levels(IntFunction<T> ofLevel) {
        return IntStream.range(0, dataCount).mapToObj(ofLevel).toList();
    }

    private List<BaseConversion> digitsOf(int level) {
        List<BaseConversion> conversions = new ArrayList<>();
        for (int first = 0; first <= level; first += digitPrimes) {
            int end = Math.min(first + digitPrimes, level + 1);
            conversions.add(new BaseConversion(this, IntStream.range(first, end).toArray()));
        }
        return List.copyOf(conversions);
    }

    /** N. */
    public int degree() {
        return degree;
    }

    /** L + 1. */
    public int dataCount() {
        return dataCount;
    }

    /** L, the level of fresh ciphertexts. */
    public int topLevel() {
        return dataCount - 1;
    }

    /** The number of special primes. */
    public int specialCount() {
        return tables.size() - dataCount;
    }

    /** α. */
    public int digitPrimes() {
        return digitPrimes;
    }

    /** The prime of this number, in its tables: data primes first, then special primes. */
    public NttTables tables(int prime) {
        return tables.get(prime);
    }

    /** q_0 … q_level. @throws IllegalArgumentException if there is no such level */
    public RnsBase data(int level) {
        return data.get(checked(level));
    }

    /** q_0 … q_level and the special primes. @throws IllegalArgumentException if there is no such level */
    public RnsBase extended(int level) {
        return extended.get(checked(level));
    }

    private int checked(int level) {
        if (level < 0 || level >= dataCount) {
            throw new IllegalArgumentException("level " + level + "; allowed are 0 to " + (dataCount - 1));
        }
        return level;
    }

    /** The digits of a level: the conversions from their primes. */
    public List<BaseConversion> digits(int level) {
        return digits.get(checked(level));
    }

    /** The division by q_level. */
    public Division drop(int level) {
        return drops.get(checked(level));
    }

    /** The division by the product P of the special primes. */
    public Division special() {
        return special;
    }

    /**
     * For each value of f(X^element) the index of the value of f that it is, in the order of {@link NttTables}.
     *
     * @param element odd, from 1 to 2N − 1
     */
    public int[] permutation(int element) {
        if ((element & 1) == 0 || element < 1 || element >= 2 * degree) {
            throw new IllegalArgumentException(
                    "Galois element " + element + "; allowed are the odd numbers from 1 to " + (2 * degree - 1));
        }
        return permutations.computeIfAbsent(element, this::permutationOf);
    }

    private int[] permutationOf(int element) {
        int shift = Integer.SIZE - Integer.numberOfTrailingZeros(degree);
        int[] source = new int[degree];
        for (int i = 0; i < degree; i++) {
            long exponent = 2L * (Integer.reverse(i) >>> shift) + 1;
            int image = (int) (exponent * element % (2L * degree));
            source[i] = Integer.reverse(image >> 1) >>> shift;
        }
        return source;
    }
}
