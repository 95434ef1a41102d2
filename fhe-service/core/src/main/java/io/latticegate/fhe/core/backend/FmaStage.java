package io.latticegate.fhe.core.backend;

import static io.latticegate.fhe.core.backend.FmaArithmetic.LANES;
import static io.latticegate.fhe.core.backend.FmaArithmetic.REALS;
import static io.latticegate.fhe.core.backend.FmaArithmetic.ROUNDER;
import static io.latticegate.fhe.core.backend.FmaArithmetic.broadcast;

import jdk.incubator.vector.DoubleVector;

/**
 * One step of an {@link FmaNtt}: one loop over a range of the work space.
 *
 * <p>That a step is an object with one loop is no ornament: the compiler stops inlining vector operations into a method,
 * and allocates their operands on the heap, beyond about a hundred of them, and would inline the loops of static methods
 * into one.
 */
abstract class FmaStage {
    final double p;
    final double inverseP;

    FmaStage(double p) {
        this.p = p;
        this.inverseP = 1.0 / p;
    }

    /**
     * Does this step on {@code length} doubles of {@code x} from {@code start} on.
     *
     * @param words the transform's input for its first step, and its result for the last
     */
    abstract void apply(double[] x, Limb words, int start, int length);

    /** Brings {@code length} doubles to at most 0.51·p from zero. */
    final void reduceAll(double[] x, int start, int length) {
        DoubleVector rounder = broadcast(ROUNDER);
        DoubleVector minusP = broadcast(-p);
        DoubleVector inverseOfP = broadcast(inverseP);
        for (int i = start; i < start + length; i += LANES) {
            FmaArithmetic.reduce(DoubleVector.fromArray(REALS, x, i), inverseOfP, minusP, rounder)
                    .intoArray(x, i);
        }
    }

    static DoubleVector tailFactor(DoubleVector y, double[] tail, int at, DoubleVector minusP, DoubleVector rounder) {
        DoubleVector root = DoubleVector.fromArray(REALS, tail, at);
        DoubleVector quotient = DoubleVector.fromArray(REALS, tail, at + LANES);
        return FmaArithmetic.multiply(y, root, root.neg(), quotient, minusP, rounder);
    }
}
