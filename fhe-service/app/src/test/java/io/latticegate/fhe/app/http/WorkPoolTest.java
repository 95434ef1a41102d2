package io.latticegate.fhe.app.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WorkPoolTest {
    private final WorkPool pool = new WorkPool("test", 2, 4);
    private final CountDownLatch leave = new CountDownLatch(1);

    @AfterEach
    void close() {
        leave.countDown();
        pool.close();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void oneOwnerLeavesAThreadToTheOthers() {
        pool.execute("slow", () -> await(leave));
        CountDownLatch slowAgain = new CountDownLatch(1);
        pool.execute("slow", slowAgain::countDown);
        CountDownLatch other = new CountDownLatch(1);
        pool.execute("other", other::countDown);
        await(other);
        assertThat(slowAgain.getCount()).isOne();
        leave.countDown();
        await(slowAgain);
    }

    @Test
    void oneOwnerLeavesPlacesToTheOthers() {
        pool.execute("slow", () -> await(leave));
        pool.execute("slow", () -> {});
        pool.execute("slow", () -> {});
        assertThatThrownBy(() -> pool.execute("slow", () -> {})).hasMessageContaining("2 calls of this project wait");
        pool.execute("other", () -> await(leave));
        pool.execute("other", () -> {});
        pool.execute("other", () -> {});
        assertThatThrownBy(() -> pool.execute("third", () -> {}))
                .isInstanceOfSatisfying(
                        Refusal.class, refusal -> assertThat(refusal.status()).isEqualTo(503))
                .hasMessageContaining("4 calls of this kind wait");
        CountDownLatch all = new CountDownLatch(1);
        leave.countDown();
        await(all, () -> pool.execute("third", all::countDown));
    }

    /** Tries until there is a place again. */
    private static void await(CountDownLatch latch, Runnable attempt) {
        while (latch.getCount() > 0) {
            try {
                attempt.run();
                await(latch);
            } catch (Refusal full) {
                Thread.onSpinWait();
            }
        }
    }
}
