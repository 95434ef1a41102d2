package io.latticegate.fhe.core.backend;

import io.latticegate.fhe.core.modular.Modulus;
import io.latticegate.fhe.core.ring.RnsBackend;

/** The one place where a processor backend is chosen. The choice and its reason are in {@link RnsBackend#name}. */
public final class Backends {
    /** {@link CpuVector} where the JVM has the Vector API's module and the machine has vectors, else {@link CpuScalar}. */
    public static RnsBackend cpu() {
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
            return new CpuScalar("the JVM runs without --add-modules jdk.incubator.vector");
        }
        int lanes = CpuVector.lanes();
        if (lanes < CpuVector.LANES_MIN) {
            return new CpuScalar("vectors on this machine hold " + lanes + " double");
        }
        return new CpuVector();
    }

    /**
     * The sums of products modulo q on the same means as a processor backend.
     *
     * @throws IllegalArgumentException if q has not 48 to 50 bits
     */
    public static ProductSums productSums(RnsBackend backend, Modulus q) {
        return backend instanceof CpuVector && CpuVector.lanes() <= ProductSums.POINTS
                ? new VectorProductSums(q)
                : new ScalarProductSums(q);
    }

    private Backends() {}
}
