package io.latticegate.fhe.core.preset;

/**
 * The greatest bit length of all primes together (data and special) for 128-bit security with a uniform ternary secret
 * and noise of standard deviation 3.2 or more: the security guidelines of 2024 (eprint 2024/463), classical and quantum.
 */
public enum SecurityTable {
    CLASSICAL_128(106, 214, 430, 868),
    QUANTUM_128(80, 161, 322, 644);

    private static final int FIRST_LOG_DEGREE = 12;

    private final int[] limits;

    SecurityTable(int... limits) {
        this.limits = limits;
    }

    /**
     * The limit in bits for N.
     *
     * @throws IllegalArgumentException if N is not 4096, 8192, 16384 or 32768
     */
    public int limit(int degree) {
        int row = Integer.numberOfTrailingZeros(degree) - FIRST_LOG_DEGREE;
        if (Integer.bitCount(degree) != 1 || row < 0 || row >= limits.length) {
            throw new IllegalArgumentException(
                    "degree " + degree + " is not in the security table; allowed are 4096, 8192, 16384 and 32768");
        }
        return limits[row];
    }

    /** @throws IllegalArgumentException if the primes are longer than this column allows for N */
    public void require(int degree, int bits) {
        if (bits > limit(degree)) {
            throw new IllegalArgumentException("primes of " + bits + " bits together at degree " + degree
                    + " are weaker than " + this + "; allowed are " + limit(degree));
        }
    }
}
