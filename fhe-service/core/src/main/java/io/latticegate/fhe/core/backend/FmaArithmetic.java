package io.latticegate.fhe.core.backend;

import io.latticegate.fhe.core.modular.Modulus;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Exact arithmetic modulo a prime p of at most 50 bits on vectors of doubles that hold integers.
 *
 * <p>A product y·w is the unevaluated sum h + l of the rounded product and its error, which a fused multiply-add gives
 * exactly. With c the integer next to y·(w/p), the difference h − c·p + l is a residue of the product. All steps are
 * exact, as the bounds show: let |y| ≤ 4p &lt; 2^52 and |w| ≤ p/2. The factor w/p is off by at most 2^−55, so y·(w/p) by at
 * most 2^−3, and c differs from y·w/p by at most 1/2 + 1/8; hence |h − c·p + l| ≤ 0.625·p, and h − c·p, an integer
 * below 2^51, is a double. Rounding to an integer is the addition and subtraction of 1.5·2^52, for which |y·w/p| ≤
 * 2^51 suffices.
 *
 * <p>Doubles are integers here and nothing else: the result is the same on every machine.
 */
final class FmaArithmetic {
    /** The greatest prime length for which the bounds hold. */
    static final int MAX_BITS = 50;

    static final VectorSpecies<Double> REALS = DoubleVector.SPECIES_PREFERRED;
    static final VectorSpecies<Long> WORDS = LongVector.SPECIES_PREFERRED;
    static final int LANES = REALS.length();

    /** Added and subtracted, it rounds a number of [−2^51, 2^51] to an integer. */
    static final double ROUNDER = 0x1.8p52;

    private static final long ROUNDER_BITS = Double.doubleToRawLongBits(ROUNDER);

    /** The word of the double 2^52, whose last 52 bits take an unsigned integer. */
    private static final long INTEGER_BITS = Double.doubleToRawLongBits(0x1p52);

    static boolean covers(Modulus modulus) {
        return modulus.bits() <= MAX_BITS;
    }

    /** Words of [0, 2^52) as doubles. */
    static DoubleVector toReals(LongVector words) {
        return words.lanewise(VectorOperators.OR, INTEGER_BITS)
                .reinterpretAsDoubles()
                .sub(0x1p52);
    }

    /** The canonical words of integers of (−p, p): of x and x + p, the one that is less when read as unsigned. */
    static LongVector toWords(DoubleVector reals, long p) {
        LongVector words = reals.add(ROUNDER).reinterpretAsLongs().sub(ROUNDER_BITS);
        return words.lanewise(VectorOperators.UMIN, words.add(p));
    }

    static DoubleVector broadcast(double value) {
        return DoubleVector.broadcast(REALS, value);
    }

    /**
     * y·w modulo p, at most 0.625·p from zero, for |y| ≤ 4p, |w| ≤ p/2 and {@code quotient} the double next to w/p.
     * The constants come as vectors, {@code rounder} with {@link #ROUNDER}, so that a loop makes them once.
     */
    static DoubleVector multiply(
            DoubleVector y,
            DoubleVector w,
            DoubleVector minusW,
            DoubleVector quotient,
            DoubleVector minusP,
            DoubleVector rounder) {
        DoubleVector high = y.mul(w);
        DoubleVector minusLow = y.fma(minusW, high);
        DoubleVector multiple = y.fma(quotient, rounder).sub(rounder);
        return multiple.fma(minusP, high).sub(minusLow);
    }

    /**
     * a·b modulo p, at most 0.75·p from zero, for 0 ≤ a, b &lt; p: the rounded product over p is off by at most
     * 2^50 · 3 · 2^−53.
     */
    static DoubleVector product(
            DoubleVector a, DoubleVector b, DoubleVector inverseP, DoubleVector minusP, DoubleVector rounder) {
        DoubleVector high = a.mul(b);
        DoubleVector minusLow = a.fma(b.neg(), high);
        DoubleVector multiple = high.fma(inverseP, rounder).sub(rounder);
        return multiple.fma(minusP, high).sub(minusLow);
    }

    /** x modulo p, at most 0.51·p from zero, for an integer |x| ≤ 2^53 with |x| ≤ 2^50·p. */
    static DoubleVector reduce(DoubleVector x, DoubleVector inverseP, DoubleVector minusP, DoubleVector rounder) {
        return x.fma(inverseP, rounder).sub(rounder).fma(minusP, x);
    }

    private FmaArithmetic() {}
}
