// The kernels that the driver finds by name. Every parameter is one 64-bit word, an address or a number, so that all of them
// are launched alike (Driver.java). Rows of a launch are blockIdx.y; limbs has one entry for each.

#include "ring.cuh"
#include "scan.cuh"

#define POINTWISE(name, Operation)                                                                             \
    KERNEL(256)                                                                                                \
    name(u64* to, const u64* a, const u64* b, const Prime* primes, const Limb* limbs, u64 logDegree) {         \
        eachWord<Operation>(to, a, b, primes, limbs, (u32)logDegree);                                          \
    }

POINTWISE(rns_copy, Copy)
POINTWISE(rns_add, Add)
POINTWISE(rns_subtract, Subtract)
POINTWISE(rns_negate, Negate)
POINTWISE(rns_multiply, Multiply)
POINTWISE(rns_multiply_add, MultiplyAdd)
POINTWISE(rns_multiply_scalar, MultiplyScalar)

#define TRANSFORM(name, Form)                                                                                  \
    KERNEL(512)                                                                                                \
    rns_forward_inner_##name(                                                                                  \
            u64* to, const u64* from, const u64* minuend, const Prime* primes, const Limb* limbs,              \
            u64 logDegree, u64 logWords) {                                                                     \
        SHARED_WORDS(memory);                                                                                  \
        forwardInner<Form>(                                                                                    \
                (Form::Word*)memory, to, from, minuend, primes, limbs, (u32)logDegree, (u32)logWords);         \
    }                                                                                                          \
    KERNEL(256)                                                                                                \
    rns_forward_outer_##name(                                                                                  \
            u64* to, const u64* from, const Prime* primes, const Limb* limbs, u64 logDegree) {                 \
        forwardOuter<Form>(to, from, primes, limbs, (u32)logDegree);                                           \
    }                                                                                                          \
    KERNEL(512)                                                                                                \
    rns_inverse_inner_##name(                                                                                  \
            u64* to, const u64* from, const Prime* primes, const Limb* limbs, u64 logDegree, u64 logWords) {   \
        SHARED_WORDS(memory);                                                                                  \
        inverseInner<Form>((Form::Word*)memory, to, from, primes, limbs, (u32)logDegree, (u32)logWords);       \
    }                                                                                                          \
    KERNEL(256)                                                                                                \
    rns_inverse_outer_##name(u64* to, const Prime* primes, const Limb* limbs, u64 logDegree) {                 \
        inverseOuter<Form>(to, primes, limbs, (u32)logDegree);                                                 \
    }

TRANSFORM(wide, Wide)
TRANSFORM(real, Real)
TRANSFORM(narrow, Narrow)

KERNEL(256)
rns_tensor(
        u64* to0, u64* to1, u64* to2, const u64* a0, const u64* a1, const u64* b0, const u64* b1, const Prime* primes,
        const Limb* limbs, u64 logDegree) {
    tensorProduct(to0, to1, to2, a0, a1, b0, b1, primes, limbs, (u32)logDegree);
}

KERNEL(256)
rns_permute(u64* to, const u64* a, const Limb* limbs, u64 logDegree, u64 element) {
    permuteValues(to, a, limbs, (u32)logDegree, (u32)element);
}

KERNEL(256)
rns_keep(u64* to, const u64* a, const u32* wanted, const Limb* limbs, u64 logDegree) {
    keepCoefficients(to, a, wanted, limbs, (u32)logDegree);
}

KERNEL(256)
rns_convert(
        u64* to, const u64* from, const u64* cofactors, const Prime* primes, const Limb* limbs, u64 logDegree,
        u64 sources) {
    convertBase(to, from, cofactors, primes, limbs, (u32)logDegree, (u32)sources);
}

KERNEL(256)
rns_switch_keys(
        u64* sums, const u64* digits, const u64* a, const u64* keys, const Prime* primes, const Limb* limbs,
        u64 logDegree, u64 count) {
    switchKeys(sums, digits, a, keys, primes, limbs, (u32)logDegree, (u32)count);
}

#define SCAN(name, Sum, QUERIES)                                                                               \
    KERNEL(256)                                                                                                \
    name(const u64* results, const double* factors, const double* pairs, const Prime* prime, u64 logDegree,    \
         u64 blocks, u64 pieces, u64 queries) {                                                                \
        scanRows<Sum, QUERIES>(                                                                                \
                results, factors, pairs, prime, (u32)logDegree, (u32)blocks, (u32)pieces, (u32)queries);       \
    }

SCAN(rns_scan_one_real, RealSum, 1)
SCAN(rns_scan_four_real, RealSum, 4)
SCAN(rns_scan_one_wide, WideSum, 1)
SCAN(rns_scan_four_wide, WideSum, 4)
