// The three forms in which a transform computes. They differ in what is fast on a device and in the primes that they cover;
// what leaves a transform is canonical, so that all forms give the same words.
//
// A form has a Word, a Twiddle (a factor and what its product needs to know of it), the two butterflies, and a bound on how
// many stages may follow each other before words have to be settled.
#pragma once

#include "modular.cuh"

static const int NEVER = 64;

// Any prime of up to 60 bits, in 64-bit integers, by Harvey: words are below 4q forwards and below 2q backwards.
struct Wide {
    typedef u64 Word;
    struct alignas(16) Twiddle {
        u64 w;
        u64 quotient;  // floor(w · 2^64 / q)
    };
    static const int FORWARD_STAGES = NEVER;
    static const int INVERSE_STAGES = NEVER;

    u64 q;

    DEVICE explicit Wide(const Prime& prime) : q(prime.q) {}

    DEVICE Word load(u64 residue) const {
        return residue;
    }

    DEVICE Word settle(Word x) const {
        return x;
    }

    DEVICE void forward(Word& a, Word& b, const Twiddle& root) const {
        u64 u = fold(a, 2 * q);
        u64 v = multiplyLazy(b, root.w, root.quotient, q);
        a = u + v;
        b = u + 2 * q - v;
    }

    DEVICE void inverse(Word& a, Word& b, const Twiddle& root) const {
        u64 difference = a + 2 * q - b;
        a = fold(a + b, 2 * q);
        b = multiplyLazy(difference, root.w, root.quotient, q);
    }

    DEVICE u64 canonical(Word x) const {
        return fold(fold(x, 2 * q), q);
    }
};

// Primes below 2^30, in 32-bit integers, by the same rules.
struct Narrow {
    typedef u32 Word;
    struct alignas(8) Twiddle {
        u32 w;
        u32 quotient;  // floor(w · 2^32 / q)
    };
    static const int FORWARD_STAGES = NEVER;
    static const int INVERSE_STAGES = NEVER;

    u32 q;

    DEVICE explicit Narrow(const Prime& prime) : q((u32)prime.q) {}

    DEVICE static u32 foldBelow(u32 x, u32 bound) {
        u32 folded = x - bound;
        return folded + (bound & (u32)((int)folded >> 31));
    }

    DEVICE Word load(u64 residue) const {
        return (u32)residue;
    }

    DEVICE Word settle(Word x) const {
        return x;
    }

    DEVICE u32 product(u32 x, const Twiddle& root) const {
        return x * root.w - __umulhi(x, root.quotient) * q;
    }

    // Words are below 4q < 2^32 here, so the fold is by comparison and not by a sign.
    DEVICE void forward(Word& a, Word& b, const Twiddle& root) const {
        u32 u = min(a, a - 2 * q);
        u32 v = product(b, root);
        a = u + v;
        b = u + 2 * q - v;
    }

    DEVICE void inverse(Word& a, Word& b, const Twiddle& root) const {
        u32 difference = a + 2 * q - b;
        u32 sum = a + b;
        a = min(sum, sum - 2 * q);
        b = product(difference, root);
    }

    DEVICE u64 canonical(Word x) const {
        return foldBelow(min(x, x - 2 * q), q);
    }
};

// Primes of at most 50 bits, in doubles that hold integers, with fused multiply-add.
//
// A product y·w is h + l exactly, where h is the rounded product and l = fma(y, w, −h). With c the integer next to y·(w/p),
// h − c·p + l is a residue of the product. For |y| ≤ 4p + 16 and |w| ≤ p/2 the estimate w/p is off by at most 2^−55, so c by at
// most 1/2 + 1/8 + 2^−50 from y·w/p, and the result is at most 0.626·p from zero; rounding to an integer by adding and
// subtracting 1.5·2^52 is right for |y·w/p| ≤ 2^51, which 2p + 8 is not above, since p ≤ 2^50 − 2047.
//
// Settled words are at most p/2 + 1 from zero. Forwards each stage adds at most 0.626·p, so that after six stages the
// greatest factor of a product was 0.5·p + 5·0.626·p < 4p. Backwards each stage at most doubles, so that the differences of the
// third are at most 4p + 8.
struct Real {
    typedef double Word;
    struct alignas(16) Twiddle {
        double w;         // centred
        double quotient;  // w / p, rounded
    };
    static const int FORWARD_STAGES = 6;
    static const int INVERSE_STAGES = 3;

    double p;
    double inverseP;

    DEVICE explicit Real(const Prime& prime) : p(prime.real), inverseP(prime.inverseReal) {}

    DEVICE static double rounder() {
        return 6755399441055744.0;  // 1.5 · 2^52
    }

    // A word below 2^52 becomes the last bits of a double of [2^52, 2^53); then the greater half goes below zero.
    DEVICE Word load(u64 residue) const {
        double x = __dadd_rn(__longlong_as_double((i64)(residue | 0x4330000000000000ULL)), -4503599627370496.0);
        double shifted = __dadd_rn(x, -p);
        return __dadd_rn(x, shifted) > 0.0 ? shifted : x;
    }

    DEVICE Word settle(Word x) const {
        double multiple = __dadd_rn(__fma_rn(x, inverseP, rounder()), -rounder());
        return __fma_rn(-multiple, p, x);
    }

    DEVICE double product(double y, const Twiddle& root) const {
        double high = __dmul_rn(y, root.w);
        double low = __fma_rn(y, root.w, -high);
        double multiple = __dadd_rn(__fma_rn(y, root.quotient, rounder()), -rounder());
        return __dadd_rn(__fma_rn(-multiple, p, high), low);
    }

    DEVICE void forward(Word& a, Word& b, const Twiddle& root) const {
        double v = product(b, root);
        b = __dadd_rn(a, -v);
        a = __dadd_rn(a, v);
    }

    DEVICE void inverse(Word& a, Word& b, const Twiddle& root) const {
        double difference = __dadd_rn(a, -b);
        a = __dadd_rn(a, b);
        b = product(difference, root);
    }

    DEVICE u64 canonical(Word x) const {
        i64 integer = __double_as_longlong(__dadd_rn(settle(x), rounder())) - __double_as_longlong(rounder());
        return (u64)integer + ((u64)(i64)p & (u64)(integer >> 63));
    }
};
