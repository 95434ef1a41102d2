package io.latticegate.fhe.core.preset;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The parameter sets that services offer. Loading this class holds each against its column of the security table. */
public enum Preset {
    /** One product with a plaintext, no rescaling: scores of a search. */
    S12(SecurityTable.CLASSICAL_128, 12, 24, 1, 1, 50, 56),
    /** Search with rotations; depth 1. */
    S13(SecurityTable.QUANTUM_128, 13, 40, 1, 1, 50, 50, 55),
    /** Classification heads; depth 5. */
    S14(SecurityTable.QUANTUM_128, 14, 40, 1, 1, 50, 40, 40, 40, 40, 40, 60),
    /** Depth 14; two special primes, digits of two primes, so its keys are not Microsoft SEAL's. */
    S15(SecurityTable.CLASSICAL_128, 15, 45, 2, 2, s15());

    private final CkksParameters parameters;
    private final double scale;

    Preset(SecurityTable security, int logDegree, int logScale, int special, int digitPrimes, int... bits) {
        List<Integer> lengths = new ArrayList<>();
        for (int length : bits) {
            lengths.add(length);
        }
        this.parameters = CkksParameters.of(name(), security, 1 << logDegree, lengths, special, digitPrimes);
        this.scale = Math.scalb(1.0, logScale);
    }

    private static int[] s15() {
        List<Integer> bits = new ArrayList<>(List.of(50));
        bits.addAll(Collections.nCopies(14, 45));
        bits.addAll(List.of(60, 60));
        return bits.stream().mapToInt(Integer::intValue).toArray();
    }

    public CkksParameters parameters() {
        return parameters;
    }

    /** The scale of fresh ciphertexts. */
    public double scale() {
        return scale;
    }
}
