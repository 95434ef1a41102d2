package io.latticegate.fhe.core.encode;

import io.latticegate.fhe.core.modular.Modulus;
import io.latticegate.fhe.core.ring.RnsBase;

/**
 * Integers of (−Q/2, Q/2), given by residues, as doubles: by their balanced mixed-radix digits v_i, with x = Σ v_i ·
 * q_0…q_(i−1) and |v_i| &lt; q_i/2. There is one such representation, and a sum from the top loses at most one bit to
 * cancellation. No branch depends on a residue.
 */
final class BalancedDigits {
    private final Modulus[] moduli;
    /** q_j^−1 mod q_i. */
    private final long[][] inverses;
    /** q_0…q_(i−1). */
    private final double[] weights;

    BalancedDigits(RnsBase base) {
        int count = base.size();
        moduli = new Modulus[count];
        inverses = new long[count][count];
        weights = new double[count];
        double weight = 1;
        for (int i = 0; i < count; i++) {
            moduli[i] = base.modulus(i);
            weights[i] = weight;
            weight *= moduli[i].value();
            for (int j = 0; j < i; j++) {
                inverses[i][j] = moduli[i].inverse(moduli[i].reduce(moduli[j].value()));
            }
        }
    }

    /** to[k] = factor · the k-th integer; residues are for the first prime, then for the second, and so on. */
    void toReals(long[] residues, double factor, double[] to) {
        int degree = to.length;
        long[] digits = new long[moduli.length];
        for (int k = 0; k < degree; k++) {
            for (int i = 0; i < moduli.length; i++) {
                Modulus q = moduli[i];
                long rest = residues[i * degree + k];
                for (int j = 0; j < i; j++) {
                    rest = q.multiply(q.subtract(rest, q.reduceSigned(digits[j])), inverses[i][j]);
                }
                digits[i] = rest - (q.value() & ((q.value() / 2 - rest) >> 63));
            }
            double sum = 0;
            for (int i = moduli.length - 1; i >= 0; i--) {
                sum += digits[i] * weights[i];
            }
            to[k] = sum * factor;
        }
    }
}
