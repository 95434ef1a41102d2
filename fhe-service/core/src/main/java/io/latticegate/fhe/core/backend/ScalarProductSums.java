package io.latticegate.fhe.core.backend;

import io.latticegate.fhe.core.modular.Modulus;
import java.util.Arrays;

/** One product at a time, with a reduction each: what the sums are. */
final class ScalarProductSums implements ProductSums {
    private final Modulus q;

    ScalarProductSums(Modulus q) {
        ProductSums.requireLength(q);
        this.q = q;
    }

    @Override
    public void column(
            int sums,
            int terms,
            double[] factors,
            double[] pairs,
            int pairsAt,
            long[] work,
            long[] to,
            int toAt,
            int step) {
        for (int sum = 0; sum < sums; sum++) {
            int first = toAt + 2 * sum * step;
            int second = first + step;
            Arrays.fill(to, first, first + POINTS, 0);
            Arrays.fill(to, second, second + POINTS, 0);
            for (int i = 0; i < terms; i++) {
                int pair = pairsAt + 2 * i * POINTS;
                for (int point = 0; point < POINTS; point++) {
                    long factor = q.reduceSigned((long) factors[(sum * terms + i) * POINTS + point]);
                    multiplyAdd(factor, pairs[pair + point], to, first + point);
                    multiplyAdd(factor, pairs[pair + POINTS + point], to, second + point);
                }
            }
        }
    }

    private void multiplyAdd(long factor, double other, long[] to, int at) {
        to[at] = q.add(to[at], q.multiply(factor, q.reduceSigned((long) other)));
    }

    @Override
    public void centre(long[] residues, int at, double[] to, int toAt) {
        for (int point = 0; point < POINTS; point++) {
            long residue = residues[at + point];
            to[toAt + point] = residue - (q.value() & ((q.value() / 2 - residue) >> 63));
        }
    }
}
