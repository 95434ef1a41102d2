package io.latticegate.fhe.core.backend;

import io.latticegate.fhe.core.modular.Modulus;
import io.latticegate.fhe.core.ring.NttTables;

/**
 * One word at a time, for primes of up to 60 bits. The transforms are those of Harvey ("Faster arithmetic for
 * number-theoretic transforms", 2014): between stages words are below 4q forwards and below 2q backwards.
 */
final class ScalarKernels implements LimbKernels {
    @Override
    public void forward(NttTables tables, Limb from, Limb to, Scratch scratch) {
        Modulus q = tables.modulus();
        int n = to.length();
        long[] x = to.words();
        int at = to.at();
        System.arraycopy(from.words(), from.at(), x, at, n);
        long[] roots = tables.roots();
        long[] quotients = tables.rootQuotients();
        for (int groups = 1, gap = n / 2; gap > 0; groups *= 2, gap /= 2) {
            for (int group = 0; group < groups; group++) {
                int start = at + group * 2 * gap;
                forwardGroup(q, x, start, gap, roots[groups + group], quotients[groups + group]);
            }
        }
        long value = q.value();
        for (int i = at; i < at + n; i++) {
            x[i] = q.fold(foldBelow(x[i], 2 * value));
        }
    }

    private static void forwardGroup(Modulus q, long[] x, int start, int gap, long root, long quotient) {
        long twice = 2 * q.value();
        for (int i = start; i < start + gap; i++) {
            long u = foldBelow(x[i], twice);
            long v = q.multiplyLazy(x[i + gap], root, quotient);
            x[i] = u + v;
            x[i + gap] = u + twice - v;
        }
    }

    @Override
    public void inverse(NttTables tables, Limb from, Limb to, Scratch scratch) {
        Modulus q = tables.modulus();
        int n = to.length();
        long[] x = to.words();
        int at = to.at();
        System.arraycopy(from.words(), from.at(), x, at, n);
        long[] roots = tables.inverseRoots();
        long[] quotients = tables.inverseRootQuotients();
        for (int groups = n / 2, gap = 1; groups > 0; groups /= 2, gap *= 2) {
            for (int group = 0; group < groups; group++) {
                int start = at + group * 2 * gap;
                inverseGroup(q, x, start, gap, roots[groups + group], quotients[groups + group]);
            }
        }
        long scale = tables.degreeInverse();
        long scaleQuotient = q.quotient(scale);
        for (int i = at; i < at + n; i++) {
            x[i] = q.fold(q.multiplyLazy(x[i], scale, scaleQuotient));
        }
    }

    private static void inverseGroup(Modulus q, long[] x, int start, int gap, long root, long quotient) {
        long twice = 2 * q.value();
        for (int i = start; i < start + gap; i++) {
            long u = x[i];
            long v = x[i + gap];
            x[i] = foldBelow(u + v, twice);
            x[i + gap] = q.multiplyLazy(u + twice - v, root, quotient);
        }
    }

    /** x − bound if that is not negative, else x. */
    private static long foldBelow(long x, long bound) {
        long folded = x - bound;
        return folded + (bound & (folded >> 63));
    }

    @Override
    public void add(Modulus q, Limb a, Limb b, Limb to) {
        for (int i = 0; i < to.length(); i++) {
            to.words()[to.at() + i] = q.add(a.words()[a.at() + i], b.words()[b.at() + i]);
        }
    }

    @Override
    public void subtract(Modulus q, Limb a, Limb b, Limb to) {
        for (int i = 0; i < to.length(); i++) {
            to.words()[to.at() + i] = q.subtract(a.words()[a.at() + i], b.words()[b.at() + i]);
        }
    }

    @Override
    public void negate(Modulus q, Limb a, Limb to) {
        for (int i = 0; i < to.length(); i++) {
            to.words()[to.at() + i] = q.fold(q.value() - a.words()[a.at() + i]);
        }
    }

    @Override
    public void multiply(Modulus q, Limb a, Limb b, Limb to) {
        for (int i = 0; i < to.length(); i++) {
            to.words()[to.at() + i] = q.multiply(a.words()[a.at() + i], b.words()[b.at() + i]);
        }
    }

    @Override
    public void multiplyAdd(Modulus q, Limb a, Limb b, Limb to) {
        for (int i = 0; i < to.length(); i++) {
            long product = q.multiply(a.words()[a.at() + i], b.words()[b.at() + i]);
            to.words()[to.at() + i] = q.add(to.words()[to.at() + i], product);
        }
    }

    @Override
    public void addScalar(Modulus q, long c, Limb a, Limb to) {
        for (int i = 0; i < to.length(); i++) {
            to.words()[to.at() + i] = q.add(a.words()[a.at() + i], c);
        }
    }

    @Override
    public void multiplyScalar(Modulus q, long c, Limb a, Limb to) {
        long quotient = q.quotient(c);
        for (int i = 0; i < to.length(); i++) {
            to.words()[to.at() + i] = q.fold(q.multiplyLazy(a.words()[a.at() + i], c, quotient));
        }
    }

    @Override
    public void subtractMultiplyScalar(Modulus q, long c, Limb a, Limb b, Limb to) {
        long quotient = q.quotient(c);
        for (int i = 0; i < to.length(); i++) {
            long difference = a.words()[a.at() + i] - b.words()[b.at() + i] + q.value();
            to.words()[to.at() + i] = q.fold(q.multiplyLazy(difference, c, quotient));
        }
    }

    @Override
    public void reduce(Modulus q, Limb a, Limb to) {
        for (int i = 0; i < to.length(); i++) {
            to.words()[to.at() + i] = q.reduce(a.words()[a.at() + i]);
        }
    }

    @Override
    public void reduceMultiplyAdd(Modulus q, long c, Limb a, Limb to) {
        long quotient = q.quotient(c);
        for (int i = 0; i < to.length(); i++) {
            long product = q.fold(q.multiplyLazy(a.words()[a.at() + i], c, quotient));
            to.words()[to.at() + i] = q.add(to.words()[to.at() + i], product);
        }
    }
}
