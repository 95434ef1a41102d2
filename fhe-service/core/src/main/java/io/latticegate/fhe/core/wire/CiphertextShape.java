package io.latticegate.fhe.core.wire;

import io.latticegate.fhe.core.random.ParmsId;

/**
 * What a ciphertext or a part of a key is, apart from its residues.
 *
 * @param parmsId the level
 * @param size the number of polynomials
 * @param degree N
 * @param primes the number of primes of the level
 * @param scale the factor that the encrypted values carry; 1 in keys
 * @param seeded whether the container holds a seed in the place of the second and last polynomial
 */
public record CiphertextShape(ParmsId parmsId, int size, int degree, int primes, double scale, boolean seeded) {
    /** The number of residues of the whole object. */
    public int words() {
        return Math.multiplyExact(size, polynomialWords());
    }

    /** The number of residues that the container holds. */
    public int storedWords() {
        return seeded ? polynomialWords() : words();
    }

    /** The number of residues of one polynomial. */
    public int polynomialWords() {
        return Math.multiplyExact(primes, degree);
    }
}
