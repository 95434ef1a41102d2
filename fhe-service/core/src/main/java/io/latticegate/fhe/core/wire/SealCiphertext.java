package io.latticegate.fhe.core.wire;

import io.latticegate.fhe.core.random.PublicSeed;
import io.latticegate.fhe.core.random.UniformResidues;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A ciphertext, a public key, or one digit of a key-switching key, as a container holds it.
 *
 * @param shape what it is
 * @param residues the stored residues, in NTT form: polynomial by polynomial, prime by prime; without the second polynomial
 *     when a seed stands for it. Not copied.
 * @param seed what stands for the second polynomial, exactly when the shape is seeded
 */
public record SealCiphertext(
        CiphertextShape shape, long[] residues, @Nullable PublicSeed seed) {
    /** Checks that the parts fit together. */
    public SealCiphertext {
        if (residues.length != shape.storedWords()) {
            throw new IllegalArgumentException(
                    residues.length + " residues; allowed for this shape: " + shape.storedWords());
        }
        if ((seed != null) != shape.seeded() || shape.seeded() && shape.size() != 2) {
            throw new IllegalArgumentException("a seed goes with a seeded shape of two polynomials");
        }
    }

    /** All residues, the seed expanded: the stored array itself when there is no seed. */
    public long[] expanded(ParameterChain chain) {
        if (seed == null) {
            return residues;
        }
        long[] all = Arrays.copyOf(residues, shape.words());
        UniformResidues.expand(seed, shape.degree(), chain.primes(shape.primes()), all, residues.length);
        return all;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SealCiphertext that
                && shape.equals(that.shape)
                && Arrays.equals(residues, that.residues)
                && Objects.equals(seed, that.seed);
    }

    @Override
    public int hashCode() {
        return 31 * shape.hashCode() + Arrays.hashCode(residues);
    }

    @Override
    public String toString() {
        return "SealCiphertext[" + shape + "]";
    }
}
