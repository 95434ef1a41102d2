package io.latticegate.auth.wallet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.latticegate.auth.wallet.RateWindow.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RateWindowTest {

    private static final long SECOND = 1_000_000_000L;

    private RateWindow window = RateWindow.EMPTY;

    @Test
    void refusesTheEleventhWithinAMinuteAndSaysWhenToRetry() {
        for (int i = 0; i < 10; i++) {
            assertThat(admits(i * SECOND)).isTrue();
        }
        assertThat(window.admit(RateLimit.DEFAULT, 10 * SECOND))
                .isEqualTo(new Verdict.Exceeded(Duration.ofSeconds(50)));
        assertThat(window.admit(RateLimit.DEFAULT, 60 * SECOND - 1))
                .isEqualTo(new Verdict.Exceeded(Duration.ofNanos(1)));
        assertThat(admits(60 * SECOND)).isTrue();
        assertThat(window.admit(RateLimit.DEFAULT, 60 * SECOND)).isEqualTo(new Verdict.Exceeded(Duration.ofSeconds(1)));
    }

    @Test
    void refusesASecondBurstAcrossTheBoundaryOfAMinute() {
        for (int i = 0; i < 10; i++) {
            assertThat(admits(59 * SECOND)).isTrue();
        }
        for (int i = 0; i < 10; i++) {
            assertThat(admits(60 * SECOND)).isFalse();
        }
    }

    @Test
    void admitsOneEverySixSecondsForEver() {
        for (int i = 0; i < 1_000; i++) {
            assertThat(admits(i * (6 * SECOND))).isTrue();
        }
    }

    @Test
    void worksOnAClockThatOverflows() {
        long start = Long.MAX_VALUE - 5 * SECOND;
        for (int i = 0; i < 10; i++) {
            assertThat(admits(start + i * SECOND)).isTrue();
        }
        assertThat(admits(start + 30 * SECOND)).isFalse();
        assertThat(admits(start + 60 * SECOND)).isTrue();
    }

    /** Exact in both directions, and never laxer than GCRA with the same rate and burst. */
    @Test
    void admitsExactlyWhatTheLimitAllowsAtRandomTimes() {
        long seed = 0x5eed_6c4aL;
        Random random = new Random(seed);
        for (int run = 0; run < 200; run++) {
            RateLimit limit = new RateLimit(1 + random.nextInt(20), Duration.ofSeconds(1 + random.nextInt(100)));
            long period = limit.period().toNanos();
            RateWindow state = RateWindow.EMPTY;
            List<Long> admitted = new ArrayList<>();
            double theoreticalArrival = 0;
            long now = 0;
            for (int step = 0; step < 500; step++) {
                now += random.nextLong(1 + 2 * period / limit.count());
                long since = now - period;
                boolean expected = admitted.stream().filter(at -> at > since).count() < limit.count();
                Verdict verdict = state.admit(limit, now);
                assertThat(verdict instanceof Verdict.Admitted)
                        .as("seed %d, run %d, step %d, %s", seed, run, step, limit)
                        .isEqualTo(expected);
                switch (verdict) {
                    case Verdict.Admitted(RateWindow next) -> {
                        double interval = (double) period / limit.count();
                        assertThat(theoreticalArrival - (double) now)
                                .isLessThanOrEqualTo((limit.count() - 1) * interval + 1);
                        theoreticalArrival = Math.max(theoreticalArrival, (double) now) + interval;
                        admitted.add(now);
                        state = next;
                    }
                    case Verdict.Exceeded(Duration retryAfter) -> {
                        assertThat(retryAfter).isPositive().isLessThanOrEqualTo(limit.period());
                        assertThat(state.admit(limit, now + retryAfter.toNanos()))
                                .isInstanceOf(Verdict.Admitted.class);
                        assertThat(state.admit(limit, now + retryAfter.toNanos() - 1))
                                .isInstanceOf(Verdict.Exceeded.class);
                    }
                }
            }
        }
    }

    @Test
    void refusesLimitsThatLimitNothing() {
        assertThatIllegalArgumentException().isThrownBy(() -> new RateLimit(0, Duration.ofMinutes(1)));
        assertThatIllegalArgumentException().isThrownBy(() -> new RateLimit(10_001, Duration.ofMinutes(1)));
        assertThatIllegalArgumentException().isThrownBy(() -> new RateLimit(10, Duration.ZERO));
        assertThatIllegalArgumentException().isThrownBy(() -> new RateLimit(10, Duration.ofDays(2)));
    }

    private boolean admits(long nowNanos) {
        if (window.admit(RateLimit.DEFAULT, nowNanos) instanceof Verdict.Admitted(RateWindow next)) {
            window = next;
            return true;
        }
        return false;
    }
}
