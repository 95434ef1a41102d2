package io.latticegate.fhe.core.backend;

/** One word at a time, in 64-bit integers. Runs everywhere, and is what the others are held against. */
public final class CpuScalar extends CpuBackend {
    public CpuScalar() {
        this("chosen");
    }

    CpuScalar(String why) {
        super("cpu-scalar (" + why + ")", new ScalarKernels());
    }
}
