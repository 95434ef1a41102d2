// The transform of docs/fhe.md: value i of the result is f(ψ^(2·rev(i)+1)). Entry m + i of a table of twiddles is the factor
// of group i in the stage that has m groups.
//
// Rows of up to 2^12 words are transformed by one block in shared memory, eight words a thread and three stages between
// barriers. Longer ones take two kernels: the four stages with the widest gaps on sixteen words a thread in registers, and
// sixteen blocks in shared memory for the rest. Between the kernels words are canonical, so that the kernels of one row may be
// of any form.
#pragma once

#include "forms.cuh"

static const u32 OUTER = 16;
static const u32 OUTER_STAGES = 4;

// Spreads words that threads of a warp read with a power of two between them over the banks of shared memory.
DEVICE u32 place(u32 index) {
    return index + (index >> 4);
}

DEVICE const u64* row(const u64* words, u32 position, u32 logDegree) {
    return words + ((u64)position << logDegree);
}

DEVICE u64* row(u64* words, u32 position, u32 logDegree) {
    return words + ((u64)position << logDegree);
}

// STAGES stages on the words of one block, of which `left` are still to do.
template <class Form, int STAGES>
DEVICE void forwardPass(
        const Form& form, typename Form::Word* words, const typename Form::Twiddle* roots, u32 chunk, u32 logWords,
        u32 left, bool settle) {
    const u32 logGap = left - STAGES;
    const u32 units = 1u << (logWords - STAGES);
    for (u32 unit = threadIdx.x; unit < units; unit += blockDim.x) {
        u32 group = unit >> logGap;
        u32 first = (group << left) + (unit & ((1u << logGap) - 1));
        typename Form::Word x[1 << STAGES];
        UNROLL
        for (int j = 0; j < 1 << STAGES; j++) {
            typename Form::Word word = words[place(first + ((u32)j << logGap))];
            x[j] = settle ? form.settle(word) : word;
        }
        UNROLL
        for (int stage = 0; stage < STAGES; stage++) {
            const int half = 1 << (STAGES - 1 - stage);
            const typename Form::Twiddle* factors =
                    roots + ((u64)chunk << (logWords - left + stage)) + ((u64)group << stage);
            UNROLL
            for (int k = 0; k < 1 << stage; k++) {
                typename Form::Twiddle root = factors[k];
                UNROLL
                for (int j = 0; j < half; j++) {
                    form.forward(x[2 * half * k + j], x[2 * half * k + j + half], root);
                }
            }
        }
        UNROLL
        for (int j = 0; j < 1 << STAGES; j++) {
            words[place(first + ((u32)j << logGap))] = x[j];
        }
    }
}

// STAGES stages backwards on the words of one block, of which `done` are done.
template <class Form, int STAGES>
DEVICE void inversePass(
        const Form& form, typename Form::Word* words, const typename Form::Twiddle* roots, u32 chunk, u32 logWords,
        u32 done, bool settle) {
    const u32 units = 1u << (logWords - STAGES);
    for (u32 unit = threadIdx.x; unit < units; unit += blockDim.x) {
        u32 group = unit >> done;
        u32 first = (group << (done + STAGES)) + (unit & ((1u << done) - 1));
        typename Form::Word x[1 << STAGES];
        UNROLL
        for (int j = 0; j < 1 << STAGES; j++) {
            typename Form::Word word = words[place(first + ((u32)j << done))];
            x[j] = settle ? form.settle(word) : word;
        }
        UNROLL
        for (int stage = 0; stage < STAGES; stage++) {
            const int half = 1 << stage;
            const typename Form::Twiddle* factors = roots + ((u64)chunk << (logWords - done - 1 - stage))
                    + ((u64)group << (STAGES - 1 - stage));
            UNROLL
            for (int k = 0; k < 1 << (STAGES - 1 - stage); k++) {
                typename Form::Twiddle root = factors[k];
                UNROLL
                for (int j = 0; j < half; j++) {
                    form.inverse(x[2 * half * k + j], x[2 * half * k + j + half], root);
                }
            }
        }
        UNROLL
        for (int j = 0; j < 1 << STAGES; j++) {
            words[place(first + ((u32)j << done))] = x[j];
        }
    }
}

// The last logWords stages of a row, in one block for each piece of 2^logWords words; gridDim.x is the number of pieces. Where
// `from` is `to` the row stays at its position. With a minuend the result is (minuend − value) · factor, at the position of the second operand.
template <class Form>
DEVICE void forwardInner(
        typename Form::Word* words, u64* to, const u64* from, const u64* minuend, const Prime* primes,
        const Limb* limbs, u32 logDegree, u32 logWords) {
    const Limb limb = limbs[blockIdx.y];
    const Prime prime = primes[limb.prime];
    const Form form(prime);
    const typename Form::Twiddle* roots = (const typename Form::Twiddle*)prime.forward;
    const u32 chunk = gridDim.x + blockIdx.x;
    const u64 at = (u64)blockIdx.x << logWords;
    const u64* in = row(from, from == to ? limb.to : limb.a, logDegree) + at;
    for (u32 i = threadIdx.x; i < 1u << logWords; i += blockDim.x) {
        words[place(i)] = form.load(in[i]);
    }
    u32 left = logWords;
    int since = 0;
    while (left > 0) {
        BARRIER();
        const u32 stages = left >= 3 ? 3 : left;
        const bool settle = since + (int)stages > Form::FORWARD_STAGES;
        since = settle ? (int)stages : since + (int)stages;
        if (stages == 3) {
            forwardPass<Form, 3>(form, words, roots, chunk, logWords, left, settle);
        } else if (stages == 2) {
            forwardPass<Form, 2>(form, words, roots, chunk, logWords, left, settle);
        } else {
            forwardPass<Form, 1>(form, words, roots, chunk, logWords, left, settle);
        }
        left -= stages;
    }
    BARRIER();
    u64* out = row(to, limb.to, logDegree) + at;
    const u64* other = minuend + ((u64)limb.b << logDegree) + at;
    for (u32 i = threadIdx.x; i < 1u << logWords; i += blockDim.x) {
        u64 value = form.canonical(words[place(i)]);
        if (minuend != 0) {
            u64 difference = other[i] - value + prime.q;
            value = fold(multiplyLazy(difference, limb.factor, limb.quotient, prime.q), prime.q);
        }
        out[i] = value;
    }
}

// One of the stages with the widest gaps, on sixteen words in registers.
template <class Form, int STAGE>
DEVICE void forwardOuterStage(
        const Form& form, typename Form::Word (&x)[OUTER], const typename Form::Twiddle* roots) {
    const int half = 8 >> STAGE;
    UNROLL
    for (int k = 0; k < 1 << STAGE; k++) {
        typename Form::Twiddle root = roots[(1 << STAGE) + k];
        UNROLL
        for (int j = 0; j < half; j++) {
            form.forward(x[2 * half * k + j], x[2 * half * k + j + half], root);
        }
    }
}

// The first four stages of a row of more than 2^12 words.
template <class Form>
DEVICE void forwardOuter(u64* to, const u64* from, const Prime* primes, const Limb* limbs, u32 logDegree) {
    const Limb limb = limbs[blockIdx.y];
    const Prime prime = primes[limb.prime];
    const Form form(prime);
    const typename Form::Twiddle* roots = (const typename Form::Twiddle*)prime.forward;
    const u32 gap = 1u << (logDegree - OUTER_STAGES);
    const u32 column = blockIdx.x * blockDim.x + threadIdx.x;
    const u64* in = row(from, limb.a, logDegree) + column;
    typename Form::Word x[OUTER];
    UNROLL
    for (u32 j = 0; j < OUTER; j++) {
        x[j] = form.load(in[j * gap]);
    }
    forwardOuterStage<Form, 0>(form, x, roots);
    forwardOuterStage<Form, 1>(form, x, roots);
    forwardOuterStage<Form, 2>(form, x, roots);
    forwardOuterStage<Form, 3>(form, x, roots);
    u64* out = row(to, limb.to, logDegree) + column;
    UNROLL
    for (u32 j = 0; j < OUTER; j++) {
        out[j * gap] = form.canonical(x[j]);
    }
}

// value · factor + addend, with constants that hold the inverse of the degree.
DEVICE u64 finish(u64 value, const Limb& limb, u64 q) {
    u64 product = fold(multiplyLazy(value, limb.factor, limb.quotient, q), q);
    return addModulo(product, limb.addend, q);
}

// The first logWords stages backwards; where they are all, with the constants applied.
template <class Form>
DEVICE void inverseInner(
        typename Form::Word* words, u64* to, const u64* from, const Prime* primes, const Limb* limbs, u32 logDegree,
        u32 logWords) {
    const Limb limb = limbs[blockIdx.y];
    const Prime prime = primes[limb.prime];
    const Form form(prime);
    const typename Form::Twiddle* roots = (const typename Form::Twiddle*)prime.inverse;
    const u32 chunk = gridDim.x + blockIdx.x;
    const u64 at = (u64)blockIdx.x << logWords;
    const u64* in = row(from, limb.a, logDegree) + at;
    for (u32 i = threadIdx.x; i < 1u << logWords; i += blockDim.x) {
        words[place(i)] = form.load(in[i]);
    }
    u32 done = 0;
    int since = 0;
    while (done < logWords) {
        BARRIER();
        const u32 left = logWords - done;
        const u32 stages = left >= 3 ? 3 : left;
        const bool settle = since + (int)stages > Form::INVERSE_STAGES;
        since = settle ? (int)stages : since + (int)stages;
        if (stages == 3) {
            inversePass<Form, 3>(form, words, roots, chunk, logWords, done, settle);
        } else if (stages == 2) {
            inversePass<Form, 2>(form, words, roots, chunk, logWords, done, settle);
        } else {
            inversePass<Form, 1>(form, words, roots, chunk, logWords, done, settle);
        }
        done += stages;
    }
    BARRIER();
    const bool last = logWords == logDegree;
    u64* out = row(to, limb.to, logDegree) + at;
    for (u32 i = threadIdx.x; i < 1u << logWords; i += blockDim.x) {
        u64 value = form.canonical(words[place(i)]);
        out[i] = last ? finish(value, limb, prime.q) : value;
    }
}

// One of the stages with the widest gaps backwards, on sixteen words in registers.
template <class Form, int STAGE>
DEVICE void inverseOuterStage(
        const Form& form, typename Form::Word (&x)[OUTER], const typename Form::Twiddle* roots) {
    const int half = 1 << STAGE;
    if (STAGE == Form::INVERSE_STAGES) {
        UNROLL
        for (u32 j = 0; j < OUTER; j++) {
            x[j] = form.settle(x[j]);
        }
    }
    UNROLL
    for (int k = 0; k < 8 >> STAGE; k++) {
        typename Form::Twiddle root = roots[(8 >> STAGE) + k];
        UNROLL
        for (int j = 0; j < half; j++) {
            form.inverse(x[2 * half * k + j], x[2 * half * k + j + half], root);
        }
    }
}

// The last four stages backwards of a row of more than 2^12 words, in place.
template <class Form>
DEVICE void inverseOuter(u64* to, const Prime* primes, const Limb* limbs, u32 logDegree) {
    const Limb limb = limbs[blockIdx.y];
    const Prime prime = primes[limb.prime];
    const Form form(prime);
    const typename Form::Twiddle* roots = (const typename Form::Twiddle*)prime.inverse;
    const u32 gap = 1u << (logDegree - OUTER_STAGES);
    u64* words = row(to, limb.to, logDegree) + blockIdx.x * blockDim.x + threadIdx.x;
    typename Form::Word x[OUTER];
    UNROLL
    for (u32 j = 0; j < OUTER; j++) {
        x[j] = form.load(words[j * gap]);
    }
    inverseOuterStage<Form, 0>(form, x, roots);
    inverseOuterStage<Form, 1>(form, x, roots);
    inverseOuterStage<Form, 2>(form, x, roots);
    inverseOuterStage<Form, 3>(form, x, roots);
    UNROLL
    for (u32 j = 0; j < OUTER; j++) {
        words[j * gap] = finish(form.canonical(x[j]), limb, prime.q);
    }
}
