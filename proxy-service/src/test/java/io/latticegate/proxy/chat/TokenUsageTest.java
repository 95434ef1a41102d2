package io.latticegate.proxy.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class TokenUsageTest {

    @Test
    void keepsThePartsWithinTheirTotalsWhateverIsReported() {
        var random = new Random(7);
        for (int i = 0; i < 10_000; i++) {
            var usage = new TokenUsage(
                    any(random), any(random), any(random), any(random), any(random), any(random), any(random));
            assertThat(usage.uncachedInput()).as("round " + i).isNotNegative();
            assertThat(usage.uncachedInput() + usage.cachedInput() + usage.cacheWrite())
                    .isEqualTo(usage.input());
            assertThat(usage.reasoning()).isBetween(0L, usage.output());
            assertThat(usage.total()).isBetween(0L, 2 * TokenUsage.TOKENS_MAX);
        }
    }

    private static long any(Random random) {
        return random.nextInt(4) == 0 ? random.nextLong() : random.nextInt(-5, 100);
    }
}
