package io.latticegate.fhe.core.ring;

import io.latticegate.fhe.core.modular.Modulus;
import java.math.BigInteger;

/**
 * Constants of the conversion of x, given modulo primes s_j with product S, to other primes t of the ring:
 * Σ_j [x_j · (S/s_j)^−1]_{s_j} · (S/s_j) mod t. The sum is x + uS for an integer 0 ≤ u &lt; the number of source primes; it
 * is not corrected by floating point, so that there is one result. With one source prime it is x mod t.
 */
public final class BaseConversion {
    private final int[] sources;
    private final long[] cofactorInverses;
    private final long[][] cofactors;
    private final BigInteger product;

    BaseConversion(Ring ring, int... sources) {
        this.sources = sources.clone();
        BigInteger all = BigInteger.ONE;
        for (int source : sources) {
            all = all.multiply(BigInteger.valueOf(ring.tables(source).modulus().value()));
        }
        this.product = all;
        this.cofactorInverses = new long[sources.length];
        this.cofactors = new long[sources.length][ring.dataCount() + ring.specialCount()];
        for (int j = 0; j < sources.length; j++) {
            Modulus source = ring.tables(sources[j]).modulus();
            BigInteger cofactor = all.divide(BigInteger.valueOf(source.value()));
            cofactorInverses[j] = source.inverse(residue(cofactor, source));
            for (int prime = 0; prime < cofactors[j].length; prime++) {
                cofactors[j][prime] = residue(cofactor, ring.tables(prime).modulus());
            }
        }
    }

    static long residue(BigInteger value, Modulus modulus) {
        return value.mod(BigInteger.valueOf(modulus.value())).longValueExact();
    }

    /** The number of source primes. */
    public int sourceCount() {
        return sources.length;
    }

    /** The number in the ring of the j-th source prime. */
    public int source(int j) {
        return sources[j];
    }

    /** Whether a prime of the ring is a source. */
    public boolean isSource(int prime) {
        return prime >= sources[0] && prime <= sources[sources.length - 1];
    }

    /** (S/s_j)^−1 mod s_j. */
    public long cofactorInverse(int j) {
        return cofactorInverses[j];
    }

    /** (S/s_j) mod the prime of this number. */
    public long cofactor(int j, int prime) {
        return cofactors[j][prime];
    }

    /** S. */
    BigInteger product() {
        return product;
    }
}
