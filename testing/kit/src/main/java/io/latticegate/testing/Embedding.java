package io.latticegate.testing;

import java.util.Locale;
import java.util.SplittableRandom;

/**
 * A vector of length 1 for a text: the sum of one pseudo-random vector per word, normalised. Texts that share words are
 * near each other, so a search over these vectors finds what a person expects.
 */
final class Embedding {
    static float[] of(String text, int dimensions) {
        double[] sum = new double[dimensions];
        for (String word : text.strip().toLowerCase(Locale.ROOT).split("\\s+", -1)) {
            SplittableRandom random = new SplittableRandom(word.hashCode());
            for (int i = 0; i < dimensions; i++) {
                sum[i] += random.nextDouble() - 0.5;
            }
        }
        double square = 0;
        for (double component : sum) {
            square += component * component;
        }
        float[] vector = new float[dimensions];
        for (int i = 0; i < dimensions; i++) {
            vector[i] = (float) (sum[i] / Math.sqrt(square));
        }
        return vector;
    }

    private Embedding() {}
}
