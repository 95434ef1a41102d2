package io.latticegate.fhe.core.privacy;

import io.latticegate.fhe.core.random.SeedStream;

/** Whole numbers and coins, exact, from a stream of bytes. Not safe for use by several threads. */
final class RandomBits {
    private final SeedStream stream;
    private long pool;
    private int left;

    RandomBits(SeedStream stream) {
        this.stream = stream;
    }

    /** @param count 1 to 63 */
    private long next(int count) {
        if (left < count) {
            // What is left is too short, and is thrown away rather than pieced together.
            pool = stream.nextLong();
            left = Long.SIZE;
        }
        long drawn = pool & ((1L << count) - 1);
        pool >>>= count;
        left -= count;
        return drawn;
    }

    boolean coin() {
        return next(1) == 1;
    }

    /** Uniform in [0, bound), for a bound of at least 1. */
    long below(long bound) {
        if (bound == 1) {
            return 0;
        }
        int count = Long.SIZE - Long.numberOfLeadingZeros(bound - 1);
        long drawn = next(count);
        while (drawn >= bound) {
            drawn = next(count);
        }
        return drawn;
    }

    /** True with probability n/d, 0 ≤ n ≤ d. */
    boolean bernoulli(long n, long d) {
        return below(d) < n;
    }

    /** True with probability exp(−n/d), 0 ≤ n ≤ d (algorithm 1 of arXiv 2004.00010, for γ ≤ 1). */
    boolean bernoulliExp(long n, long d) {
        int k = 1;
        while (bernoulli(n, d) && bernoulli(1, k)) {
            k++;
        }
        return k % 2 == 1;
    }

    /** True with probability exp(−(n/d)²/2), 0 ≤ n ≤ d. */
    boolean bernoulliExpHalfSquare(long n, long d) {
        int k = 1;
        while (Math.max(below(d), below(d)) < n && bernoulli(1, 2L * k)) {
            k++;
        }
        return k % 2 == 1;
    }
}
