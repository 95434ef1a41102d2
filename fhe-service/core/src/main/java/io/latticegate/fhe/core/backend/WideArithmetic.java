package io.latticegate.fhe.core.backend;

import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Arithmetic modulo primes q of up to 60 bits on vectors of words. Vectors have no upper half of a 64-bit product; it is put
 * together from products of 32-bit halves.
 */
final class WideArithmetic {
    private static final int HALF = 32;
    private static final long LOW_HALF = 0xffffffffL;

    /** x or x − bound, whichever is less when read as unsigned: for x of [0, 2·bound) that of [0, bound). */
    static LongVector fold(LongVector x, long bound) {
        return x.lanewise(VectorOperators.UMIN, x.sub(bound));
    }

    /**
     * y·w modulo q in [0, 2q), for any unsigned y, and w with the halves of its
     * {@link io.latticegate.fhe.core.modular.Modulus#quotient}. The upper half of the product with the quotient is taken
     * without its lowest carries, which makes it less by at most 2; so the difference is below 4q before it is folded.
     */
    static LongVector multiplyLazy(
            LongVector y, LongVector w, LongVector quotientHigh, LongVector quotientLow, long q) {
        LongVector yHigh = y.lanewise(VectorOperators.LSHR, HALF);
        LongVector yLow = y.and(LOW_HALF);
        LongVector upper = yHigh.mul(quotientHigh)
                .add(yHigh.mul(quotientLow).lanewise(VectorOperators.LSHR, HALF))
                .add(yLow.mul(quotientHigh).lanewise(VectorOperators.LSHR, HALF));
        return fold(y.mul(w).sub(upper.mul(q)), 2 * q);
    }

    private WideArithmetic() {}
}
