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

/** The steps of the transform from coefficients to values. */
final class FmaForward {
    private FmaForward() {}

    /** From words and, for an odd number of stages before the tail, the first of them; pairs down to {@code block}. */
    static List<FmaStage> breadthFirst(double p, int degree, FmaTwiddles twiddles, boolean oddStages, int block) {
        List<FmaStage> stages = new ArrayList<>();
        stages.add(new Load(p));
        if (oddStages) {
            stages.add(new Single(p, twiddles));
        }
        for (int span = oddStages ? degree / 2 : degree; span > block; span /= 4) {
            stages.add(new Pairs(p, degree, twiddles, span, reducesAt(degree, span, oddStages)));
        }
        return stages;
    }

    /** The other pairs, which work within {@code block} elements, the tail, and back to words. */
    static List<FmaStage> depthFirst(double p, int degree, FmaTwiddles twiddles, boolean oddStages, int block) {
        List<FmaStage> stages = new ArrayList<>();
        for (int span = block; span > TailLayout.LENGTH; span /= 4) {
            stages.add(new Pairs(p, degree, twiddles, span, reducesAt(degree, span, oddStages)));
        }
        stages.add(new TailWide(p, degree, twiddles));
        stages.add(new TailNarrow(p, twiddles));
        stages.add(new Store(p));
        return stages;
    }

    /** Whether the pair of stages whose first has this span is the third, fifth, … pair. */
    private static boolean reducesAt(int degree, int span, boolean oddStages) {
        int pair = (Integer.numberOfTrailingZeros(degree / span) - (oddStages ? 1 : 0)) / 2;
        return pair > 0 && pair % 2 == 0;
    }

    private static final class Load extends FmaStage {
        Load(double p) {
            super(p);
        }

        @Override
        void apply(double[] x, Limb from, int start, int length) {
            long[] words = from.words();
            for (int i = start; i < start + length; i += LANES) {
                FmaArithmetic.toReals(LongVector.fromArray(WORDS, words, from.at() + i))
                        .intoArray(x, i);
            }
        }
    }

    /** The first stage, alone. */
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
                DoubleVector v = multiply(b, root, root.neg(), rootQuotient, minusP, rounder);
                a.add(v).intoArray(x, i);
                a.sub(v).intoArray(x, half + i);
            }
        }
    }

    /** Two stages, of which the first has groups of {@code span} elements. */
    private static final class Pairs extends FmaStage {
        private final int degree;
        private final double[] factors;
        private final double[] quotients;
        private final int span;
        private final boolean reduces;

        Pairs(double p, int degree, FmaTwiddles twiddles, int span, boolean reduces) {
            super(p);
            this.degree = degree;
            this.factors = twiddles.factors;
            this.quotients = twiddles.quotients;
            this.span = span;
            this.reduces = reduces;
        }

        @Override
        void apply(double[] x, Limb none, int start, int length) {
            int index = (degree + start) / span;
            for (int at = start; at < start + length; at += span) {
                if (reduces) {
                    reduceAll(x, at, span / 2);
                }
                pair(x, at, span / 4, index);
                index++;
            }
        }

        /** {@code index} is the first stage's, as in {@link io.latticegate.fhe.core.ring.NttTables#roots}. */
        private void pair(double[] x, int start, int quarter, int index) {
            DoubleVector rounder = broadcast(ROUNDER);
            DoubleVector minusP = broadcast(-p);
            DoubleVector root1 = broadcast(factors[index]);
            DoubleVector quotient1 = broadcast(quotients[index]);
            DoubleVector root2 = broadcast(factors[2 * index]);
            DoubleVector quotient2 = broadcast(quotients[2 * index]);
            DoubleVector root3 = broadcast(factors[2 * index + 1]);
            DoubleVector quotient3 = broadcast(quotients[2 * index + 1]);
            DoubleVector minus1 = root1.neg();
            DoubleVector minus2 = root2.neg();
            DoubleVector minus3 = root3.neg();
            for (int i = start; i < start + quarter; i += LANES) {
                DoubleVector a = DoubleVector.fromArray(REALS, x, i);
                DoubleVector b = DoubleVector.fromArray(REALS, x, quarter + i);
                DoubleVector c = DoubleVector.fromArray(REALS, x, 2 * quarter + i);
                DoubleVector d = DoubleVector.fromArray(REALS, x, 3 * quarter + i);
                DoubleVector vc = multiply(c, root1, minus1, quotient1, minusP, rounder);
                DoubleVector vd = multiply(d, root1, minus1, quotient1, minusP, rounder);
                DoubleVector vb = multiply(b.add(vd), root2, minus2, quotient2, minusP, rounder);
                DoubleVector ve = multiply(b.sub(vd), root3, minus3, quotient3, minusP, rounder);
                DoubleVector upper = a.add(vc);
                DoubleVector lower = a.sub(vc);
                upper.add(vb).intoArray(x, i);
                upper.sub(vb).intoArray(x, quarter + i);
                lower.add(ve).intoArray(x, 2 * quarter + i);
                lower.sub(ve).intoArray(x, 3 * quarter + i);
            }
        }
    }

    /** The stages of the tail with spans of 8 and 4, as far as vectors are that long; leaves the layout for the last. */
    private static final class TailWide extends FmaStage {
        private final int degree;
        private final FmaTwiddles twiddles;

        TailWide(double p, int degree, FmaTwiddles twiddles) {
            super(p);
            this.degree = degree;
            this.twiddles = twiddles;
        }

        @Override
        void apply(double[] x, Limb none, int start, int length) {
            double[] factors = twiddles.factors;
            double[] quotients = twiddles.quotients;
            double[] tail = twiddles.tail;
            DoubleVector rounder = broadcast(ROUNDER);
            DoubleVector minusP = broadcast(-p);
            DoubleVector inverseOfP = broadcast(inverseP);
            int index = (degree + start) / TailLayout.LENGTH;
            int at = start / TailLayout.LENGTH * TailLayout.TWIDDLES;
            for (int i = start; i < start + length; i += TailLayout.LENGTH) {
                DoubleVector root = broadcast(factors[index]);
                DoubleVector quotient = broadcast(quotients[index]);
                DoubleVector u = reduce(DoubleVector.fromArray(REALS, x, i), inverseOfP, minusP, rounder);
                DoubleVector y = DoubleVector.fromArray(REALS, x, i + LANES);
                DoubleVector v = multiply(y, root, root.neg(), quotient, minusP, rounder);
                DoubleVector a = u.add(v);
                DoubleVector b = u.sub(v);
                if (LANES >= 8) {
                    u = TailLayout.pick(TailLayout.FROM_8_TO_4_FIRST, a, b);
                    v = TailLayout.pick(TailLayout.FROM_8_TO_4_SECOND, a, b);
                    v = tailFactor(v, tail, at, minusP, rounder);
                    a = u.add(v);
                    b = u.sub(v);
                }
                a.intoArray(x, i);
                b.intoArray(x, i + LANES);
                index++;
                at += TailLayout.TWIDDLES;
            }
        }
    }

    /** The stages with spans of 2 and 1; leaves the layout for 1. */
    private static final class TailNarrow extends FmaStage {
        private final FmaTwiddles twiddles;

        TailNarrow(double p, FmaTwiddles twiddles) {
            super(p);
            this.twiddles = twiddles;
        }

        @Override
        void apply(double[] x, Limb none, int start, int length) {
            double[] tail = twiddles.tail;
            DoubleVector rounder = broadcast(ROUNDER);
            DoubleVector minusP = broadcast(-p);
            int at = start / TailLayout.LENGTH * TailLayout.TWIDDLES;
            for (int i = start; i < start + length; i += TailLayout.LENGTH) {
                at += TailLayout.TWIDDLES;
                DoubleVector a = DoubleVector.fromArray(REALS, x, i);
                DoubleVector b = DoubleVector.fromArray(REALS, x, i + LANES);
                if (LANES >= 4) {
                    DoubleVector u = TailLayout.pick(TailLayout.FROM_4_TO_2_FIRST, a, b);
                    DoubleVector v = TailLayout.pick(TailLayout.FROM_4_TO_2_SECOND, a, b);
                    v = tailFactor(v, tail, at - 4 * LANES, minusP, rounder);
                    a = u.add(v);
                    b = u.sub(v);
                }
                DoubleVector u = TailLayout.pick(TailLayout.FROM_2_TO_1_FIRST, a, b);
                DoubleVector v = TailLayout.pick(TailLayout.FROM_2_TO_1_SECOND, a, b);
                v = tailFactor(v, tail, at - 2 * LANES, minusP, rounder);
                u.add(v).intoArray(x, i);
                u.sub(v).intoArray(x, i + LANES);
            }
        }
    }

    private static final class Store extends FmaStage {
        Store(double p) {
            super(p);
        }

        @Override
        void apply(double[] x, Limb to, int start, int length) {
            long[] words = to.words();
            long plusP = (long) p;
            DoubleVector rounder = broadcast(ROUNDER);
            DoubleVector minusP = broadcast(-p);
            DoubleVector inverseOfP = broadcast(inverseP);
            for (int i = start; i < start + length; i += TailLayout.LENGTH) {
                DoubleVector a = reduce(DoubleVector.fromArray(REALS, x, i), inverseOfP, minusP, rounder);
                DoubleVector b = reduce(DoubleVector.fromArray(REALS, x, i + LANES), inverseOfP, minusP, rounder);
                DoubleVector low = TailLayout.pick(TailLayout.FROM_1_TO_MEMORY_FIRST, a, b);
                DoubleVector high = TailLayout.pick(TailLayout.FROM_1_TO_MEMORY_SECOND, a, b);
                FmaArithmetic.toWords(low, plusP).intoArray(words, to.at() + i);
                FmaArithmetic.toWords(high, plusP).intoArray(words, to.at() + i + LANES);
            }
        }
    }
}
