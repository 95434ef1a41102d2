package io.latticegate.e2e.fhe;

import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Random unit vectors, and what a plaintext scan says of them. */
final class Rows {
    private Rows() {}

    static float[][] random(long seed, int count, int dimension) {
        Random random = new Random(seed);
        float[][] rows = new float[count][dimension];
        for (float[] row : rows) {
            double[] gaussian =
                    random.doubles(dimension).map(_ -> random.nextGaussian()).toArray();
            double square = 0;
            for (double component : gaussian) {
                square += component * component;
            }
            for (int k = 0; k < dimension; k++) {
                row[k] = (float) (gaussian[k] / Math.sqrt(square));
            }
        }
        return rows;
    }

    static double exact(float[] a, float[] b) {
        double sum = 0;
        for (int k = 0; k < a.length; k++) {
            sum += (double) a[k] * b[k];
        }
        return sum;
    }

    static double[] scan(float[][] rows, float[] query) {
        double[] scores = new double[rows.length];
        for (int row = 0; row < rows.length; row++) {
            scores[row] = exact(rows[row], query);
        }
        return scores;
    }

    static List<Integer> best(double[] scores, int count) {
        return IntStream.range(0, scores.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer row) -> -scores[row]))
                .limit(count)
                .toList();
    }
}
