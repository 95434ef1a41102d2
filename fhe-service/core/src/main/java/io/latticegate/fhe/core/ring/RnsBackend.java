package io.latticegate.fhe.core.ring;

import io.latticegate.fhe.core.ring.Domain.Coeff;
import io.latticegate.fhe.core.ring.Domain.Eval;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Exact operations on polynomials in a device's memory. Every backend gives the same integers; a result is what the
 * formula says, in canonical residues.
 *
 * <p>Bases: the base of the result {@code to} rules. An operand may have more primes than the result; those are not looked
 * at. A result may be one of the operands, but for {@link #automorphism}. A backend refuses a polynomial of another one.
 *
 * <p>Methods with a body are the specification; a backend may override them with something faster.
 */
public interface RnsBackend {
    /** What computes, and, if something better was not to be had, why. */
    String name();

    /** A polynomial of zeros. */
    <D extends Domain> Poly<D> allocate(RnsBase base);

    /** A copy of {@code base.words()} canonical residues from {@code at} on. */
    <D extends Domain> Poly<D> upload(RnsBase base, long[] residues, int at);

    /**
     * A polynomial over canonical residues that stay where they are, such as a mapped file. It can only be an operand.
     *
     * @param residues {@code base.words()} little-endian 64-bit words, which live at least as long as the polynomial
     */
    <D extends Domain> Poly<D> view(RnsBase base, MemorySegment residues);

    /** Copies all residues to {@code to}, from {@code at} on. */
    void download(Poly<?> from, long[] to, int at);

    /** to = a. */
    <D extends Domain> void copy(Poly<D> a, Poly<D> to);

    /** to = a + b. */
    <D extends Domain> void add(Poly<D> a, Poly<D> b, Poly<D> to);

    /** to = a − b. */
    <D extends Domain> void subtract(Poly<D> a, Poly<D> b, Poly<D> to);

    /** to = −a. */
    <D extends Domain> void negate(Poly<D> a, Poly<D> to);

    /** to = a · b. */
    void multiply(Poly<Eval> a, Poly<Eval> b, Poly<Eval> to);

    /** to = to + a · b. */
    void multiplyAdd(Poly<Eval> a, Poly<Eval> b, Poly<Eval> to);

    /** to = a times an integer, given by a residue for each prime of the result. */
    <D extends Domain> void multiplyScalar(Poly<D> a, long[] residues, Poly<D> to);

    /** Coefficients to values. */
    void toEval(Poly<Coeff> a, Poly<Eval> to);

    /** Values to coefficients. */
    void toCoeff(Poly<Eval> a, Poly<Coeff> to);

    /** to = a(X^element). */
    void automorphism(Poly<Eval> a, int element, Poly<Eval> to);

    /** to = round(a / q_l), by {@link Ring#drop}, where l is the level of a and l − 1 that of the result. */
    void rescale(Poly<Eval> a, Poly<Eval> to);

    /** to = round(a / P), by {@link Ring#special}, where the base of a is extended and that of the result is not. */
    void modDown(Poly<Eval> a, Poly<Eval> to);

    /**
     * One digit of a at its level, by {@link Ring#digits}: modulo the digit's own primes a itself, modulo the others of the
     * extended base the conversion from the digit's primes.
     *
     * @param coefficients a, by coefficients
     * @param to over the extended base of the level of a
     */
    void modUp(Poly<Eval> a, Poly<Coeff> coefficients, int digit, Poly<Eval> to);

    /** (to0, to1) = (a, 1)-multiples of a key: round(Σ digit_j·body_j / P) and round(Σ digit_j·mask_j / P). */
    default void keySwitch(Poly<Eval> a, List<KeyDigit> key, Poly<Eval> to0, Poly<Eval> to1) {
        Ring ring = a.base().ring();
        int level = a.base().level();
        RnsBase extended = ring.extended(level);
        try (Poly<Coeff> coefficients = allocate(a.base());
                Poly<Eval> digit = allocate(extended);
                Poly<Eval> sum0 = allocate(extended);
                Poly<Eval> sum1 = allocate(extended)) {
            toCoeff(a, coefficients);
            for (int j = 0; j < ring.digits(level).size(); j++) {
                modUp(a, coefficients, j, digit);
                multiplyAdd(digit, key.get(j).body(), sum0);
                multiplyAdd(digit, key.get(j).mask(), sum1);
            }
            modDown(sum0, to0);
            modDown(sum1, to1);
        }
    }

    /** (to0, to1, to2) = (a0·b0, a0·b1 + a1·b0, a1·b1); no result may be an operand. */
    default void tensor(
            Poly<Eval> a0,
            Poly<Eval> a1,
            Poly<Eval> b0,
            Poly<Eval> b1,
            Poly<Eval> to0,
            Poly<Eval> to1,
            Poly<Eval> to2) {
        multiply(a0, b0, to0);
        multiply(a0, b1, to1);
        multiplyAdd(a1, b0, to1);
        multiply(a1, b1, to2);
    }

    /** a = a with all coefficients zero but those at {@code positions}, which are exponents. */
    default void keepCoefficients(Poly<Eval> a, int[] positions) {
        RnsBase base = a.base();
        int degree = base.ring().degree();
        long[] all = new long[base.words()];
        long[] kept = new long[base.words()];
        try (Poly<Coeff> coefficients = allocate(base)) {
            toCoeff(a, coefficients);
            download(coefficients, all, 0);
        }
        for (int limb = 0; limb < base.size(); limb++) {
            for (int position : positions) {
                kept[limb * degree + position] = all[limb * degree + position];
            }
        }
        try (Poly<Coeff> coefficients = upload(base, kept, 0)) {
            toEval(coefficients, a);
        }
    }
}
