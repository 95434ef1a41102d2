package io.latticegate.fhe.core.ring;

import io.latticegate.fhe.core.modular.Modulus;
import java.math.BigInteger;

/**
 * Constants of the division by the product S of some primes with rounding to the next integer: with h = floor(S/2) and y
 * the conversion ({@link BaseConversion}) of x + h from those primes, the result modulo each other prime q is
 * (x − (y − h)) · S^−1 mod q. For one divisor that is round(x/S), halves up; for n divisors it may be less by up to n − 1.
 */
public final class Division {
    private final BaseConversion conversion;
    private final long[] halves;
    private final long[] inverses;

    Division(Ring ring, int... divisors) {
        this.conversion = new BaseConversion(ring, divisors);
        int primes = ring.dataCount() + ring.specialCount();
        this.halves = new long[primes];
        this.inverses = new long[primes];
        BigInteger half = conversion.product().shiftRight(1);
        for (int prime = 0; prime < primes; prime++) {
            Modulus modulus = ring.tables(prime).modulus();
            halves[prime] = BaseConversion.residue(half, modulus);
            inverses[prime] = conversion.isSource(prime)
                    ? 0
                    : modulus.inverse(BaseConversion.residue(conversion.product(), modulus));
        }
    }

    /** The conversion from the divisors. */
    public BaseConversion conversion() {
        return conversion;
    }

    /** h mod the prime of this number. */
    public long half(int prime) {
        return halves[prime];
    }

    /** S^−1 mod the prime of this number, which is no divisor. */
    public long inverse(int prime) {
        return inverses[prime];
    }

    /** S mod a prime. */
    public long productModulo(Modulus modulus) {
        return BaseConversion.residue(conversion.product(), modulus);
    }
}
