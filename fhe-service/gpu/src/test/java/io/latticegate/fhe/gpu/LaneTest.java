package io.latticegate.fhe.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.fhe.core.ring.BackendUnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class LaneTest {
    private final List<DeviceException> failures = new ArrayList<>();

    private Lane lane(int waiting) {
        return new Lane("test-lane", waiting, 0, failures::add);
    }

    private static void passed(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException cancelled) {
            throw new AssertionError(cancelled);
        }
    }

    @Test
    void runsTasksInTheirOrderOnOneThread() {
        List<Integer> seen = new ArrayList<>();
        AtomicReference<Thread> thread = new AtomicReference<>();
        try (Lane lane = lane(64)) {
            for (int i = 0; i < 50; i++) {
                int number = i;
                lane.post(() -> seen.add(number));
            }
            assertThat(lane.call(() -> {
                        thread.set(Thread.currentThread());
                        return seen.size();
                    }))
                    .isEqualTo(50);
        }
        assertThat(seen).isSorted();
        assertThat(thread.get()).matches(each -> !each.isVirtual() && !each.equals(Thread.currentThread()));
    }

    @Test
    void refusesWhenTheQueueIsFull() {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (Lane lane = lane(2)) {
            lane.post(() -> {
                begun.countDown();
                passed(go);
            });
            passed(begun);
            lane.post(() -> {});
            lane.post(() -> {});
            assertThat(lane.waiting()).isEqualTo(2);
            assertThatThrownBy(() -> lane.post(() -> {}))
                    .isInstanceOf(BackendUnavailableException.class)
                    .hasMessage("the device's queue is full");
            go.countDown();
            while (lane.waiting() > 0) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void tellsOfFailuresAndGoesOn() {
        try (Lane lane = lane(8)) {
            assertThatThrownBy(() -> lane.call(() -> {
                        throw new DeviceException("gone");
                    }))
                    .isInstanceOf(BackendUnavailableException.class)
                    .hasMessage("the device failed: gone");
            assertThatThrownBy(() -> lane.call(() -> {
                        throw new IllegalArgumentException("a caller's mistake");
                    }))
                    .isInstanceOf(IllegalArgumentException.class);
            lane.post(() -> {
                throw new IllegalStateException("a mistake of ours");
            });
            assertThat(lane.call(() -> 1)).isEqualTo(1);
        }
        assertThat(failures).hasSize(2);
        assertThat(failures.get(0)).hasMessage("gone");
        assertThat(failures.get(1)).hasMessageContaining("a mistake of ours");
    }

    @Test
    void refusesAfterItWasClosed() {
        Lane lane = lane(8);
        List<String> seen = new ArrayList<>();
        lane.post(() -> seen.add("posted"));
        lane.close(() -> seen.add("last"));
        assertThat(seen).containsExactly("posted", "last");
        assertThatThrownBy(() -> lane.post(() -> {})).isInstanceOf(BackendUnavailableException.class);
    }
}
