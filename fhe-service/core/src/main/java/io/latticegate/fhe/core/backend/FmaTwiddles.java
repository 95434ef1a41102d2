package io.latticegate.fhe.core.backend;

import static io.latticegate.fhe.core.backend.FmaArithmetic.LANES;

import io.latticegate.fhe.core.modular.Modulus;

/** The factors of a transform's butterflies, centred about zero, with their quotients by p ({@link FmaArithmetic}). */
final class FmaTwiddles {
    /** Factors, indexed as {@link io.latticegate.fhe.core.ring.NttTables#roots}. */
    final double[] factors;

    /** factor / p. */
    final double[] quotients;

    /**
     * For each pair of vectors and each span from LANES / 2 down to 1: a vector of factors, then one of quotients, in
     * the lanes of {@link TailLayout}.
     */
    final double[] tail;

    FmaTwiddles(Modulus modulus, long[] roots) {
        double p = modulus.value();
        int n = roots.length;
        factors = new double[n];
        quotients = new double[n];
        for (int i = 0; i < n; i++) {
            factors[i] = centred(modulus, roots[i]);
            quotients[i] = factors[i] / p;
        }
        tail = new double[n / TailLayout.LENGTH * TailLayout.TWIDDLES];
        int at = 0;
        for (int block = 0; block < n; block += TailLayout.LENGTH) {
            for (int span = LANES / 2; span > 0; span /= 2) {
                for (int lane = 0; lane < LANES; lane++) {
                    int group = (block + TailLayout.element(lane, span, false)) / (2 * span);
                    int index = n / (2 * span) + group;
                    tail[at + lane] = factors[index];
                    tail[at + LANES + lane] = quotients[index];
                }
                at += 2 * LANES;
            }
        }
    }

    static double centred(Modulus modulus, long residue) {
        return residue > modulus.value() / 2 ? residue - modulus.value() : residue;
    }
}
