package io.latticegate.fhe.core.backend;

import static io.latticegate.fhe.core.backend.FmaArithmetic.LANES;
import static io.latticegate.fhe.core.backend.FmaArithmetic.WORDS;

import io.latticegate.fhe.core.modular.Modulus;
import io.latticegate.fhe.core.ring.NttTables;
import java.util.ArrayList;
import java.util.List;
import jdk.incubator.vector.LongVector;

/**
 * The transform of {@link NttTables} in vectors of words, for primes of more than 50 bits. Between stages words are below
 * 4q forwards and below 2q backwards, as in {@link ScalarKernels}. Stages with spans shorter than a vector are done on two
 * neighbouring vectors in the layouts of {@link TailLayout}.
 */
final class WideNtt {
    private final WideStage[] forward;
    private final WideStage[] inverse;

    WideNtt(NttTables tables) {
        int degree = tables.degree();
        Modulus modulus = tables.modulus();
        List<WideStage> down = new ArrayList<>();
        for (int span = degree / 2; span >= LANES; span /= 2) {
            down.add(new ForwardSpan(tables, span));
        }
        for (int span = LANES / 2; span > 0; span /= 2) {
            down.add(new ForwardTail(tables, span));
        }
        down.add(new Canonical(modulus.value()));
        forward = down.toArray(WideStage[]::new);
        List<WideStage> up = new ArrayList<>();
        for (int span = 1; span < LANES; span *= 2) {
            up.add(new InverseTail(tables, span));
        }
        for (int span = LANES; span < degree; span *= 2) {
            up.add(new InverseSpan(tables, span));
        }
        up.add(new Scale(tables));
        inverse = up.toArray(WideStage[]::new);
    }

    /** Whether this class does the transform: there are stages on whole vectors. */
    static boolean covers(NttTables tables) {
        return LANES >= 2 && tables.degree() >= 2 * TailLayout.LENGTH;
    }

    /** In place, canonical words to canonical words. */
    void forward(Limb x) {
        for (WideStage stage : forward) {
            stage.apply(x);
        }
    }

    /** In place, canonical words to canonical words. */
    void inverse(Limb x) {
        for (WideStage stage : inverse) {
            stage.apply(x);
        }
    }

    private static LongVector broadcast(long value) {
        return LongVector.broadcast(WORDS, value);
    }

    private static LongVector load(long[] words, int at) {
        return LongVector.fromArray(WORDS, words, at);
    }

    /** A stage whose span is a vector or longer. */
    private static final class ForwardSpan extends WideStage {
        private final long[] roots;
        private final long[] quotients;
        private final int span;

        ForwardSpan(NttTables tables, int span) {
            super(tables.modulus().value());
            this.roots = tables.roots();
            this.quotients = tables.rootQuotients();
            this.span = span;
        }

        @Override
        void apply(Limb x) {
            int index = x.length() / (2 * span);
            for (int start = x.at(); start < x.at() + x.length(); start += 2 * span) {
                group(x.words(), start, roots[index], quotients[index]);
                index++;
            }
        }

        private void group(long[] x, int start, long factor, long quotient) {
            LongVector root = broadcast(factor);
            LongVector high = broadcast(quotient >>> 32);
            LongVector low = broadcast(quotient & 0xffffffffL);
            for (int i = start; i < start + span; i += LANES) {
                LongVector u = WideArithmetic.fold(load(x, i), 2 * q);
                LongVector v = WideArithmetic.multiplyLazy(load(x, i + span), root, high, low, q);
                u.add(v).intoArray(x, i);
                u.sub(v).add(2 * q).intoArray(x, i + span);
            }
        }
    }

    /** A stage whose span is the length of a vector or longer. */
    private static final class InverseSpan extends WideStage {
        private final long[] roots;
        private final long[] quotients;
        private final int span;

        InverseSpan(NttTables tables, int span) {
            super(tables.modulus().value());
            this.roots = tables.inverseRoots();
            this.quotients = tables.inverseRootQuotients();
            this.span = span;
        }

        @Override
        void apply(Limb x) {
            int index = x.length() / (2 * span);
            for (int start = x.at(); start < x.at() + x.length(); start += 2 * span) {
                group(x.words(), start, roots[index], quotients[index]);
                index++;
            }
        }

        private void group(long[] x, int start, long factor, long quotient) {
            LongVector root = broadcast(factor);
            LongVector high = broadcast(quotient >>> 32);
            LongVector low = broadcast(quotient & 0xffffffffL);
            for (int i = start; i < start + span; i += LANES) {
                LongVector u = load(x, i);
                LongVector v = load(x, i + span);
                WideArithmetic.fold(u.add(v), 2 * q).intoArray(x, i);
                WideArithmetic.multiplyLazy(u.sub(v).add(2 * q), root, high, low, q)
                        .intoArray(x, i + span);
            }
        }
    }

    /** Factors of one tail stage by lane: for each pair of vectors the factors and both halves of their quotients. */
    private static long[] tailTwiddles(long[] roots, long[] quotients, int span) {
        int degree = roots.length;
        long[] twiddles = new long[degree / TailLayout.LENGTH * 3 * LANES];
        int at = 0;
        for (int block = 0; block < degree; block += TailLayout.LENGTH) {
            for (int lane = 0; lane < LANES; lane++) {
                int index = (degree + block + TailLayout.element(lane, span, false)) / (2 * span);
                twiddles[at + lane] = roots[index];
                twiddles[at + LANES + lane] = quotients[index] >>> 32;
                twiddles[at + 2 * LANES + lane] = quotients[index] & 0xffffffffL;
            }
            at += 3 * LANES;
        }
        return twiddles;
    }

    /** A stage whose span is shorter than a vector: from the layout for twice the span to its own; the last to memory's. */
    private static final class ForwardTail extends WideStage {
        private final long[] twiddles;
        private final long[] first;
        private final long[] second;
        private final long[] firstAfter;
        private final long[] secondAfter;

        ForwardTail(NttTables tables, int span) {
            super(tables.modulus().value());
            this.twiddles = tailTwiddles(tables.roots(), tables.rootQuotients(), span);
            this.first = TailLayout.indices(2 * span, span, false);
            this.second = TailLayout.indices(2 * span, span, true);
            this.firstAfter = TailLayout.indices(span, span > 1 ? span : LANES, false);
            this.secondAfter = TailLayout.indices(span, span > 1 ? span : LANES, true);
        }

        @Override
        void apply(Limb x) {
            long[] words = x.words();
            LongVector toFirst = load(first, 0);
            LongVector toSecond = load(second, 0);
            LongVector outFirst = load(firstAfter, 0);
            LongVector outSecond = load(secondAfter, 0);
            int at = 0;
            for (int i = x.at(); i < x.at() + x.length(); i += TailLayout.LENGTH) {
                LongVector a = load(words, i);
                LongVector b = load(words, i + LANES);
                LongVector u = WideArithmetic.fold(toFirst.selectFrom(a, b), 2 * q);
                LongVector v = WideArithmetic.multiplyLazy(
                        toSecond.selectFrom(a, b),
                        load(twiddles, at),
                        load(twiddles, at + LANES),
                        load(twiddles, at + 2 * LANES),
                        q);
                a = u.add(v);
                b = u.sub(v).add(2 * q);
                outFirst.selectFrom(a, b).intoArray(words, i);
                outSecond.selectFrom(a, b).intoArray(words, i + LANES);
                at += 3 * LANES;
            }
        }
    }

    /** A stage whose span is shorter than a vector: the first from memory's layout; leaves that for twice the span. */
    private static final class InverseTail extends WideStage {
        private final long[] twiddles;
        private final long[] first;
        private final long[] second;
        private final long[] firstAfter;
        private final long[] secondAfter;

        InverseTail(NttTables tables, int span) {
            super(tables.modulus().value());
            this.twiddles = tailTwiddles(tables.inverseRoots(), tables.inverseRootQuotients(), span);
            this.first = TailLayout.indices(span > 1 ? span : LANES, span, false);
            this.second = TailLayout.indices(span > 1 ? span : LANES, span, true);
            this.firstAfter = TailLayout.indices(span, 2 * span, false);
            this.secondAfter = TailLayout.indices(span, 2 * span, true);
        }

        @Override
        void apply(Limb x) {
            long[] words = x.words();
            LongVector toFirst = load(first, 0);
            LongVector toSecond = load(second, 0);
            LongVector outFirst = load(firstAfter, 0);
            LongVector outSecond = load(secondAfter, 0);
            int at = 0;
            for (int i = x.at(); i < x.at() + x.length(); i += TailLayout.LENGTH) {
                LongVector a = load(words, i);
                LongVector b = load(words, i + LANES);
                LongVector u = toFirst.selectFrom(a, b);
                LongVector v = toSecond.selectFrom(a, b);
                a = WideArithmetic.fold(u.add(v), 2 * q);
                b = WideArithmetic.multiplyLazy(
                        u.sub(v).add(2 * q),
                        load(twiddles, at),
                        load(twiddles, at + LANES),
                        load(twiddles, at + 2 * LANES),
                        q);
                outFirst.selectFrom(a, b).intoArray(words, i);
                outSecond.selectFrom(a, b).intoArray(words, i + LANES);
                at += 3 * LANES;
            }
        }
    }

    /** From below 4q to canonical. */
    private static final class Canonical extends WideStage {
        Canonical(long q) {
            super(q);
        }

        @Override
        void apply(Limb x) {
            long[] words = x.words();
            for (int i = x.at(); i < x.at() + x.length(); i += LANES) {
                WideArithmetic.fold(WideArithmetic.fold(load(words, i), 2 * q), q)
                        .intoArray(words, i);
            }
        }
    }

    /** The factor N^−1, and canonical words. */
    private static final class Scale extends WideStage {
        private final long factor;
        private final long quotient;

        Scale(NttTables tables) {
            super(tables.modulus().value());
            this.factor = tables.degreeInverse();
            this.quotient = tables.modulus().quotient(factor);
        }

        @Override
        void apply(Limb x) {
            long[] words = x.words();
            LongVector scale = broadcast(factor);
            LongVector high = broadcast(quotient >>> 32);
            LongVector low = broadcast(quotient & 0xffffffffL);
            for (int i = x.at(); i < x.at() + x.length(); i += LANES) {
                LongVector y = WideArithmetic.multiplyLazy(load(words, i), scale, high, low, q);
                WideArithmetic.fold(y, q).intoArray(words, i);
            }
        }
    }
}
