package io.latticegate.fhe.core.backend;

import io.latticegate.fhe.core.modular.Modulus;
import io.latticegate.fhe.core.ring.NttTables;
import java.util.List;

/**
 * The transform of {@link NttTables} in vectors of doubles, for a prime p of at most 50 bits.
 *
 * <p>Stages whose span exceeds a vector are done two at a time on four vectors, and depth first in blocks that fit the
 * first cache as soon as the spans allow it. The other stages, the tail, are done on two neighbouring vectors, which
 * are shuffled between the stages so that partners share a lane ({@link TailLayout}).
 *
 * <p>Sums are not reduced at each stage. With inputs of at most B·p, two forward stages give at most (B + 1.25)·p, and
 * factors may be as great as 4p ({@link FmaArithmetic}): so it suffices to reduce the two vectors that are not factors
 * on entering every second pair of stages, and the tail. Two backward stages give sums of at most 4B·p; they are
 * reduced on leaving each pair.
 */
final class FmaNtt {
    /** Depth first from this length on: 2048 doubles are 16 KiB. */
    private static final int BLOCK_MAX = 2048;

    private final int degree;
    private final int block;
    private final FmaStage[] forwardWhole;
    private final FmaStage[] forwardBlock;
    private final FmaStage[] inverseBlock;
    private final FmaStage[] inverseWhole;

    FmaNtt(NttTables tables) {
        Modulus modulus = tables.modulus();
        double p = modulus.value();
        degree = tables.degree();
        boolean oddStages = ((Integer.numberOfTrailingZeros(degree) - TailLayout.STAGES) & 1) == 1;
        int span = oddStages ? degree / 2 : degree;
        while (span > BLOCK_MAX) {
            span /= 4;
        }
        block = span;
        FmaTwiddles forward = new FmaTwiddles(modulus, tables.roots());
        forwardWhole = steps(FmaForward.breadthFirst(p, degree, forward, oddStages, block));
        forwardBlock = steps(FmaForward.depthFirst(p, degree, forward, oddStages, block));
        FmaTwiddles inverse = new FmaTwiddles(modulus, tables.inverseRoots());
        double degreeInverse = FmaTwiddles.centred(modulus, tables.degreeInverse());
        inverseBlock = steps(FmaInverse.depthFirst(p, degree, inverse, block));
        inverseWhole = steps(FmaInverse.breadthFirst(p, degree, inverse, oddStages, block, degreeInverse));
    }

    private static FmaStage[] steps(List<FmaStage> stages) {
        return stages.toArray(FmaStage[]::new);
    }

    /** Whether this class does the transform: a prime of at most 50 bits, and two stages before the tail. */
    static boolean covers(NttTables tables) {
        return FmaArithmetic.covers(tables.modulus()) && tables.degree() >= 4 * TailLayout.LENGTH;
    }

    /** Canonical words to canonical words; {@code x} is work space of N doubles. */
    void forward(Limb from, Limb to, double[] x) {
        for (FmaStage stage : forwardWhole) {
            stage.apply(x, from, 0, degree);
        }
        for (int start = 0; start < degree; start += block) {
            for (FmaStage stage : forwardBlock) {
                stage.apply(x, to, start, block);
            }
        }
    }

    /** Canonical words to canonical words; {@code x} is work space of N doubles. */
    void inverse(Limb from, Limb to, double[] x) {
        for (int start = 0; start < degree; start += block) {
            for (FmaStage stage : inverseBlock) {
                stage.apply(x, from, start, block);
            }
        }
        for (FmaStage stage : inverseWhole) {
            stage.apply(x, to, 0, degree);
        }
    }
}
