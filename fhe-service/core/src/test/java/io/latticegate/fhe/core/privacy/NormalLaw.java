package io.latticegate.fhe.core.privacy;

import java.util.Arrays;

/** Holds samples against the normal distribution of mean 0. */
public final class NormalLaw {
    /** Samples of the law exceed it in {@link #kolmogorov} with probability 3·10⁻⁷. */
    public static final double KOLMOGOROV_MAX = 2.8;

    private NormalLaw() {}

    /** P[X ≤ x] for deviation 1, by Simpson's rule. */
    public static double cdf(double x) {
        int steps = 2_000;
        double width = Math.min(Math.abs(x), 9) / steps;
        double sum = 0;
        for (int i = 0; i <= steps; i++) {
            double weight = i == 0 || i == steps ? 1 : i % 2 == 1 ? 4 : 2;
            sum += weight * Math.exp(-i * width * i * width / 2);
        }
        double half = sum * width / 3 / Math.sqrt(2 * Math.PI);
        return x < 0 ? 0.5 - half : 0.5 + half;
    }

    /** Kolmogorov's statistic √n·sup|F_n − F|. */
    public static double kolmogorov(double[] samples, double sigma) {
        double[] sorted = samples.clone();
        Arrays.sort(sorted);
        double distance = 0;
        for (int i = 0; i < sorted.length; i++) {
            double expected = cdf(sorted[i] / sigma);
            distance = Math.max(
                    distance, Math.max(expected - (double) i / sorted.length, (i + 1.0) / sorted.length - expected));
        }
        return distance * Math.sqrt(sorted.length);
    }

    /** The mean square of the samples over σ², less 1, in its own standard deviations. */
    public static double excessOfVariance(double[] samples, double sigma) {
        double mean = Arrays.stream(samples).map(x -> x * x).average().orElseThrow() / (sigma * sigma);
        return (mean - 1) / Math.sqrt(2.0 / samples.length);
    }
}
