package io.latticegate.fhe.core.backend;

import static io.latticegate.fhe.core.backend.FmaArithmetic.LANES;
import static io.latticegate.fhe.core.backend.FmaArithmetic.WORDS;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;

/**
 * Where 2·LANES neighbouring elements lie in two vectors while a stage of a given span is done on them: those whose
 * number has the bit of the span clear in the first, in order, and their partners in the same lanes of the second. For
 * the span LANES this is the order in memory.
 */
final class TailLayout {
    /** The number of elements in the two vectors. */
    static final int LENGTH = 2 * LANES;

    /** The number of spans from LANES down to 1. */
    static final int STAGES = Integer.numberOfTrailingZeros(LANES) + 1;

    /** The doubles of {@link FmaTwiddles#tail} that belong to one pair of vectors. */
    static final int TWIDDLES = (STAGES - 1) * 2 * LANES;

    static final LongVector FROM_8_TO_4_FIRST = source(8, 4, false);
    static final LongVector FROM_8_TO_4_SECOND = source(8, 4, true);
    static final LongVector FROM_4_TO_2_FIRST = source(4, 2, false);
    static final LongVector FROM_4_TO_2_SECOND = source(4, 2, true);
    static final LongVector FROM_2_TO_1_FIRST = source(2, 1, false);
    static final LongVector FROM_2_TO_1_SECOND = source(2, 1, true);
    static final LongVector FROM_1_TO_MEMORY_FIRST = source(1, LANES, false);
    static final LongVector FROM_1_TO_MEMORY_SECOND = source(1, LANES, true);

    static final LongVector FROM_MEMORY_TO_1_FIRST = source(LANES, 1, false);
    static final LongVector FROM_MEMORY_TO_1_SECOND = source(LANES, 1, true);
    static final LongVector FROM_1_TO_2_FIRST = source(1, 2, false);
    static final LongVector FROM_1_TO_2_SECOND = source(1, 2, true);
    static final LongVector FROM_2_TO_4_FIRST = source(2, 4, false);
    static final LongVector FROM_2_TO_4_SECOND = source(2, 4, true);
    static final LongVector FROM_4_TO_8_FIRST = source(4, 8, false);
    static final LongVector FROM_4_TO_8_SECOND = source(4, 8, true);

    /** The number of the element in a lane of one of the two vectors. */
    static int element(int lane, int span, boolean second) {
        return lane / span * 2 * span + lane % span + (second ? span : 0);
    }

    /** The elements of two vectors that {@code source} names: from LANES on those of the second. */
    static DoubleVector pick(LongVector source, DoubleVector first, DoubleVector second) {
        return source.selectFrom(first.reinterpretAsLongs(), second.reinterpretAsLongs())
                .reinterpretAsDoubles();
    }

    private static LongVector source(int fromSpan, int toSpan, boolean second) {
        return LongVector.fromArray(WORDS, indices(fromSpan, toSpan, second), 0);
    }

    /** From the layout for one span to one vector of that for another; zeros if a span is longer than a vector. */
    static long[] indices(int fromSpan, int toSpan, boolean second) {
        long[] source = new long[LANES];
        if (fromSpan <= LANES && toSpan <= LANES) {
            for (int lane = 0; lane < LANES; lane++) {
                int wanted = element(lane, toSpan, second);
                int there = wanted / (2 * fromSpan) * fromSpan + wanted % fromSpan;
                source[lane] = (wanted & fromSpan) == 0 ? there : there + LANES;
            }
        }
        return source;
    }

    private TailLayout() {}
}
