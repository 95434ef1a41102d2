package io.latticegate.fhe.core.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.latticegate.fhe.core.random.SeedStream;
import io.latticegate.fhe.core.random.Xof;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DiscreteGaussianTest {
    private static final int SAMPLES = 2_000_000;

    private static long[] samples(long sigma, int count) {
        byte[] seed = new byte[SeedStream.SEED_BYTES];
        Arrays.fill(seed, (byte) 7);
        long[] samples = new long[count];
        try (SeedStream stream = new SeedStream(Xof.BLAKE2XB, seed)) {
            new DiscreteGaussian(sigma).sample(stream, samples);
        }
        return samples;
    }

    /** Every integer up to 5σ is a class of its own; what is beyond, on either side, is another. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 5, 13})
    void followsItsDistribution(long sigma) {
        int reach = (int) (5 * sigma);
        double[] weight = new double[2 * reach + 1];
        double total = 0;
        for (int x = (int) (-40 * sigma); x <= 40 * sigma; x++) {
            double w = Math.exp(-(double) x * x / (2.0 * sigma * sigma));
            total += w;
            if (Math.abs(x) <= reach) {
                weight[x + reach] = w;
            }
        }
        long[] seen = new long[2 * reach + 1];
        long below = 0;
        long above = 0;
        for (long x : samples(sigma, SAMPLES)) {
            if (x < -reach) {
                below++;
            } else if (x > reach) {
                above++;
            } else {
                seen[(int) x + reach]++;
            }
        }
        double tail = SAMPLES * (1 - Arrays.stream(weight).sum() / total) / 2;
        double statistic = 0;
        int classes = 0;
        double pooledExpected = 2 * tail;
        double pooledSeen = below + above;
        for (int i = 0; i < seen.length; i++) {
            double expected = SAMPLES * weight[i] / total;
            if (expected < 20) {
                pooledExpected += expected;
                pooledSeen += seen[i];
            } else {
                statistic += (seen[i] - expected) * (seen[i] - expected) / expected;
                classes++;
            }
        }
        statistic += (pooledSeen - pooledExpected) * (pooledSeen - pooledExpected) / pooledExpected;
        // Wilson and Hilferty: the cube root of χ²/k is nearly normal.
        double k = classes;
        double score = (Math.cbrt(statistic / k) - (1 - 2 / (9 * k))) / Math.sqrt(2 / (9 * k));
        assertThat(score)
                .as("chi-square %s of %s classes", statistic, classes + 1)
                .isBetween(-3.7, 3.7);
    }

    @ParameterizedTest
    @ValueSource(longs = {1_000, (1L << 40) + 12_345, DiscreteGaussian.SIGMA_MAX})
    void hasTheMomentsOfALargeDeviation(long sigma) {
        int count = 1_000_000;
        long[] samples = samples(sigma, count);
        double mean = 0;
        double square = 0;
        double fourth = 0;
        long odd = 0;
        for (long sample : samples) {
            double x = (double) sample / sigma;
            mean += x / count;
            square += x * x / count;
            fourth += x * x * x * x / count;
            odd += sample & 1;
        }
        double root = Math.sqrt(count);
        assertThat(mean * root).as("mean").isBetween(-5.5, 5.5);
        assertThat((square - 1) * root / Math.sqrt(2)).as("variance").isBetween(-5.5, 5.5);
        assertThat((fourth - 3) * root / Math.sqrt(96)).as("fourth moment").isBetween(-5.5, 5.5);
        assertThat((2.0 * odd / count - 1) * root).as("last bit").isBetween(-5.5, 5.5);
        double[] some =
                Arrays.stream(samples, 0, 50_000).mapToDouble(x -> (double) x).toArray();
        assertThat(NormalLaw.kolmogorov(some, (double) sigma)).as("Kolmogorov").isLessThan(NormalLaw.KOLMOGOROV_MAX);
    }

    /** A biased sampler of a fifth less deviation, and one that never draws 0, would be found. */
    @Test
    void theLawTellsOtherDeviationsApart() {
        double[] some = Arrays.stream(samples(1_000, 50_000))
                .mapToDouble(x -> (double) x)
                .toArray();
        assertThat(NormalLaw.kolmogorov(some, 1_100)).isGreaterThan(NormalLaw.KOLMOGOROV_MAX);
        assertThat(NormalLaw.excessOfVariance(some, 1_030)).isLessThan(-5.5);
    }

    @Test
    void theSameStreamGivesTheSameDraws() {
        assertThat(samples(77, 1_000)).isEqualTo(samples(77, 1_000));
    }

    @Test
    void refusesDeviationsThatItCannotDraw() {
        assertThatIllegalArgumentException().isThrownBy(() -> new DiscreteGaussian(0));
        assertThatIllegalArgumentException().isThrownBy(() -> DiscreteGaussian.atLeast(Double.NaN));
        assertThatIllegalArgumentException().isThrownBy(() -> DiscreteGaussian.atLeast(0x1.8p52));
        assertThat(DiscreteGaussian.atLeast(2.1)).isEqualTo(new DiscreteGaussian(3));
    }
}
