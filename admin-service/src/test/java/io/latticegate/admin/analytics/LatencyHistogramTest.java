package io.latticegate.admin.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LatencyHistogramTest {
    private static final double ERROR_MAX = 1.0 / 64;
    private static final long SEED = Long.getLong("latticegate.seed", 20_261_122L);

    @ParameterizedTest
    @ValueSource(doubles = {0.001, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1})
    void aQuantileIsWithinItsErrorOfTheValueOfThatRank(double share) {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int round = 0; round < 20; round++) {
            long[] values = random.longs(1 + random.nextInt(2_000), 0, 37)
                    .map(exponent -> random.nextLong(1L << exponent, 2L << exponent) - 1)
                    .toArray();
            Arrays.sort(values);
            long exact = values[(int) Math.ceil(share * values.length) - 1];

            long quantile = histogram(values).quantileMicros(share);

            assertThat(Math.abs(quantile - exact))
                    .as("seed %d, round %d: %d instead of %d", SEED, round, quantile, exact)
                    .isLessThanOrEqualTo((long) (exact * ERROR_MAX));
        }
    }

    @Test
    void whatIsAddedInPartsIsWhatIsAddedAtOnce() {
        SplittableRandom random = new SplittableRandom(SEED);
        long[] values = random.longs(3_000, 0, 100_000_000).toArray();
        LatencyHistogram merged = histogram(Arrays.copyOf(values, 1_000));
        merged.add(histogram(Arrays.copyOfRange(values, 1_000, 1_001)));
        merged.add(histogram(Arrays.copyOfRange(values, 1_001, 3_000)).bytes());

        assertThat(merged.bytes()).isEqualTo(histogram(values).bytes());
        assertThat(merged.count()).isEqualTo(3_000);
    }

    @Test
    void itsBytesAreItsBinsAndCounts() {
        LatencyHistogram histogram = new LatencyHistogram();
        histogram.add(2);
        histogram.add(2);
        histogram.add(64);
        assertThat(histogram.bytes()).containsExactly(3, 2, 62, 1);
        assertThat(new LatencyHistogram().bytes()).isEmpty();
    }

    @Test
    void timesOutOfRangeCountInTheFirstAndLastBin() {
        assertThat(histogram(-5).quantileMicros(0.5)).isZero();
        assertThat(histogram(Long.MAX_VALUE).quantileMicros(0.5))
                .isEqualTo(histogram((1L << 37) - 1).quantileMicros(0.5));
    }

    @Test
    void hasNoQuantileOfNothing() {
        assertThat(new LatencyHistogram().quantileMicros(0.5)).isEqualTo(-1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"03", "0382", "0001", "FF7F01", "FFFFFFFFFFFFFFFFFF01"})
    void refusesBytesThatAreNoHistogram(String hex) {
        byte[] bytes = java.util.HexFormat.of().parseHex(hex);
        assertThatThrownBy(() -> new LatencyHistogram().add(bytes)).isInstanceOf(IllegalArgumentException.class);
    }

    private static LatencyHistogram histogram(long... values) {
        LatencyHistogram histogram = new LatencyHistogram();
        for (long value : values) {
            histogram.add(value);
        }
        return histogram;
    }
}
