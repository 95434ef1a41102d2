package io.latticegate.fhe.core.head;

/**
 * What operations cost at a level with one special prime and digits of one prime, in transforms of one residue polynomial.
 * A pass over one such polynomial counts a third of a transform, as measured (bench/results).
 */
final class OperationCost {
    private static final double PASS = 1.0 / 3;

    /** The digits of a polynomial: back to coefficients, and forward modulo all other primes. */
    static double decompose(int level) {
        int primes = level + 1;
        return primes + primes * (double) primes;
    }

    /** Key switching of given digits: two sums over the digits, and two divisions by the special prime. */
    static double switchDigits(int level) {
        int primes = level + 1;
        return 2 * PASS * primes * (primes + 1) + 2 * (primes + 1);
    }

    static double rotate(int level) {
        return decompose(level) + switchDigits(level);
    }

    static double multiplyPlain(int level) {
        return 2 * PASS * (level + 1);
    }

    private OperationCost() {}
}
