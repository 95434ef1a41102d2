package io.latticegate.fhe.core.backend;

import io.latticegate.fhe.core.modular.Modulus;
import io.latticegate.fhe.core.ring.NttTables;

/**
 * The loops over one residue polynomial. Operands and results are canonical; the result may be an operand's own array,
 * but for {@link #permute}. Nothing is allocated, and no loop branches on a residue.
 */
interface LimbKernels {
    /** Coefficients to values, in the order of {@link NttTables}. */
    void forward(NttTables tables, Limb from, Limb to, Scratch scratch);

    /** Values to coefficients. */
    void inverse(NttTables tables, Limb from, Limb to, Scratch scratch);

    /** to = a + b. */
    void add(Modulus q, Limb a, Limb b, Limb to);

    /** to = a − b. */
    void subtract(Modulus q, Limb a, Limb b, Limb to);

    /** to = −a. */
    void negate(Modulus q, Limb a, Limb to);

    /** to = a · b, word by word. */
    void multiply(Modulus q, Limb a, Limb b, Limb to);

    /** to = to + a · b, word by word. */
    void multiplyAdd(Modulus q, Limb a, Limb b, Limb to);

    /** to = a + c for a canonical c. */
    void addScalar(Modulus q, long c, Limb a, Limb to);

    /** to = a · c for a canonical c. */
    void multiplyScalar(Modulus q, long c, Limb a, Limb to);

    /** to = (a − b) · c for a canonical c. */
    void subtractMultiplyScalar(Modulus q, long c, Limb a, Limb b, Limb to);

    /** to = a mod q, where the words of a are below 2^60. */
    void reduce(Modulus q, Limb a, Limb to);

    /** to = to + (a mod q) · c for a canonical c, where the words of a are below 2^60. */
    void reduceMultiplyAdd(Modulus q, long c, Limb a, Limb to);

    /** to[i] = a[source[i]]; the result is not a's own array. */
    default void permute(int[] source, Limb a, Limb to) {
        long[] words = a.words();
        long[] result = to.words();
        for (int i = 0; i < to.length(); i++) {
            result[to.at() + i] = words[a.at() + source[i]];
        }
    }
}
