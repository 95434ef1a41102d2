package io.latticegate.fhe.gpu;

import io.latticegate.fhe.core.modular.Modulus;
import io.latticegate.fhe.core.ring.NttTables;

/** In what a transform modulo one prime computes; forms.cuh says how. What leaves a transform is the same for all. */
enum Form {
    /** 64-bit integers, for every prime. */
    WIDE(Long.BYTES, 2) {
        @Override
        void twiddles(Modulus q, long[] roots, long[] quotients, long[] to) {
            for (int i = 0; i < roots.length; i++) {
                to[2 * i] = roots[i];
                to[2 * i + 1] = quotients[i];
            }
        }
    },
    /** Doubles with fused multiply-add, for primes of at most 50 bits. */
    REAL(Double.BYTES, 2) {
        @Override
        void twiddles(Modulus q, long[] roots, long[] quotients, long[] to) {
            for (int i = 0; i < roots.length; i++) {
                double centred = roots[i] > q.value() / 2 ? roots[i] - q.value() : roots[i];
                to[2 * i] = Double.doubleToRawLongBits(centred);
                to[2 * i + 1] = Double.doubleToRawLongBits(centred / (double) q.value());
            }
        }
    },
    /** 32-bit integers, for primes below 2^30. */
    NARROW(Integer.BYTES, 1) {
        @Override
        void twiddles(Modulus q, long[] roots, long[] quotients, long[] to) {
            for (int i = 0; i < roots.length; i++) {
                to[i] = roots[i] | quotients[i] >>> Integer.SIZE << Integer.SIZE;
            }
        }
    };

    private static final int REAL_BITS_MAX = 50;
    private static final int NARROW_BITS_MAX = 30;

    private final int wordBytes;
    private final int twiddleWords;

    Form(int wordBytes, int twiddleWords) {
        this.wordBytes = wordBytes;
        this.twiddleWords = twiddleWords;
    }

    /** The form that is fastest on a device. */
    static Form of(Modulus q, Device device) {
        if (q.bits() <= NARROW_BITS_MAX) {
            return NARROW;
        }
        return device.fastDoubles() && q.bits() <= REAL_BITS_MAX ? REAL : WIDE;
    }

    /** Whether the form can compute modulo a prime. */
    boolean covers(Modulus q) {
        return switch (this) {
            case WIDE -> true;
            case REAL -> q.bits() <= REAL_BITS_MAX;
            case NARROW -> q.bits() <= NARROW_BITS_MAX;
        };
    }

    /** The size of a word in shared memory. */
    int wordBytes() {
        return wordBytes;
    }

    abstract void twiddles(Modulus q, long[] roots, long[] quotients, long[] to);

    /** The twiddles of ψ^rev(i), as the kernels read them. */
    long[] forward(NttTables tables) {
        long[] words = new long[twiddleWords * tables.degree()];
        twiddles(tables.modulus(), tables.roots(), tables.rootQuotients(), words);
        return words;
    }

    /** The twiddles of ψ^−rev(i). */
    long[] inverse(NttTables tables) {
        long[] words = new long[twiddleWords * tables.degree()];
        twiddles(tables.modulus(), tables.inverseRoots(), tables.inverseRootQuotients(), words);
        return words;
    }
}
