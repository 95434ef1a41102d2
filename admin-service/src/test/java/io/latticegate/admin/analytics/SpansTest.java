package io.latticegate.admin.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.admin.analytics.Spans.Span;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SpansTest {
    private static final long DAY = 86_400;
    private static final long SEED = Long.getLong("latticegate.seed", 20_261_122L);

    @Test
    void readsWholeDaysAndFinerRowsOnlyAtTheEnds() {
        assertThat(Spans.covering(DAY - 3_660, 3 * DAY + 7_320, Resolution.MINUTE)
                        .parts())
                .containsExactly(
                        new Span(Resolution.MINUTE, DAY - 3_660, DAY - 3_600),
                        new Span(Resolution.HOUR, DAY - 3_600, DAY),
                        new Span(Resolution.DAY, DAY, 3 * DAY),
                        new Span(Resolution.HOUR, 3 * DAY, 3 * DAY + 7_200),
                        new Span(Resolution.MINUTE, 3 * DAY + 7_200, 3 * DAY + 7_320));
    }

    @Test
    void coversEveryStretchOnceWithoutAHole() {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int round = 0; round < 1_000; round++) {
            Resolution finest =
                    List.of(Resolution.MINUTE, Resolution.HOUR, Resolution.DAY).get(random.nextInt(3));
            long start = random.nextLong(10 * DAY) / finest.seconds() * finest.seconds();
            long end = start + random.nextLong(1, 5 * DAY / finest.seconds()) * finest.seconds();
            List<Span> parts = Spans.covering(start, end, finest).parts();
            long reached = start;
            for (Span part : parts) {
                assertThat(part.start()).as("seed %d, round %d", SEED, round).isEqualTo(reached);
                assertThat(part.start() % part.resolution().seconds()).isZero();
                assertThat(part.end() % part.resolution().seconds()).isZero();
                assertThat(part.resolution()).isGreaterThanOrEqualTo(finest);
                reached = part.end();
            }
            assertThat(reached).isEqualTo(end);
            assertThat(parts).hasSizeLessThanOrEqualTo(5);
        }
    }
}
