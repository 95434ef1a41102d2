package io.latticegate.fhe.core.ring;

import io.latticegate.fhe.core.modular.Modulus;

/**
 * Powers of the least primitive 2N-th root of unity ψ modulo one prime.
 *
 * <p>The transform that they define is that of Microsoft SEAL: the value at index i of the result is
 * f(ψ^(2·rev(i)+1)), where rev reverses the log2 N bits of i.
 *
 * <p>The arrays are shared, never change, and are indexed alike: entry m + i, for a power of two m and i &lt; m, is the
 * factor of group i in the stage that has m groups.
 */
public final class NttTables {
    private final Modulus modulus;
    private final int degree;
    private final long root;
    private final long[] roots;
    private final long[] rootQuotients;
    private final long[] inverseRoots;
    private final long[] inverseRootQuotients;
    private final long degreeInverse;

    /** @param degree N, a power of two; the prime is 1 modulo 2N */
    public NttTables(Modulus modulus, int degree) {
        this.modulus = modulus;
        this.degree = degree;
        this.root = modulus.minimalRoot(2 * degree);
        this.roots = powersInReversedOrder(root);
        this.inverseRoots = powersInReversedOrder(modulus.inverse(root));
        this.rootQuotients = quotients(roots);
        this.inverseRootQuotients = quotients(inverseRoots);
        this.degreeInverse = modulus.inverse(degree);
    }

    private long[] powersInReversedOrder(long base) {
        int bits = Integer.numberOfTrailingZeros(degree);
        long[] powers = new long[degree];
        long power = 1;
        for (int i = 0; i < degree; i++) {
            powers[Integer.reverse(i) >>> (Integer.SIZE - bits)] = power;
            power = modulus.multiply(power, base);
        }
        return powers;
    }

    private long[] quotients(long[] factors) {
        long[] quotients = new long[factors.length];
        for (int i = 0; i < factors.length; i++) {
            quotients[i] = modulus.quotient(factors[i]);
        }
        return quotients;
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
        return roots;
    }

    /** {@link Modulus#quotient} of {@link #roots}. */
    public long[] rootQuotients() {
        return rootQuotients;
    }

    /** ψ^−rev(i). */
    public long[] inverseRoots() {
        return inverseRoots;
    }

    /** {@link Modulus#quotient} of {@link #inverseRoots}. */
    public long[] inverseRootQuotients() {
        return inverseRootQuotients;
    }

    /** N^−1 mod q. */
    public long degreeInverse() {
        return degreeInverse;
    }
}
