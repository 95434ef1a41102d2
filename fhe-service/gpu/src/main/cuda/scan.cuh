// Sums of products of centred residues modulo a prime of 48 to 50 bits: the scan of rows by queries. A row polynomial's value
// is a factor, and a query's two polynomials have a pair of values at each point; a thread sums over the pieces at one point of
// one block of rows, for several queries.
//
// Factors of a group of blocks: column by column of eight points, within a column block by block, piece by piece, point by
// point. Pairs of a query: column by column, piece by piece, eight values of the first polynomial and eight of the second.
#pragma once

#include "modular.cuh"

static const u32 POINTS = 8;

// Exact sums with fused multiply-add. A product f·a is below 2^98 in magnitude; top = fma(f, a, 1.5·2^99) is a multiple of 2^47
// and its word that of 1.5·2^99 plus an integer h; with 1.5·2^52 + 1.5·2^99 − top = 1.5·2^52 − 2^47·h, which is exact, the word
// of fma(f, a, 1.5·2^52 − 2^47·h) is that of 1.5·2^52 plus l, where f·a = 2^47·h + l. For 2^11 terms the sum of h is at most
// 2^62, and that of l at most 2^57, in magnitude.
struct RealSum {
    typedef double Value;

    i64 tops;
    i64 bottoms;

    DEVICE RealSum() : tops(0), bottoms(0) {}

    DEVICE static double top() {
        return 950737950171172051122527404032.0;  // 1.5 · 2^99
    }

    DEVICE static double bottom() {
        return 6755399441055744.0;  // 1.5 · 2^52
    }

    DEVICE static Value load(double value) {
        return value;
    }

    DEVICE void add(Value f, Value a) {
        double upper = __fma_rn(f, a, top());
        double rest = __dadd_rn(top() + bottom(), -upper);
        tops = (i64)((u64)tops + (u64)__double_as_longlong(upper));
        bottoms = (i64)((u64)bottoms + (u64)__double_as_longlong(__fma_rn(f, a, rest)));
    }

    DEVICE u64 modulo(u32 terms, const Prime& prime) const {
        u64 h = (u64)tops - terms * (u64)__double_as_longlong(top());
        u64 l = (u64)bottoms - terms * (u64)__double_as_longlong(bottom());
        u64 low = (h << 47) + l;
        u64 high = (u64)((i64)h >> 17) + (u64)((i64)l >> 63) + (low < l);
        return reduceSigned(high, low, prime);
    }
};

// The same in integers of 128 bits, for devices on which doubles are slow.
struct WideSum {
    typedef i64 Value;

    u64 low;
    u64 high;

    DEVICE WideSum() : low(0), high(0) {}

    DEVICE static Value load(double value) {
        return (i64)value;
    }

    DEVICE void add(Value f, Value a) {
        u64 product = (u64)f * (u64)a;
        low += product;
        high += (u64)__mul64hi(f, a) + (low < product);
    }

    DEVICE u64 modulo(u32, const Prime& prime) const {
        return reduceSigned(high, low, prime);
    }
};

// The sums of `queries` queries, of which each thread takes QUERIES; blockIdx.y counts groups of `blocks` blocks, blockIdx.z
// queries. `results` holds the addresses of the result's
// polynomials, at (query · all blocks + block) · 2 + part.
template <class Sum, int QUERIES>
DEVICE void scanRows(
        const u64* results, const double* factors, const double* pairs, const Prime* prime, u32 logDegree,
        u32 blocks, u32 pieces, u32 queries) {
    const u32 unit = blockIdx.x * blockDim.x + threadIdx.x;
    const u32 point = unit & (POINTS - 1);
    const u32 block = (unit / POINTS) % blocks;
    const u32 column = unit / POINTS / blocks;
    if (column >= (1u << logDegree) / POINTS) {
        return;
    }
    const u64 perBlock = (u64)pieces << logDegree;
    const double* f = factors + blockIdx.y * (blocks * perBlock)
            + ((u64)column * blocks + block) * pieces * POINTS + point;
    const double* pair[QUERIES];
    UNROLL
    for (int k = 0; k < QUERIES; k++) {
        u32 query = min(blockIdx.z * QUERIES + k, queries - 1);
        pair[k] = pairs + 2 * perBlock * query + (u64)column * 2 * pieces * POINTS + point;
    }
    Sum first[QUERIES];
    Sum second[QUERIES];
    for (u32 i = 0; i < pieces; i++) {
        const typename Sum::Value factor = Sum::load(f[(u64)i * POINTS]);
        UNROLL
        for (int k = 0; k < QUERIES; k++) {
            first[k].add(factor, Sum::load(pair[k][(u64)2 * i * POINTS]));
            second[k].add(factor, Sum::load(pair[k][(u64)(2 * i + 1) * POINTS]));
        }
    }
    UNROLL
    for (int k = 0; k < QUERIES; k++) {
        u32 query = blockIdx.z * QUERIES + k;
        if (query < queries) {
            u32 result = ((query * gridDim.y + blockIdx.y) * blocks + block) * 2;
            u32 at = column * POINTS + point;
            ((u64*)results[result])[at] = first[k].modulo(pieces, *prime);
            ((u64*)results[result + 1])[at] = second[k].modulo(pieces, *prime);
        }
    }
}
