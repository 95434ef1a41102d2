package io.latticegate.proxy.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.proxy.routing.TargetState.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class TargetStateTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int FAILURES = 3;
    private static final long COOLDOWN = 10 * SECOND;

    private final TargetState state = new TargetState(new TargetState.Breaker(FAILURES, COOLDOWN));

    private TargetState.Use use(long now) {
        return Objects.requireNonNull(state.tryUse(now));
    }

    private void fail(int times, long now) {
        for (int i = 0; i < times; i++) {
            TargetState.Use use = use(now);
            use.failed(now);
            use.close();
        }
    }

    @Test
    void opensAfterSoManyFailuresInARow() {
        fail(FAILURES - 1, SECOND);
        assertThat(state.position(SECOND)).isEqualTo(Position.CLOSED);

        fail(1, SECOND);

        assertThat(state.position(SECOND)).isEqualTo(Position.OPEN);
        assertThat(state.tryUse(SECOND)).isNull();
        assertThat(state.waitNanos(SECOND)).isEqualTo(COOLDOWN);
    }

    @Test
    void aSuccessInBetweenStartsTheCountAgain() {
        fail(FAILURES - 1, SECOND);
        TargetState.Use good = use(SECOND);
        good.answered(2 * SECOND);
        good.close();
        fail(FAILURES - 1, 2 * SECOND);

        assertThat(state.position(2 * SECOND)).isEqualTo(Position.CLOSED);
    }

    @Test
    void afterTheCooldownOneRequestAtATimeTriesIt() {
        fail(FAILURES, 0);

        TargetState.Use probe = use(COOLDOWN);
        assertThat(state.position(COOLDOWN)).isEqualTo(Position.HALF_OPEN);
        assertThat(state.tryUse(COOLDOWN)).isNull();
        assertThat(state.waitNanos(COOLDOWN)).isPositive();

        probe.answered(COOLDOWN + 1);
        assertThat(state.position(COOLDOWN + 1)).isEqualTo(Position.CLOSED);
        assertThat(state.available(COOLDOWN + 1)).isTrue();
    }

    @Test
    void aProbeThatFailsOpensItForAnotherCooldown() {
        fail(FAILURES, 0);
        TargetState.Use probe = use(COOLDOWN);
        probe.failed(COOLDOWN + SECOND);
        probe.close();

        assertThat(state.waitNanos(COOLDOWN + SECOND)).isEqualTo(COOLDOWN);
    }

    @Test
    void aProbeThatSaysNothingMakesRoomForTheNext() {
        fail(FAILURES, 0);
        use(COOLDOWN).close();

        assertThat(state.tryUse(COOLDOWN)).isNotNull();
    }

    @Test
    void ofManyThatComeAtOnceOneIsTheProbe() throws InterruptedException {
        fail(FAILURES, 0);
        CountDownLatch go = new CountDownLatch(1);
        List<TargetState.Use> granted = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                try {
                    go.await();
                } catch (InterruptedException stopped) {
                    Thread.currentThread().interrupt();
                }
                TargetState.Use use = state.tryUse(COOLDOWN);
                if (use != null) {
                    synchronized (granted) {
                        granted.add(use);
                    }
                }
            }));
        }
        go.countDown();
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(granted).hasSize(1);
    }

    @Test
    void isParkedForAsLongAsTheProviderSays() {
        state.park(5 * SECOND, true);
        state.park(2 * SECOND, false);

        assertThat(state.waitNanos(SECOND)).isEqualTo(4 * SECOND);
        assertThat(state.limited(SECOND)).isTrue();
        assertThat(state.available(5 * SECOND)).isTrue();
    }

    @Test
    void anOveruseWithoutAPeriodMakesItLessPreferredForLongerEachTime() {
        state.overused(0);
        state.overused(SECOND / 2);
        assertThat(state.available(0)).isTrue();
        assertThat(state.preferable(SECOND - 1)).isFalse();
        assertThat(state.preferable(SECOND)).isTrue();

        state.overused(SECOND);
        assertThat(state.preferable(3 * SECOND - 1)).isFalse();
        assertThat(state.preferable(3 * SECOND)).isTrue();
    }

    @Test
    void countsWhatIsOnItsWayOnce() {
        TargetState.Use one = use(0);
        use(0);
        one.close();
        one.close();

        assertThat(state.inFlight()).isEqualTo(1);
    }

    @Test
    void latencyJumpsUpAndComesDownSlowly() {
        observe(SECOND, 0);
        observe(4 * SECOND, 0);
        assertThat(state.latencyNanos(4 * SECOND)).isEqualTo(4.0 * SECOND);

        observe(SECOND, 4 * SECOND);
        assertThat(state.latencyNanos(5 * SECOND)).isBetween(3.0 * SECOND, 4.0 * SECOND);
        assertThat(state.latencyNanos(125 * SECOND)).isLessThan(0.01 * SECOND);
    }

    private void observe(long latency, long begun) {
        TargetState.Use use = use(begun);
        use.answered(begun + latency);
        use.close();
    }
}
