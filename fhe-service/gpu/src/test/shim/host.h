// A device on one processor, for tests: what kernels need of CUDA's language, with the meaning that CUDA gives it. Threads of a
// block are fibres on stacks of their own, so that a barrier is a barrier.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t i64;

struct Dimensions {
    u32 x;
    u32 y;
    u32 z;
};

extern Dimensions threadIdx;
extern Dimensions blockIdx;
extern Dimensions blockDim;
extern Dimensions gridDim;

void hostBarrier();
unsigned char* hostSharedMemory();

#define DEVICE inline __attribute__((always_inline))
#define KERNEL(threads) extern "C" void
#define SHARED_WORDS(name) unsigned char* name = hostSharedMemory()
#define BARRIER() hostBarrier()
#define UNROLL

static inline u64 __umul64hi(u64 a, u64 b) {
    return (u64)(((unsigned __int128)a * b) >> 64);
}

static inline i64 __mul64hi(i64 a, i64 b) {
    return (i64)(((__int128)a * b) >> 64);
}

static inline u32 __umulhi(u32 a, u32 b) {
    return (u32)(((u64)a * b) >> 32);
}

static inline u32 __brev(u32 x) {
    x = (x >> 1 & 0x55555555u) | (x & 0x55555555u) << 1;
    x = (x >> 2 & 0x33333333u) | (x & 0x33333333u) << 2;
    x = (x >> 4 & 0x0f0f0f0fu) | (x & 0x0f0f0f0fu) << 4;
    return __builtin_bswap32(x);
}

static inline double __fma_rn(double a, double b, double c) {
    return std::fma(a, b, c);
}

static inline double __dadd_rn(double a, double b) {
    return a + b;
}

static inline double __dmul_rn(double a, double b) {
    return a * b;
}

static inline i64 __double_as_longlong(double x) {
    i64 word;
    std::memcpy(&word, &x, sizeof word);
    return word;
}

static inline double __longlong_as_double(i64 word) {
    double x;
    std::memcpy(&x, &word, sizeof x);
    return x;
}

static inline u32 min(u32 a, u32 b) {
    return a < b ? a : b;
}
