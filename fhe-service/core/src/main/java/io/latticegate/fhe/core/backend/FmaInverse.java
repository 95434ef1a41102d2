package io.latticegate.fhe.core.backend;

import static io.latticegate.fhe.core.backend.FmaArithmetic.LANES;
import static io.latticegate.fhe.core.backend.FmaArithmetic.REALS;
import static io.latticegate.fhe.core.backend.FmaArithmetic.ROUNDER;
import static io.latticegate.fhe.core.backend.FmaArithmetic.WORDS;
import static io.latticegate.fhe.core.backend.FmaArithmetic.broadcast;
import static io.latticegate.fhe.core.backend.FmaArithmetic.multiply;
import static io.latticegate.fhe.core.backend.FmaArithmetic.reduce;

import java.util.ArrayList;
import java.util.List;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;

/** The steps of the transform from values to coefficients. */
final class FmaInverse {
    private FmaInverse() {}

    /** From words: the tail, and pairs of stages up to groups of {@code block} elements. */
    static List<FmaStage> depthFirst(double p, int degree, FmaTwiddles twiddles, int block) {
        List<FmaStage> stages = new ArrayList<>();
        stages.add(new LoadTail(p, twiddles));
        stages.add(new TailMiddle(p, twiddles));
        stages.add(new TailWidest(p, degree, twiddles));
        for (int span = 4 * TailLayout.LENGTH; span <= block; span *= 4) {
            stages.add(new Pairs(p, degree, twiddles, span));
        }
        return stages;
    }

    /** The other pairs, the stage that is left of an odd number, the factor N^−1, and back to words. */
    static List<FmaStage> breadthFirst(
            double p, int degree, FmaTwiddles twiddles, boolean oddStages, int block, double degreeInverse) {
        List<FmaStage> stages = new ArrayList<>();
        for (int span = 4 * block; span <= (oddStages ? degree / 2 : degree); span *= 4) {
            stages.add(new Pairs(p, degree, twiddles, span));
        }
        if (oddStages) {
            stages.add(new Single(p, twiddles));
        }
        stages.add(new Scale(p, degreeInverse));
        return stages;
    }

    /** The stage with a span of 1; leaves the layout for 2. */
    private static final class LoadTail extends FmaStage {
        private final FmaTwiddles twiddles;

        LoadTail(double p, FmaTwiddles twiddles) {
            super(p);
            this.twiddles = twiddles;
        }

        @Override
        void apply(double[] x, Limb from, int start, int length) {
            long[] words = from.words();
            double[] tail = twiddles.tail;
            DoubleVector rounder = broadcast(ROUNDER);
            DoubleVector minusP = broadcast(-p);
            int at = start / TailLayout.LENGTH * TailLayout.TWIDDLES - 2 * LANES;
            for (int i = start; i < start + length; i += TailLayout.LENGTH) {
                at += TailLayout.TWIDDLES;
                DoubleVector a = FmaArithmetic.toReals(LongVector.fromArray(WORDS, words, from.at() + i));
                DoubleVector b = FmaArithmetic.toReals(LongVector.fromArray(WORDS, words, from.at() + i + LANES));
                DoubleVector u = TailLayout.pick(TailLayout.FROM_MEMORY_TO_1_FIRST, a, b);
                DoubleVector v = TailLayout.pick(TailLayout.FROM_MEMORY_TO_1_SECOND, a, b);
                a = u.add(v);
                b = tailFactor(u.sub(v), tail, at, minusP, rounder);
                TailLayout.pick(TailLayout.FROM_1_TO_2_FIRST, a, b).intoArray(x, i);
                TailLayout.pick(TailLayout.FROM_1_TO_2_SECOND, a, b).intoArray(x, i + LANES);
            }
        }
    }

    /** The stages with spans of 2 and 4 that are shorter than a vector; leaves the layout in memory. */
    private static final class TailMiddle extends FmaStage {
        private final FmaTwiddles twiddles;

        TailMiddle(double p, FmaTwiddles twiddles) {
            super(p);
            this.twiddles = twiddles;
        }

        @Override
        void apply(double[] x, Limb none, int start, int length) {
            double[] tail = twiddles.tail;
            DoubleVector rounder = broadcast(ROUNDER);
            DoubleVector minusP = broadcast(-p);
            DoubleVector inverseOfP = broadcast(inverseP);
            int at = start / TailLayout.LENGTH * TailLayout.TWIDDLES;
            for (int i = start; i < start + length; i += TailLayout.LENGTH) {
                DoubleVector u = DoubleVector.fromArray(REALS, x, i);
                DoubleVector v = DoubleVector.fromArray(REALS, x, i + LANES);
                if (LANES >= 4) {
                    DoubleVector a = reduce(u.add(v), inverseOfP, minusP, rounder);
                    DoubleVector b = tailFactor(u.sub(v), tail, at + TailLayout.TWIDDLES - 4 * LANES, minusP, rounder);
                    u = TailLayout.pick(TailLayout.FROM_2_TO_4_FIRST, a, b);
                    v = TailLayout.pick(TailLayout.FROM_2_TO_4_SECOND, a, b);
                }
                if (LANES >= 8) {
                    DoubleVector a = u.add(v);
                    DoubleVector b = tailFactor(u.sub(v), tail, at, minusP, rounder);
                    u = TailLayout.pick(TailLayout.FROM_4_TO_8_FIRST, a, b);
                    v = TailLayout.pick(TailLayout.FROM_4_TO_8_SECOND, a, b);
                }
                u.intoArray(x, i);
                v.intoArray(x, i + LANES);
                at += TailLayout.TWIDDLES;
            }
        }
    }

    /** The stage whose span is a vector. */
    private static final class TailWidest extends FmaStage {
        private final int degree;
        private final FmaTwiddles twiddles;

        TailWidest(double p, int degree, FmaTwiddles twiddles) {
            super(p);
            this.degree = degree;
            this.twiddles = twiddles;
        }

        @Override
        void apply(double[] x, Limb none, int start, int length) {
            double[] factors = twiddles.factors;
            double[] quotients = twiddles.quotients;
            DoubleVector rounder = broadcast(ROUNDER);
            DoubleVector minusP = broadcast(-p);
            DoubleVector inverseOfP = broadcast(inverseP);
            int index = (degree + start) / TailLayout.LENGTH;
            for (int i = start; i < start + length; i += TailLayout.LENGTH) {
                DoubleVector u = DoubleVector.fromArray(REALS, x, i);
                DoubleVector v = DoubleVector.fromArray(REALS, x, i + LANES);
                DoubleVector root = broadcast(factors[index]);
                DoubleVector quotient = broadcast(quotients[index]);
                reduce(u.add(v), inverseOfP, minusP, rounder).intoArray(x, i);
                multiply(u.sub(v), root, root.neg(), quotient, minusP, rounder).intoArray(x, i + LANES);
                index++;
            }
        }
    }

    /** Two stages, of which the second makes groups of {@code span} elements. */
    private static final class Pairs extends FmaStage {
        private final int degree;
        private final double[] factors;
        private final double[] quotients;
        private final int span;

        Pairs(double p, int degree, FmaTwiddles twiddles, int span) {
            super(p);
            this.degree = degree;
            this.factors = twiddles.factors;
            this.quotients = twiddles.quotients;
            this.span = span;
        }

        @Override
        void apply(double[] x, Limb none, int start, int length) {
            int index = (degree + start) / span;
            for (int at = start; at < start + length; at += span) {
                pair(x, at, span / 4, index);
                reduceAll(x, at, span / 2);
                index++;
            }
        }

        /** {@code index} is the second stage's. Leaves the sums, which are the first half, unreduced. */
        private void pair(double[] x, int start, int quarter, int index) {
            DoubleVector rounder = broadcast(ROUNDER);
            DoubleVector minusP = broadcast(-p);
            DoubleVector root1 = broadcast(factors[2 * index]);
            DoubleVector quotient1 = broadcast(quotients[2 * index]);
            DoubleVector root2 = broadcast(factors[2 * index + 1]);
            DoubleVector quotient2 = broadcast(quotients[2 * index + 1]);
            DoubleVector root3 = broadcast(factors[index]);
            DoubleVector quotient3 = broadcast(quotients[index]);
            DoubleVector minus1 = root1.neg();
            DoubleVector minus2 = root2.neg();
            DoubleVector minus3 = root3.neg();
            for (int i = start; i < start + quarter; i += LANES) {
                DoubleVector a = DoubleVector.fromArray(REALS, x, i);
                DoubleVector b = DoubleVector.fromArray(REALS, x, quarter + i);
                DoubleVector c = DoubleVector.fromArray(REALS, x, 2 * quarter + i);
                DoubleVector d = DoubleVector.fromArray(REALS, x, 3 * quarter + i);
                DoubleVector s = a.add(b);
                DoubleVector t = c.add(d);
                DoubleVector v = multiply(a.sub(b), root1, minus1, quotient1, minusP, rounder);
                DoubleVector w = multiply(c.sub(d), root2, minus2, quotient2, minusP, rounder);
                s.add(t).intoArray(x, i);
                v.add(w).intoArray(x, quarter + i);
                multiply(s.sub(t), root3, minus3, quotient3, minusP, rounder).intoArray(x, 2 * quarter + i);
                multiply(v.sub(w), root3, minus3, quotient3, minusP, rounder).intoArray(x, 3 * quarter + i);
            }
        }
    }

    /** The last stage, alone. */
    private static final class Single extends FmaStage {
        private final double factor;
        private final double quotient;

        Single(double p, FmaTwiddles twiddles) {
            super(p);
            this.factor = twiddles.factors[1];
            this.quotient = twiddles.quotients[1];
        }

        @Override
        void apply(double[] x, Limb none, int start, int length) {
            int half = length / 2;
            DoubleVector rounder = broadcast(ROUNDER);
            DoubleVector minusP = broadcast(-p);
            DoubleVector root = broadcast(factor);
            DoubleVector rootQuotient = broadcast(quotient);
            for (int i = start; i < start + half; i += LANES) {
                DoubleVector a = DoubleVector.fromArray(REALS, x, i);
                DoubleVector b = DoubleVector.fromArray(REALS, x, half + i);
                a.add(b).intoArray(x, i);
                multiply(a.sub(b), root, root.neg(), rootQuotient, minusP, rounder)
                        .intoArray(x, half + i);
            }
        }
    }

    private static final class Scale extends FmaStage {
        private final double degreeInverse;

        Scale(double p, double degreeInverse) {
            super(p);
            this.degreeInverse = degreeInverse;
        }

        @Override
        void apply(double[] x, Limb to, int start, int length) {
            long[] words = to.words();
            long plusP = (long) p;
            DoubleVector rounder = broadcast(ROUNDER);
            DoubleVector minusP = broadcast(-p);
            DoubleVector factor = broadcast(degreeInverse);
            DoubleVector quotient = broadcast(degreeInverse / p);
            for (int i = start; i < start + length; i += LANES) {
                DoubleVector y = DoubleVector.fromArray(REALS, x, i);
                FmaArithmetic.toWords(multiply(y, factor, factor.neg(), quotient, minusP, rounder), plusP)
                        .intoArray(words, to.at() + i);
            }
        }
    }
}
