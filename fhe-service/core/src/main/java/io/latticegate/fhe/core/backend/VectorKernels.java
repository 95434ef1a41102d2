package io.latticegate.fhe.core.backend;

import static io.latticegate.fhe.core.backend.FmaArithmetic.LANES;
import static io.latticegate.fhe.core.backend.FmaArithmetic.ROUNDER;
import static io.latticegate.fhe.core.backend.FmaArithmetic.WORDS;
import static io.latticegate.fhe.core.backend.FmaArithmetic.broadcast;
import static io.latticegate.fhe.core.backend.WideArithmetic.fold;

import io.latticegate.fhe.core.modular.Modulus;
import io.latticegate.fhe.core.ring.NttTables;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Vectors of doubles where {@link FmaArithmetic} covers the prime; modulo longer primes vectors of words for transforms
 * ({@link WideNtt}) and sums, and the scalar loops for products, which vectors of words do not make faster.
 */
final class VectorKernels implements LimbKernels {
    /** Words of [0, 2^60) are split here, so that both halves are exact as doubles. */
    private static final int HALF_BITS = 30;

    private final ScalarKernels scalar = new ScalarKernels();
    private final ConcurrentMap<NttTables, FmaNtt> transforms = new ConcurrentHashMap<>();
    private final ConcurrentMap<NttTables, WideNtt> wideTransforms = new ConcurrentHashMap<>();

    @Override
    public void forward(NttTables tables, Limb from, Limb to, Scratch scratch) {
        if (FmaNtt.covers(tables)) {
            transforms.computeIfAbsent(tables, FmaNtt::new).forward(from, to, scratch.reals());
        } else if (WideNtt.covers(tables)) {
            System.arraycopy(from.words(), from.at(), to.words(), to.at(), to.length());
            wideTransforms.computeIfAbsent(tables, WideNtt::new).forward(to);
        } else {
            scalar.forward(tables, from, to, scratch);
        }
    }

    @Override
    public void inverse(NttTables tables, Limb from, Limb to, Scratch scratch) {
        if (FmaNtt.covers(tables)) {
            transforms.computeIfAbsent(tables, FmaNtt::new).inverse(from, to, scratch.reals());
        } else if (WideNtt.covers(tables)) {
            System.arraycopy(from.words(), from.at(), to.words(), to.at(), to.length());
            wideTransforms.computeIfAbsent(tables, WideNtt::new).inverse(to);
        } else {
            scalar.inverse(tables, from, to, scratch);
        }
    }

    private static LongVector load(Limb limb, int i) {
        return LongVector.fromArray(WORDS, limb.words(), limb.at() + i);
    }

    private static void store(LongVector words, Limb limb, int i) {
        words.intoArray(limb.words(), limb.at() + i);
    }

    @Override
    public void add(Modulus q, Limb a, Limb b, Limb to) {
        long value = q.value();
        for (int i = 0; i < to.length(); i += LANES) {
            store(fold(load(a, i).add(load(b, i)), value), to, i);
        }
    }

    @Override
    public void subtract(Modulus q, Limb a, Limb b, Limb to) {
        long value = q.value();
        for (int i = 0; i < to.length(); i += LANES) {
            LongVector difference = load(a, i).sub(load(b, i));
            store(difference.lanewise(VectorOperators.UMIN, difference.add(value)), to, i);
        }
    }

    @Override
    public void negate(Modulus q, Limb a, Limb to) {
        long value = q.value();
        for (int i = 0; i < to.length(); i += LANES) {
            LongVector negative = load(a, i).neg();
            store(negative.lanewise(VectorOperators.UMIN, negative.add(value)), to, i);
        }
    }

    @Override
    public void addScalar(Modulus q, long c, Limb a, Limb to) {
        long value = q.value();
        for (int i = 0; i < to.length(); i += LANES) {
            store(fold(load(a, i).add(c), value), to, i);
        }
    }

    @Override
    public void multiply(Modulus q, Limb a, Limb b, Limb to) {
        if (!FmaArithmetic.covers(q)) {
            scalar.multiply(q, a, b, to);
            return;
        }
        DoubleVector rounder = broadcast(ROUNDER);
        DoubleVector minusP = broadcast((double) -q.value());
        DoubleVector inverseP = broadcast(1.0 / (double) q.value());
        for (int i = 0; i < to.length(); i += LANES) {
            DoubleVector product = FmaArithmetic.product(
                    FmaArithmetic.toReals(load(a, i)), FmaArithmetic.toReals(load(b, i)), inverseP, minusP, rounder);
            store(FmaArithmetic.toWords(product, q.value()), to, i);
        }
    }

    @Override
    public void multiplyAdd(Modulus q, Limb a, Limb b, Limb to) {
        if (!FmaArithmetic.covers(q)) {
            scalar.multiplyAdd(q, a, b, to);
            return;
        }
        DoubleVector rounder = broadcast(ROUNDER);
        DoubleVector minusP = broadcast((double) -q.value());
        DoubleVector inverseP = broadcast(1.0 / (double) q.value());
        for (int i = 0; i < to.length(); i += LANES) {
            DoubleVector product = FmaArithmetic.product(
                    FmaArithmetic.toReals(load(a, i)), FmaArithmetic.toReals(load(b, i)), inverseP, minusP, rounder);
            LongVector canonical = FmaArithmetic.toWords(product, q.value());
            store(fold(canonical.add(load(to, i)), q.value()), to, i);
        }
    }

    @Override
    public void multiplyScalar(Modulus q, long c, Limb a, Limb to) {
        if (!FmaArithmetic.covers(q)) {
            scalar.multiplyScalar(q, c, a, to);
            return;
        }
        DoubleVector rounder = broadcast(ROUNDER);
        DoubleVector minusP = broadcast((double) -q.value());
        DoubleVector factor = broadcast(FmaTwiddles.centred(q, c));
        DoubleVector quotient = broadcast(FmaTwiddles.centred(q, c) / (double) q.value());
        DoubleVector minusFactor = factor.neg();
        for (int i = 0; i < to.length(); i += LANES) {
            DoubleVector y = FmaArithmetic.toReals(load(a, i));
            DoubleVector product = FmaArithmetic.multiply(y, factor, minusFactor, quotient, minusP, rounder);
            store(FmaArithmetic.toWords(product, q.value()), to, i);
        }
    }

    @Override
    public void subtractMultiplyScalar(Modulus q, long c, Limb a, Limb b, Limb to) {
        if (!FmaArithmetic.covers(q)) {
            scalar.subtractMultiplyScalar(q, c, a, b, to);
            return;
        }
        DoubleVector rounder = broadcast(ROUNDER);
        DoubleVector minusP = broadcast((double) -q.value());
        DoubleVector factor = broadcast(FmaTwiddles.centred(q, c));
        DoubleVector quotient = broadcast(FmaTwiddles.centred(q, c) / (double) q.value());
        DoubleVector minusFactor = factor.neg();
        for (int i = 0; i < to.length(); i += LANES) {
            DoubleVector y = FmaArithmetic.toReals(load(a, i)).sub(FmaArithmetic.toReals(load(b, i)));
            DoubleVector product = FmaArithmetic.multiply(y, factor, minusFactor, quotient, minusP, rounder);
            store(FmaArithmetic.toWords(product, q.value()), to, i);
        }
    }

    /** Whether halves of 30 bits are at most 4p, as {@link FmaArithmetic#multiply} wants factors. */
    private static boolean splits(Modulus q) {
        return FmaArithmetic.covers(q) && q.bits() >= HALF_BITS;
    }

    @Override
    public void reduce(Modulus q, Limb a, Limb to) {
        if (!splits(q)) {
            scalar.reduce(q, a, to);
            return;
        }
        double p = q.value();
        DoubleVector rounder = broadcast(ROUNDER);
        DoubleVector minusP = broadcast(-p);
        DoubleVector inverseP = broadcast(1.0 / p);
        double highFactor = FmaTwiddles.centred(q, q.reduce(1L << HALF_BITS));
        DoubleVector high = broadcast(highFactor);
        DoubleVector highQuotient = broadcast(highFactor / p);
        DoubleVector minusHigh = high.neg();
        for (int i = 0; i < to.length(); i += LANES) {
            LongVector word = load(a, i);
            DoubleVector top = FmaArithmetic.toReals(word.lanewise(VectorOperators.LSHR, HALF_BITS));
            DoubleVector bottom = FmaArithmetic.toReals(word.and((1L << HALF_BITS) - 1));
            DoubleVector sum = FmaArithmetic.multiply(top, high, minusHigh, highQuotient, minusP, rounder)
                    .add(bottom);
            store(FmaArithmetic.toWords(FmaArithmetic.reduce(sum, inverseP, minusP, rounder), q.value()), to, i);
        }
    }

    @Override
    public void reduceMultiplyAdd(Modulus q, long c, Limb a, Limb to) {
        if (!splits(q)) {
            scalar.reduceMultiplyAdd(q, c, a, to);
            return;
        }
        addHalfProduct(q, q.multiply(c, q.reduce(1L << HALF_BITS)), HALF_BITS, a, to);
        addHalfProduct(q, c, 0, a, to);
    }

    /** to = to + half · c, where a half is 30 bits of a word of a from {@code shift} on. */
    private static void addHalfProduct(Modulus q, long c, int shift, Limb a, Limb to) {
        DoubleVector rounder = broadcast(ROUNDER);
        DoubleVector minusP = broadcast((double) -q.value());
        DoubleVector factor = broadcast(FmaTwiddles.centred(q, c));
        DoubleVector quotient = broadcast(FmaTwiddles.centred(q, c) / (double) q.value());
        DoubleVector minusFactor = factor.neg();
        for (int i = 0; i < to.length(); i += LANES) {
            LongVector half = load(a, i).lanewise(VectorOperators.LSHR, shift).and((1L << HALF_BITS) - 1);
            DoubleVector product =
                    FmaArithmetic.multiply(FmaArithmetic.toReals(half), factor, minusFactor, quotient, minusP, rounder);
            store(fold(FmaArithmetic.toWords(product, q.value()).add(load(to, i)), q.value()), to, i);
        }
    }
}
