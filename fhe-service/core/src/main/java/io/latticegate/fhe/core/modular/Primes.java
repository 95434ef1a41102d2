package io.latticegate.fhe.core.modular;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Primes q ≡ 1 (mod 2N), chosen in the order of Microsoft SEAL's {@code CoeffModulus::Create}. */
public final class Primes {
    /** With these bases the Miller–Rabin test is exact below 3.3·10^24 (Sorenson and Webster, 2015). */
    private static final long[] WITNESSES = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37};

    /**
     * One prime for each bit length. Of each length the greatest are taken; where a length occurs several times, the
     * least of those stands first.
     *
     * @param degree N, a power of two
     * @throws IllegalArgumentException if a length is not in [20, 60] or has too few such primes
     */
    public static List<Modulus> chain(int degree, List<Integer> bitLengths) {
        Map<Integer, List<Modulus>> greatestFirst = new HashMap<>();
        List<Modulus> chain = new ArrayList<>();
        for (int bits : bitLengths) {
            int count =
                    (int) bitLengths.stream().filter(length -> length == bits).count();
            List<Modulus> left = greatestFirst.computeIfAbsent(bits, length -> greatest(degree, length, count));
            chain.add(left.removeLast());
        }
        return List.copyOf(chain);
    }

    private static List<Modulus> greatest(int degree, int bits, int count) {
        if (bits < Modulus.MIN_BITS || bits > Modulus.MAX_BITS) {
            throw new IllegalArgumentException(
                    "prime of " + bits + " bits; allowed are " + Modulus.MIN_BITS + " to " + Modulus.MAX_BITS);
        }
        long step = 2L * degree;
        List<Modulus> found = new ArrayList<>();
        long least = 1L << (bits - 1);
        for (long candidate = ((1L << bits) - 1) / step * step + 1;
                candidate > least && found.size() < count;
                candidate -= step) {
            if (isPrime(candidate)) {
                found.add(new Modulus(candidate));
            }
        }
        if (found.size() < count) {
            throw new IllegalArgumentException("there are only " + found.size() + " primes of " + bits
                    + " bits that are 1 modulo " + step + "; wanted " + count);
        }
        return found;
    }

    /** Whether this is a prime, for 0 ≤ candidate &lt; 2^63; never wrong, not in constant time. */
    public static boolean isPrime(long candidate) {
        if (candidate < 2) {
            return false;
        }
        for (long witness : WITNESSES) {
            if (candidate % witness == 0) {
                return candidate == witness;
            }
        }
        BigInteger n = BigInteger.valueOf(candidate);
        BigInteger last = n.subtract(BigInteger.ONE);
        int twos = last.getLowestSetBit();
        for (long witness : WITNESSES) {
            BigInteger power = BigInteger.valueOf(witness).modPow(last.shiftRight(twos), n);
            boolean passes = power.equals(BigInteger.ONE) || power.equals(last);
            for (int i = 1; i < twos && !passes; i++) {
                power = power.multiply(power).mod(n);
                passes = power.equals(last);
            }
            if (!passes) {
                return false;
            }
        }
        return true;
    }

    private Primes() {}
}
