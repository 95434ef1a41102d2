// Everything on residues of polynomials but the transform: sums and products, automorphisms, conversion between bases, the
// inner product of key switching. A block computes a piece of one row, and each thread words that lie blockDim.x apart.
#pragma once

#include "transform.cuh"

static const u32 WORDS_PER_THREAD = 4;

struct Copy {
    DEVICE static u64 of(u64 a, u64, u64, const Limb&, const Prime&) {
        return a;
    }
};

struct Add {
    DEVICE static u64 of(u64 a, u64 b, u64, const Limb&, const Prime& prime) {
        return addModulo(a, b, prime.q);
    }
};

struct Subtract {
    DEVICE static u64 of(u64 a, u64 b, u64, const Limb&, const Prime& prime) {
        return subtractModulo(a, b, prime.q);
    }
};

struct Negate {
    DEVICE static u64 of(u64 a, u64, u64, const Limb&, const Prime& prime) {
        return subtractModulo(0, a, prime.q);
    }
};

struct Multiply {
    DEVICE static u64 of(u64 a, u64 b, u64, const Limb&, const Prime& prime) {
        return multiplyModulo(a, b, prime);
    }
};

struct MultiplyAdd {
    DEVICE static u64 of(u64 a, u64 b, u64 to, const Limb&, const Prime& prime) {
        return addModulo(to, multiplyModulo(a, b, prime), prime.q);
    }
};

struct MultiplyScalar {
    DEVICE static u64 of(u64 a, u64, u64, const Limb& limb, const Prime& prime) {
        return fold(multiplyLazy(a, limb.factor, limb.quotient, prime.q), prime.q);
    }
};

// to = operation(a, b, to), word by word. An operation with one operand is given it twice.
template <class Operation>
DEVICE void eachWord(
        u64* to, const u64* a, const u64* b, const Prime* primes, const Limb* limbs, u32 logDegree) {
    const Limb limb = limbs[blockIdx.y];
    const Prime prime = primes[limb.prime];
    u64* out = row(to, limb.to, logDegree);
    const u64* first = row(a, limb.a, logDegree);
    const u64* second = row(b, limb.b, logDegree);
    u32 at = blockIdx.x * blockDim.x * WORDS_PER_THREAD + threadIdx.x;
    UNROLL
    for (u32 k = 0; k < WORDS_PER_THREAD; k++, at += blockDim.x) {
        out[at] = Operation::of(first[at], second[at], out[at], limb, prime);
    }
}

// (to0, to1, to2) = (a0·b0, a0·b1 + a1·b0, a1·b1).
DEVICE void tensorProduct(
        u64* to0, u64* to1, u64* to2, const u64* a0, const u64* a1, const u64* b0, const u64* b1, const Prime* primes,
        const Limb* limbs, u32 logDegree) {
    const Limb limb = limbs[blockIdx.y];
    const Prime prime = primes[limb.prime];
    const u64 out = (u64)limb.to << logDegree;
    const u64 first = (u64)limb.a << logDegree;
    const u64 second = (u64)limb.b << logDegree;
    u32 at = blockIdx.x * blockDim.x * WORDS_PER_THREAD + threadIdx.x;
    UNROLL
    for (u32 k = 0; k < WORDS_PER_THREAD; k++, at += blockDim.x) {
        const u64 x0 = a0[first + at];
        const u64 x1 = a1[first + at];
        const u64 y0 = b0[second + at];
        const u64 y1 = b1[second + at];
        ProductSum cross;
        cross.add(x0, y1);
        cross.add(x1, y0);
        to0[out + at] = multiplyModulo(x0, y0, prime);
        to1[out + at] = cross.modulo(prime);
        to2[out + at] = multiplyModulo(x1, y1, prime);
    }
}

// to = a(X^element) by values: index i takes the value of the exponent (2·rev(i) + 1)·element modulo 2N.
DEVICE void permuteValues(u64* to, const u64* a, const Limb* limbs, u32 logDegree, u32 element) {
    const Limb limb = limbs[blockIdx.y];
    u64* out = row(to, limb.to, logDegree);
    const u64* in = row(a, limb.a, logDegree);
    const u32 shift = 32 - logDegree;
    u32 at = blockIdx.x * blockDim.x * WORDS_PER_THREAD + threadIdx.x;
    UNROLL
    for (u32 k = 0; k < WORDS_PER_THREAD; k++, at += blockDim.x) {
        u32 exponent = 2 * (__brev(at) >> shift) + 1;
        u32 image = (exponent * element) & ((2u << logDegree) - 1);
        out[at] = in[__brev(image >> 1) >> shift];
    }
}

// Sets all coefficients to zero but those whose bit is set.
DEVICE void keepCoefficients(u64* to, const u64* a, const u32* wanted, const Limb* limbs, u32 logDegree) {
    const Limb limb = limbs[blockIdx.y];
    u64* out = row(to, limb.to, logDegree);
    const u64* in = row(a, limb.a, logDegree);
    u32 at = blockIdx.x * blockDim.x * WORDS_PER_THREAD + threadIdx.x;
    UNROLL
    for (u32 k = 0; k < WORDS_PER_THREAD; k++, at += blockDim.x) {
        u64 kept = (wanted[at >> 5] >> (at & 31)) & 1;
        out[at] = in[at] & (0 - kept);
    }
}

// Σ_j x_j · cofactor_j + addend modulo the row's prime, where the x_j are `sources` rows from position a on, each canonical
// modulo a prime of its own and below 2^60. With one source the factor is one. The cofactors of a row stand at limb.constants.
DEVICE void convertBase(
        u64* to, const u64* from, const u64* cofactors, const Prime* primes, const Limb* limbs, u32 logDegree,
        u32 sources) {
    const Limb limb = limbs[blockIdx.y];
    const Prime prime = primes[limb.prime];
    u64* out = row(to, limb.to, logDegree);
    const u64* in = row(from, limb.a, logDegree);
    const u64* factors = cofactors + limb.constants;
    u32 at = blockIdx.x * blockDim.x * WORDS_PER_THREAD + threadIdx.x;
    UNROLL
    for (u32 k = 0; k < WORDS_PER_THREAD; k++, at += blockDim.x) {
        u64 value;
        if (sources == 1) {
            value = reduceWord(in[at], prime);
        } else {
            ProductSum sum;
            for (u32 j = 0; j < sources; j++) {
                sum.add(in[((u64)j << logDegree) + at], factors[j]);
            }
            value = sum.modulo(prime);
        }
        out[at] = addModulo(value, limb.addend, prime.q);
    }
}

// sums[0] = Σ_j digit_j · body_j and sums[1] = Σ_j digit_j · mask_j, for all digits at once. Digit j of a row's prime is the
// row of `digits` at position j · rows + limb.to, but for the digit that the prime belongs to (limb.addend), which is the
// polynomial itself. `keys` holds the addresses of body_0, mask_0, body_1, …; limb.b is the position of the prime in them.
DEVICE void switchKeys(
        u64* sums, const u64* digits, const u64* a, const u64* keys, const Prime* primes, const Limb* limbs,
        u32 logDegree, u32 count) {
    const Limb limb = limbs[blockIdx.y];
    const Prime prime = primes[limb.prime];
    const u32 rows = gridDim.y;
    u32 at = blockIdx.x * blockDim.x * WORDS_PER_THREAD + threadIdx.x;
    for (u32 k = 0; k < WORDS_PER_THREAD; k++, at += blockDim.x) {
        ProductSum body;
        ProductSum mask;
        for (u32 j = 0; j < count; j++) {
            u64 digit = j == (u32)limb.addend ? row(a, limb.a, logDegree)[at]
                                              : row(digits, j * rows + limb.to, logDegree)[at];
            body.add(digit, row((const u64*)keys[2 * j], limb.b, logDegree)[at]);
            mask.add(digit, row((const u64*)keys[2 * j + 1], limb.b, logDegree)[at]);
        }
        row(sums, limb.to, logDegree)[at] = body.modulo(prime);
        row(sums, rows + limb.to, logDegree)[at] = mask.modulo(prime);
    }
}
