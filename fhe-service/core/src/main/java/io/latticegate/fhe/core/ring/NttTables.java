package io.latticegate.fhe.core.ring;

import io.latticegate.fhe.core.modular.Modulus;
import org.jspecify.annotations.Nullable;

/**
 * Powers of the least primitive 2N-th root of unity ψ modulo one prime.
 *
 * <p>The transform that they define is that of Microsoft SEAL: the value at index i of the result is
 * f(ψ^(2·rev(i)+1)), where rev reverses the log2 N bits of i.
 *
 * <p>The arrays are shared, never change, and are indexed alike: entry m + i, for a power of two m and i &lt; m, is the
 * factor of group i in the stage that has m groups. They are made when first asked for, since a process holds the tables of
 * every preset and computes under few.
 */
public final class NttTables {
    private final Modulus modulus;
    private final int degree;
    private final long root;
    private final long degreeInverse;
    private volatile @Nullable Powers forward;
    private volatile @Nullable Powers inverse;

    /** @param quotients {@link Modulus#quotient} of the factors */
    private record Powers(long[] factors, long[] quotients) {}

    /** @param degree N, a power of two; the prime is 1 modulo 2N */
    public NttTables(Modulus modulus, int degree) {
        this.modulus = modulus;
        this.degree = degree;
        this.root = modulus.minimalRoot(2 * degree);
        this.degreeInverse = modulus.inverse(degree);
    }

    /** Threads that come at once may each make them; all are equal. */
    private Powers forward() {
        Powers known = forward;
        if (known == null) {
            known = powers(root);
            forward = known;
        }
        return known;
    }

    private Powers inverse() {
        Powers known = inverse;
        if (known == null) {
            known = powers(modulus.inverse(root));
            inverse = known;
        }
        return known;
    }

    private Powers powers(long base) {
        int bits = Integer.numberOfTrailingZeros(degree);
        long[] factors = new long[degree];
        long[] quotients = new long[degree];
        long power = 1;
        for (int i = 0; i < degree; i++) {
            int at = Integer.reverse(i) >>> (Integer.SIZE - bits);
            factors[at] = power;
            quotients[at] = modulus.quotient(power);
            power = modulus.multiply(power, base);
        }
        return new Powers(factors, quotients);
    }

    public Modulus modulus() {
        return modulus;
    }

    /** N. */
    public int degree() {
        return degree;
    }

    /** ψ. */
    public long root() {
        return root;
    }

    /** ψ^rev(i). */
    public long[] roots() {
        return forward().factors();
    }

    /** {@link Modulus#quotient} of {@link #roots}. */
    public long[] rootQuotients() {
        return forward().quotients();
    }

    /** ψ^−rev(i). */
    public long[] inverseRoots() {
        return inverse().factors();
    }

    /** {@link Modulus#quotient} of {@link #inverseRoots}. */
    public long[] inverseRootQuotients() {
        return inverse().quotients();
    }

    /** N^−1 mod q. */
    public long degreeInverse() {
        return degreeInverse;
    }
}
