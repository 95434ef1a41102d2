package io.latticegate.fhe.core.wire;

import java.util.Arrays;

/**
 * Which ciphertexts a reader accepts, beyond those that are well formed.
 *
 * @param sizeMax the most polynomials, 2 or 3
 * @param primesMin the lowest level, as its number of primes
 * @param primesMax the highest level
 * @param scales the scales that are accepted, compared exactly; empty accepts every positive normal number
 */
public record CiphertextRules(int sizeMax, int primesMin, int primesMax, double... scales) {
    /** Checks the bounds and copies the scales. */
    public CiphertextRules {
        if (sizeMax < 2 || sizeMax > 3) {
            throw new IllegalArgumentException("ciphertexts of " + sizeMax + " polynomials; allowed: 2 or 3");
        }
        if (primesMin < 1 || primesMax < primesMin) {
            throw new IllegalArgumentException(
                    "levels of " + primesMin + " to " + primesMax + " primes; allowed: 1 or more");
        }
        for (double scale : scales) {
            if (!positiveNormal(scale)) {
                throw new IllegalArgumentException("scale " + scale + "; allowed: positive normal numbers");
            }
        }
        scales = scales.clone();
    }

    /** Every well-formed ciphertext of a data level with two or three polynomials. */
    public static CiphertextRules wellFormed(ParameterChain chain) {
        return new CiphertextRules(3, 1, chain.dataPrimes());
    }

    /** A copy of the scales that are accepted. */
    @Override
    public double[] scales() {
        return scales.clone();
    }

    boolean allowScale(double scale) {
        if (scales.length == 0) {
            return positiveNormal(scale);
        }
        for (double allowed : scales) {
            if (allowed == scale) {
                return true;
            }
        }
        return false;
    }

    String scalesInWords() {
        return scales.length == 0 ? "positive normal numbers" : Arrays.toString(scales);
    }

    private static boolean positiveNormal(double scale) {
        return scale >= Double.MIN_NORMAL && scale <= Double.MAX_VALUE;
    }
}
