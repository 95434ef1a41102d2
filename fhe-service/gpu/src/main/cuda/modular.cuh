// Arithmetic on canonical residues, the integers of [0, q), for primes q of 20 to 60 bits. The formulas are those of the
// class Modulus of fhe-service/core, so that a result is the same word on every machine. Nothing branches on a residue.
#pragma once

#include "platform.cuh"

// A prime as the host lays it out (DevicePrimes.java): twelve words.
struct Prime {
    u64 q;
    u64 productReciprocal;  // floor(2^(bits + 62) / q)
    u64 reciprocalLow;      // floor(2^128 / q), low word
    u64 reciprocalHigh;     // floor(2^128 / q), high word
    u64 bits;
    double real;         // q
    double inverseReal;  // 1 / q, rounded
    u64 forward;         // address of the twiddles ψ^rev(i), in the prime's form
    u64 inverse;         // address of the twiddles ψ^−rev(i), in the prime's form
    u64 unused[3];
};

// Which residues one row of a launch reads and writes, and with which constants (LimbTable.java): six words.
struct Limb {
    u32 prime;      // number in the table of primes
    u32 to;         // position of the result
    u32 a;          // position of the first operand
    u32 b;          // position of the second operand
    u64 factor;     // canonical
    u64 quotient;   // floor(factor · 2^64 / q)
    u64 addend;     // canonical
    u64 constants;  // offset of further constants of this row, in words
};

// x if x < bound, else x − bound, for x < 2·bound < 2^63.
DEVICE u64 fold(u64 x, u64 bound) {
    u64 folded = x - bound;
    return folded + (bound & (u64)((i64)folded >> 63));
}

DEVICE u64 addModulo(u64 a, u64 b, u64 q) {
    return fold(a + b, q);
}

DEVICE u64 subtractModulo(u64 a, u64 b, u64 q) {
    u64 difference = a - b;
    return difference + (q & (u64)((i64)difference >> 63));
}

// a·b mod q by Barrett's reduction: the estimate of the quotient is at most one too low.
DEVICE u64 multiplyModulo(u64 a, u64 b, const Prime& prime) {
    u64 high = __umul64hi(a, b);
    u64 low = a * b;
    u32 shift = (u32)prime.bits - 2;
    u64 top = (high << (64 - shift)) | (low >> shift);
    return fold(low - __umul64hi(top, prime.productReciprocal) * prime.q, prime.q);
}

// x·w mod q or that plus q, for any x, and w with floor(w · 2^64 / q) (Shoup).
DEVICE u64 multiplyLazy(u64 x, u64 w, u64 quotient, u64 q) {
    return x * w - __umul64hi(x, quotient) * q;
}

// x mod q for any x.
DEVICE u64 reduceWord(u64 x, const Prime& prime) {
    return fold(x - __umul64hi(x, prime.reciprocalHigh) * prime.q, prime.q);
}

// (high · 2^64 + low) mod q for any two words.
DEVICE u64 reducePair(u64 high, u64 low, const Prime& prime) {
    u64 carried = __umul64hi(low, prime.reciprocalLow);
    u64 first = low * prime.reciprocalHigh + carried;
    u64 firstCarry = __umul64hi(low, prime.reciprocalHigh) + (first < carried);
    u64 cross = high * prime.reciprocalLow;
    u64 second = first + cross;
    u64 secondCarry = __umul64hi(high, prime.reciprocalLow) + (second < cross);
    u64 quotient = high * prime.reciprocalHigh + firstCarry + secondCarry;
    return fold(low - quotient * prime.q, prime.q);
}

// A sum of products of words below 2^60, of at most 256 of them.
struct ProductSum {
    u64 low;
    u64 high;

    DEVICE ProductSum() : low(0), high(0) {}

    DEVICE void add(u64 a, u64 b) {
        u64 product = a * b;
        low += product;
        high += __umul64hi(a, b) + (low < product);
    }

    DEVICE u64 modulo(const Prime& prime) const {
        return reducePair(high, low, prime);
    }
};

// The canonical residue of a signed integer of two words, of magnitude below 2^127.
DEVICE u64 reduceSigned(u64 high, u64 low, const Prime& prime) {
    u64 sign = (u64)((i64)high >> 63);
    u64 flipped = low ^ sign;
    u64 magnitudeLow = flipped + (sign & 1);
    u64 magnitudeHigh = (high ^ sign) + (magnitudeLow < flipped);
    u64 residue = reducePair(magnitudeHigh, magnitudeLow, prime);
    return subtractModulo(residue & ~sign, residue & sign, prime.q);
}
