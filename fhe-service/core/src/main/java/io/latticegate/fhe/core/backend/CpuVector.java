package io.latticegate.fhe.core.backend;

/**
 * Vectors of doubles with fused multiply-add for primes of at most 50 bits ({@link FmaArithmetic}), integers for longer
 * ones. Needs the module {@code jdk.incubator.vector}.
 */
public final class CpuVector extends CpuBackend {
    /** Fewer lanes than this are no vectors. */
    static final int LANES_MIN = 2;

    /** @throws UnsupportedOperationException if this machine's vectors hold fewer than two doubles */
    public CpuVector() {
        super("cpu-vector (" + FmaArithmetic.LANES + " lanes)", new VectorKernels());
        if (FmaArithmetic.LANES < LANES_MIN) {
            throw new UnsupportedOperationException("vectors here hold " + FmaArithmetic.LANES + " double");
        }
    }

    static int lanes() {
        return FmaArithmetic.LANES;
    }
}
