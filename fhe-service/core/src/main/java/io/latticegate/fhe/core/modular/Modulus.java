package io.latticegate.fhe.core.modular;

/**
 * An odd prime q of 20 to 60 bits, and arithmetic on canonical residues, which are the integers of [0, q).
 *
 * <p>Every method takes canonical residues and returns one, unless it says otherwise. No method branches on a residue:
 * corrections are masks, so that the time does not depend on a secret.
 */
public final class Modulus {
    public static final int MIN_BITS = 20;
    public static final int MAX_BITS = 60;

    private final long value;
    private final int bits;
    /** floor(2^(bits + 62) / q), at most 2^63: the reciprocal for products of two canonical residues. */
    private final long productReciprocal;
    /** floor(2^128 / q), low and high word. */
    private final long reciprocalLow;

    private final long reciprocalHigh;

    /** @throws IllegalArgumentException if {@code value} is not a prime of 20 to 60 bits */
    public Modulus(long value) {
        int bits = Long.SIZE - Long.numberOfLeadingZeros(value);
        if (bits < MIN_BITS || bits > MAX_BITS) {
            throw new IllegalArgumentException("modulus " + Long.toUnsignedString(value) + " has " + bits
                    + " bits; allowed are " + MIN_BITS + " to " + MAX_BITS);
        }
        if (!Primes.isPrime(value)) {
            throw new IllegalArgumentException("modulus " + value + " is not prime");
        }
        this.value = value;
        this.bits = bits;
        this.productReciprocal = shiftedQuotient(1L << (bits - 2), value);
        this.reciprocalHigh = Long.divideUnsigned(-1L, value);
        // 2^64 = high * q + rest, so 2^128 / q = high * 2^64 + rest * 2^64 / q; q is odd, so neither division is exact.
        this.reciprocalLow = shiftedQuotient(-reciprocalHigh * value, value);
    }

    /** q. */
    public long value() {
        return value;
    }

    /** The number of significant bits of q. */
    public int bits() {
        return bits;
    }

    /** floor(dividend * 2^64 / divisor) for 0 ≤ dividend &lt; divisor &lt; 2^63; not in constant time. */
    private static long shiftedQuotient(long dividend, long divisor) {
        long quotient = 0;
        long rest = dividend;
        for (int bit = 0; bit < Long.SIZE; bit++) {
            rest <<= 1;
            quotient <<= 1;
            if (rest >= divisor) {
                rest -= divisor;
                quotient |= 1;
            }
        }
        return quotient;
    }

    /** x if x &lt; q, else x − q, for 0 ≤ x &lt; 2q. */
    public long fold(long x) {
        long folded = x - value;
        return folded + (value & (folded >> 63));
    }

    public long add(long a, long b) {
        return fold(a + b);
    }

    public long subtract(long a, long b) {
        long difference = a - b;
        return difference + (value & (difference >> 63));
    }

    public long negate(long a) {
        return subtract(0, a);
    }

    /**
     * a·b mod q, by Barrett's reduction: with t = floor(ab / 2^(bits−2)) and µ = floor(2^(bits+62) / q),
     * floor(tµ / 2^64) is at most one below floor(ab / q).
     */
    public long multiply(long a, long b) {
        long high = Math.multiplyHigh(a, b);
        long low = a * b;
        int shift = bits - 2;
        long top = (high << (Long.SIZE - shift)) | (low >>> shift);
        return fold(low - Math.unsignedMultiplyHigh(top, productReciprocal) * value);
    }

    /** x mod q for any unsigned x. */
    public long reduce(long x) {
        return fold(x - Math.unsignedMultiplyHigh(x, reciprocalHigh) * value);
    }

    /** (high · 2^64 + low) mod q for any two unsigned words. */
    public long reduce(long high, long low) {
        long carried = Math.unsignedMultiplyHigh(low, reciprocalLow);
        long middle = low * reciprocalHigh;
        long first = middle + carried;
        long firstCarry = Math.unsignedMultiplyHigh(low, reciprocalHigh) + lessUnsigned(first, carried);
        long cross = high * reciprocalLow;
        long second = first + cross;
        long secondCarry = Math.unsignedMultiplyHigh(high, reciprocalLow) + lessUnsigned(second, cross);
        long quotient = high * reciprocalHigh + firstCarry + secondCarry;
        return fold(low - quotient * value);
    }

    private static long lessUnsigned(long a, long b) {
        return ((~a & b) | ((~a | b) & (a - b))) >>> 63;
    }

    /** x mod q for any signed x. */
    public long reduceSigned(long x) {
        long sign = x >> 63;
        long magnitude = reduce((x ^ sign) - sign);
        return fold((magnitude ^ sign) - sign + (value & sign));
    }

    /** floor(w · 2^64 / q): what {@link #multiplyLazy} needs to know of a fixed factor w (Shoup). Not in constant time. */
    public long quotient(long w) {
        return shiftedQuotient(w, value);
    }

    /** x·w mod q or that plus q, for any unsigned x and a canonical w with its {@link #quotient}. */
    public long multiplyLazy(long x, long w, long wQuotient) {
        return x * w - Math.unsignedMultiplyHigh(x, wQuotient) * value;
    }

    /** a^exponent mod q; not in constant time in the exponent. */
    public long power(long a, long exponent) {
        long result = 1;
        long square = a;
        for (long rest = exponent; rest != 0; rest >>>= 1) {
            if ((rest & 1) == 1) {
                result = multiply(result, square);
            }
            square = multiply(square, square);
        }
        return result;
    }

    /** a^−1 mod q. @throws ArithmeticException if a is zero */
    public long inverse(long a) {
        if (a == 0) {
            throw new ArithmeticException("zero has no inverse modulo " + value);
        }
        return power(a, value - 2);
    }

    /**
     * The least primitive root of unity of this order, as Microsoft SEAL chooses it.
     *
     * @param order a power of two that divides q − 1
     * @throws IllegalArgumentException if there is none
     */
    public long minimalRoot(int order) {
        if (order < 2 || Integer.bitCount(order) != 1 || (value - 1) % order != 0) {
            throw new IllegalArgumentException(
                    "there is no primitive root of unity of order " + order + " modulo " + value);
        }
        long root = 0;
        for (long candidate = 2; root == 0; candidate++) {
            long power = power(candidate, (value - 1) / order);
            if (power(power, order / 2) == value - 1) {
                root = power;
            }
        }
        long step = multiply(root, root);
        long least = root;
        long current = root;
        for (int odd = 1; odd < order; odd += 2) {
            least = Math.min(least, current);
            current = multiply(current, step);
        }
        return least;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Modulus modulus && modulus.value == value;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(value);
    }

    @Override
    public String toString() {
        return value + " (" + bits + " bits)";
    }
}
