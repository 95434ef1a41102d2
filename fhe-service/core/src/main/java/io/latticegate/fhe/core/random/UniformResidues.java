package io.latticegate.fhe.core.random;

import java.util.Objects;

/**
 * The polynomial that a public seed stands for: uniform residues, all coefficients for the first prime, then all for the
 * second, and so on, exactly as Microsoft SEAL samples them (native/src/seal/util/rlwe.cpp, {@code sample_poly_uniform}). In
 * CKKS the result is in NTT form as it stands.
 *
 * <p>SEAL first fills the whole polynomial with 64-bit words w of the stream. A word is rejected when it is not below
 * {@code (2^64 - 1) - ((2^64 - 1) mod q) - 1}, and is then replaced by the next word <em>behind</em> those of the
 * polynomial, again and again until one is accepted; the residue is w mod q. Two positions in the same stream, one for the
 * words of the polynomial and one for the replacements, give the same result piece by piece, so that a polynomial of any
 * size passes through a small buffer.
 */
public final class UniformResidues implements AutoCloseable {
    private final SeedStream words;
    private final SeedStream replacements;
    private final int degree;
    private final long[] primes;
    private boolean replaced;
    private int limb;
    private int coefficient;

    /**
     * The residues for a seed, from the first on.
     *
     * @param degree coefficients per prime, at least 1
     * @param primes each from 2 to 2^61 - 1
     */
    public UniformResidues(PublicSeed seed, int degree, long[] primes) {
        if (degree < 1) {
            throw new IllegalArgumentException("degree " + degree + "; allowed: 1 or more");
        }
        for (long prime : primes) {
            if (prime < 2 || prime >>> 61 != 0) {
                throw new IllegalArgumentException("modulus " + prime + "; allowed: 2 to 2^61 - 1");
            }
        }
        this.words = seed.stream();
        this.replacements = seed.stream();
        this.degree = degree;
        this.primes = primes.clone();
    }

    /** All residues of a polynomial, {@code degree} for each prime, written from {@code offset} on. */
    public static void expand(PublicSeed seed, int degree, long[] primes, long[] out, int offset) {
        try (UniformResidues residues = new UniformResidues(seed, degree, primes)) {
            residues.next(out, offset, Math.multiplyExact(degree, primes.length));
        }
    }

    /**
     * Writes the next residues.
     *
     * @throws IllegalArgumentException when the polynomial has fewer left
     */
    public void next(long[] out, int offset, int count) {
        Objects.checkFromIndexSize(offset, count, out.length);
        long left = (long) (primes.length - limb) * degree - coefficient;
        if (count > left) {
            throw new IllegalArgumentException(count + " residues asked for; left: " + left);
        }
        int done = 0;
        while (done < count) {
            int run = Math.min(count - done, degree - coefficient);
            sample(primes[limb], out, offset + done, run);
            done += run;
            coefficient += run;
            if (coefficient == degree) {
                coefficient = 0;
                limb++;
            }
        }
    }

    private void sample(long prime, long[] out, int offset, int count) {
        long limit = -1L - Long.remainderUnsigned(-1L, prime) - 1;
        long ratio = Long.divideUnsigned(-1L, prime);
        for (int i = offset; i < offset + count; i++) {
            long word = words.nextLong();
            while (Long.compareUnsigned(word, limit) >= 0) {
                word = replacement();
            }
            long residue = word - Math.unsignedMultiplyHigh(word, ratio) * prime;
            out[i] = residue >= prime ? residue - prime : residue;
        }
    }

    private long replacement() {
        if (!replaced) {
            replacements.seek((long) primes.length * degree * Long.BYTES);
            replaced = true;
        }
        return replacements.nextLong();
    }

    /** Lets go of the stream. */
    @Override
    public void close() {
        words.close();
        replacements.close();
    }
}
