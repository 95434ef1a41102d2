package io.latticegate.fhe.core.backend;

import static io.latticegate.fhe.core.backend.FmaArithmetic.LANES;
import static io.latticegate.fhe.core.backend.FmaArithmetic.REALS;
import static io.latticegate.fhe.core.backend.FmaArithmetic.ROUNDER;
import static io.latticegate.fhe.core.backend.FmaArithmetic.WORDS;
import static io.latticegate.fhe.core.backend.FmaArithmetic.broadcast;

import io.latticegate.fhe.core.modular.Modulus;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Vectors of doubles, with one reduction for a whole sum.
 *
 * <p>A product f·a of centred residues is split exactly into 2^47·h + l. Both factors are below 2^49 in magnitude, so the
 * product is below 2^98, and top = fma(f, a, 1.5·2^99) lies strictly between 2^99 and 2^100, where doubles are the multiples
 * of 2^47: its word is that of 1.5·2^99 plus the integer h next to f·a/2^47, |h| ≤ 2^51. Then (1.5·2^99 + 1.5·2^52) − top =
 * 1.5·2^52 − 2^47·h is a multiple of 2^47 below 2^99, thus exact, and with l = f·a − 2^47·h, |l| ≤ 2^46, the double
 * fma(f, a, 1.5·2^52 − 2^47·h) = 1.5·2^52 + l is exact too: its word is that of 1.5·2^52 plus l.
 *
 * <p>So sums of words, modulo 2^64, are sums of h and l plus a known multiple of two constants. With at most 2^11 terms the
 * sum of h is at most 2^62, and that of l at most 2^57, in magnitude: both are known from their words. At the end the carry
 * of l from bit 47 on, at most 2^10, goes to h; h is split at bit 24 into parts of at most 2^39, and what is summed up are
 * two products by fixed powers of two, at most 0.625·q each ({@link FmaArithmetic#multiply} takes factors of at most 4q,
 * and q is above 2^47), and 47 bits: at most 2.25·q.
 */
final class VectorProductSums implements ProductSums {
    private static final int LOW_BITS = 47;
    private static final int MIDDLE_BITS = 24;
    private static final long LOW_MASK = (1L << LOW_BITS) - 1;
    private static final long MIDDLE_MASK = (1L << MIDDLE_BITS) - 1;
    private static final double TOP = 0x1.8p99;
    private static final double BOTTOM = 0x1.8p52;
    private static final long TOP_WORD = Double.doubleToRawLongBits(TOP);
    private static final long BOTTOM_WORD = Double.doubleToRawLongBits(BOTTOM);

    /** Words of work space of one sum: top and bottom, of Σ f·a and of Σ f·b. */
    private static final int SUM_WORDS = 4 * LANES;

    private final Step[] steps = {this::multiply, this::join, this::reduce};
    private final long q;
    private final double inverseP;
    private final double highWeight;
    private final double highQuotient;
    private final double middleWeight;
    private final double middleQuotient;

    /** @throws UnsupportedOperationException if vectors here are longer than the points of one call */
    VectorProductSums(Modulus q) {
        ProductSums.requireLength(q);
        if (LANES > POINTS) {
            throw new UnsupportedOperationException("vectors of " + LANES + " doubles; allowed are at most " + POINTS);
        }
        this.q = q.value();
        this.highWeight = FmaTwiddles.centred(q, q.power(2, LOW_BITS + MIDDLE_BITS));
        this.middleWeight = FmaTwiddles.centred(q, q.power(2, LOW_BITS));
        this.inverseP = 1.0 / (double) q.value();
        this.highQuotient = highWeight / (double) q.value();
        this.middleQuotient = middleWeight / (double) q.value();
    }

    @Override
    public void column(
            int sums,
            int terms,
            double[] factors,
            double[] pairs,
            int pairsAt,
            long[] work,
            long[] to,
            int toAt,
            int step) {
        Column column = new Column(sums, terms, factors, pairs, pairsAt, work, to, toAt, step);
        for (int lane = 0; lane < POINTS; lane += LANES) {
            for (Step each : steps) {
                each.apply(column, lane);
            }
        }
    }

    /** The arguments of one call. */
    private record Column(
            int sums,
            int terms,
            double[] factors,
            double[] pairs,
            int pairsAt,
            long[] work,
            long[] to,
            int toAt,
            int step) {}

    /**
     * What is done to one vector of points of a column. There is one call to all three steps, so that compilers do not inline
     * them into one method, of which they would then leave out parts.
     */
    @FunctionalInterface
    private interface Step {
        void apply(Column column, int lane);
    }

    private void multiply(Column column, int lane) {
        int terms = column.terms;
        int pairsAt = column.pairsAt + lane;
        int sum = 0;
        for (; sum + 1 < column.sums; sum += 2) {
            int at = sum * terms * POINTS + lane;
            two(terms, column.factors, at, column.pairs, pairsAt, column.work, sum * SUM_WORDS);
        }
        if (sum < column.sums) {
            int at = sum * terms * POINTS + lane;
            one(terms, column.factors, at, column.pairs, pairsAt, column.work, sum * SUM_WORDS);
        }
    }

    /** Two neighbouring sums, so that a pair is loaded once for both. */
    private static void two(
            int terms, double[] factors, int factorsAt, double[] pairs, int pairsAt, long[] work, int workAt) {
        int next = terms * POINTS;
        DoubleVector top = broadcast(TOP);
        DoubleVector both = broadcast(TOP + BOTTOM);
        LongVector topA = LongVector.zero(WORDS);
        LongVector lowA = topA;
        LongVector topB = topA;
        LongVector lowB = topA;
        LongVector nextTopA = topA;
        LongVector nextLowA = topA;
        LongVector nextTopB = topA;
        LongVector nextLowB = topA;
        for (int i = 0; i < terms; i++) {
            int at = factorsAt + i * POINTS;
            DoubleVector f = DoubleVector.fromArray(REALS, factors, at);
            DoubleVector g = DoubleVector.fromArray(REALS, factors, at + next);
            DoubleVector a = DoubleVector.fromArray(REALS, pairs, pairsAt + i * 2 * POINTS);
            DoubleVector b = DoubleVector.fromArray(REALS, pairs, pairsAt + i * 2 * POINTS + POINTS);
            DoubleVector fa = f.fma(a, top);
            topA = topA.add(fa.reinterpretAsLongs());
            lowA = lowA.add(f.fma(a, both.sub(fa)).reinterpretAsLongs());
            DoubleVector fb = f.fma(b, top);
            topB = topB.add(fb.reinterpretAsLongs());
            lowB = lowB.add(f.fma(b, both.sub(fb)).reinterpretAsLongs());
            DoubleVector ga = g.fma(a, top);
            nextTopA = nextTopA.add(ga.reinterpretAsLongs());
            nextLowA = nextLowA.add(g.fma(a, both.sub(ga)).reinterpretAsLongs());
            DoubleVector gb = g.fma(b, top);
            nextTopB = nextTopB.add(gb.reinterpretAsLongs());
            nextLowB = nextLowB.add(g.fma(b, both.sub(gb)).reinterpretAsLongs());
        }
        topA.intoArray(work, workAt);
        lowA.intoArray(work, workAt + LANES);
        topB.intoArray(work, workAt + 2 * LANES);
        lowB.intoArray(work, workAt + 3 * LANES);
        nextTopA.intoArray(work, workAt + 4 * LANES);
        nextLowA.intoArray(work, workAt + 5 * LANES);
        nextTopB.intoArray(work, workAt + 6 * LANES);
        nextLowB.intoArray(work, workAt + 7 * LANES);
    }

    private static void one(
            int terms, double[] factors, int factorsAt, double[] pairs, int pairsAt, long[] work, int workAt) {
        DoubleVector top = broadcast(TOP);
        DoubleVector both = broadcast(TOP + BOTTOM);
        LongVector topA = LongVector.zero(WORDS);
        LongVector lowA = topA;
        LongVector topB = topA;
        LongVector lowB = topA;
        for (int i = 0; i < terms; i++) {
            int at = factorsAt + i * POINTS;
            DoubleVector f = DoubleVector.fromArray(REALS, factors, at);
            DoubleVector a = DoubleVector.fromArray(REALS, pairs, pairsAt + i * 2 * POINTS);
            DoubleVector b = DoubleVector.fromArray(REALS, pairs, pairsAt + i * 2 * POINTS + POINTS);
            DoubleVector fa = f.fma(a, top);
            topA = topA.add(fa.reinterpretAsLongs());
            lowA = lowA.add(f.fma(a, both.sub(fa)).reinterpretAsLongs());
            DoubleVector fb = f.fma(b, top);
            topB = topB.add(fb.reinterpretAsLongs());
            lowB = lowB.add(f.fma(b, both.sub(fb)).reinterpretAsLongs());
        }
        topA.intoArray(work, workAt);
        lowA.intoArray(work, workAt + LANES);
        topB.intoArray(work, workAt + 2 * LANES);
        lowB.intoArray(work, workAt + 3 * LANES);
    }

    /** What pairs of words in the work space, top and bottom, stand for, at most 2.25·q; the doubles take the tops' place. */
    private void join(Column column, int lane) {
        long[] work = column.work;
        long terms = column.terms;
        DoubleVector rounder = broadcast(ROUNDER);
        DoubleVector minusP = broadcast((double) -q);
        DoubleVector high = broadcast(highWeight);
        DoubleVector minusHigh = high.neg();
        DoubleVector highOverP = broadcast(highQuotient);
        DoubleVector middle = broadcast(middleWeight);
        DoubleVector minusMiddle = middle.neg();
        DoubleVector middleOverP = broadcast(middleQuotient);
        for (int at = 0; at < column.sums * SUM_WORDS; at += 2 * LANES) {
            LongVector low = LongVector.fromArray(WORDS, work, at + LANES).sub(terms * BOTTOM_WORD);
            LongVector carry = low.lanewise(VectorOperators.ASHR, LOW_BITS);
            LongVector top =
                    LongVector.fromArray(WORDS, work, at).sub(terms * TOP_WORD).add(carry);
            DoubleVector upper = signed(top.lanewise(VectorOperators.ASHR, MIDDLE_BITS));
            DoubleVector lower = FmaArithmetic.toReals(top.and(MIDDLE_MASK));
            FmaArithmetic.multiply(upper, high, minusHigh, highOverP, minusP, rounder)
                    .add(FmaArithmetic.multiply(lower, middle, minusMiddle, middleOverP, minusP, rounder))
                    .add(FmaArithmetic.toReals(low.and(LOW_MASK)))
                    .reinterpretAsLongs()
                    .intoArray(work, at);
        }
    }

    /** The canonical residues of what {@link #join} left. */
    private void reduce(Column column, int lane) {
        long[] work = column.work;
        int toAt = column.toAt + lane;
        DoubleVector rounder = broadcast(ROUNDER);
        DoubleVector minusP = broadcast((double) -q);
        DoubleVector inverseOfP = broadcast(inverseP);
        for (int i = 0; i < 2 * column.sums; i++) {
            DoubleVector sum = LongVector.fromArray(WORDS, work, 2 * i * LANES).reinterpretAsDoubles();
            FmaArithmetic.toWords(FmaArithmetic.reduce(sum, inverseOfP, minusP, rounder), q)
                    .intoArray(column.to, toAt + i * column.step);
        }
    }

    /** Words of (−2^51, 2^51) as doubles. */
    private static DoubleVector signed(LongVector words) {
        return words.add(BOTTOM_WORD).reinterpretAsDoubles().sub(BOTTOM);
    }

    @Override
    public void centre(long[] residues, int at, double[] to, int toAt) {
        for (int lane = 0; lane < POINTS; lane += LANES) {
            LongVector words = LongVector.fromArray(WORDS, residues, at + lane);
            LongVector greater = words.lanewise(VectorOperators.NEG).add(q / 2).lanewise(VectorOperators.ASHR, 63);
            signed(words.sub(greater.and(q))).intoArray(to, toAt + lane);
        }
    }
}
