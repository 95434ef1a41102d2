package io.latticegate.fhe.app.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.fhe.app.http.Refusal;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class JobQueueTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    private final JobQueue queue = new JobQueue(
            1, 4, 1_000, new SimpleMeterRegistry(), InstantSource.system(), System::nanoTime, new SecureRandom());
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch leave = new CountDownLatch(1);

    @AfterEach
    void close() {
        leave.countDown();
        queue.close();
    }

    private record Task(@Nullable String key, int batchMax, Consumer<List<Job>> body) implements Work {
        @Override
        public String kind() {
            return "test";
        }

        @Override
        public @Nullable Object batchKey() {
            return key;
        }

        @Override
        public void run(List<Job> jobs) {
            body.accept(jobs);
        }
    }

    private static Task alone(Consumer<Job> body) {
        return new Task(null, 1, jobs -> body.accept(jobs.getFirst()));
    }

    private Job submit(String owner, Work work) {
        Place place = queue.reserve(10);
        Job job = queue.submit(owner, null, work, LONG, place);
        place.release();
        return job;
    }

    /** A job that keeps the only worker busy until {@link #leave}. */
    private Job occupy() throws InterruptedException {
        Job job = submit("occupant", alone(running -> {
            entered.countDown();
            await(leave);
            running.requireLive();
        }));
        await(entered);
        return job;
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static Job ended(Job job) throws Exception {
        job.ending().get(20, TimeUnit.SECONDS);
        return job;
    }

    @Test
    void refusesWhatDoesNotFit() throws Exception {
        occupy();
        submit("a", alone(_ -> {}));
        submit("a", alone(_ -> {}));
        assertThatThrownBy(() -> submit("a", alone(_ -> {}))).hasMessageContaining("half of what the queue takes");
        submit("b", alone(_ -> {}));
        submit("b", alone(_ -> {}));
        assertThatThrownBy(() -> queue.reserve(0)).isInstanceOfSatisfying(Refusal.class, refusal -> {
            assertThat(refusal.status()).isEqualTo(503);
            assertThat(refusal.retryAfterSeconds()).isPositive();
        });
    }

    @Test
    void memoryIsHeldUntilTheLastHolderLetsGo() throws Exception {
        Job occupant = occupy();
        Place place = queue.reserve(900);
        assertThatThrownBy(() -> queue.reserve(200)).hasMessageContaining("of 1000 bytes");
        assertThatThrownBy(() -> place.resize(1_001))
                .isInstanceOfSatisfying(
                        Refusal.class, refusal -> assertThat(refusal.code()).isEqualTo("circuit_refused"));
        Job job = queue.submit("a", null, alone(_ -> {}), LONG, place);
        place.release();
        assertThatThrownBy(() -> queue.reserve(200)).isInstanceOf(Refusal.class);
        leave.countDown();
        ended(occupant);
        ended(job);
        Place afterwards = queue.reserve(1_000);
        afterwards.release();
    }

    @Test
    void waitingJobsOfOneKeyRunTogether() throws Exception {
        occupy();
        List<Integer> sizes = Collections.synchronizedList(new ArrayList<>());
        List<Job> jobs = new ArrayList<>();
        Consumer<List<Job>> body = together -> sizes.add(together.size());
        jobs.add(submit("a", new Task("k", 3, body)));
        jobs.add(submit("b", new Task("other", 3, body)));
        jobs.add(submit("a", new Task("k", 3, body)));
        jobs.add(submit("b", new Task("k", 3, body)));
        leave.countDown();
        for (Job job : jobs) {
            assertThat(ended(job).state()).isEqualTo(JobState.DONE);
        }
        assertThat(sizes).containsExactly(3, 1);
        assertThat(queue.largestBatch()).isEqualTo(3);
        assertThat(queue.lastBatch()).isEqualTo(1);
    }

    @Test
    void oneOfABatchMayFailAlone() throws Exception {
        occupy();
        Consumer<List<Job>> body = together -> together.getLast().fail(Refusal.invalid("this one"));
        Job good = submit("a", new Task("k", 2, body));
        Job bad = submit("a", new Task("k", 2, body));
        leave.countDown();
        assertThat(ended(good).state()).isEqualTo(JobState.DONE);
        assertThat(ended(bad).state()).isEqualTo(JobState.FAILED);
    }

    @Test
    void cancellingEndsAJobThatWaitsAndStopsOneThatRuns() throws Exception {
        Job running = occupy();
        Job waiting = submit("a", alone(_ -> {
            throw new AssertionError("a cancelled job ran");
        }));
        waiting.cancel();
        assertThat(ended(waiting).state()).isEqualTo(JobState.CANCELLED);
        running.cancel();
        assertThat(running.state()).isEqualTo(JobState.RUNNING);
        leave.countDown();
        assertThat(ended(running).state()).isEqualTo(JobState.CANCELLED);
    }

    @Test
    void aJobThatWaitsPastItsDeadlineFails() throws Exception {
        occupy();
        Place place = queue.reserve(0);
        Job late = queue.submit("a", "mine", alone(_ -> {}), Duration.ofMillis(1), place);
        assertThat(ended(late).state()).isEqualTo(JobState.FAILED);
        assertThat(late.error()).isNotNull().returns(504, Refusal::status);
        assertThat(queue.table().require("a", "mine")).isSameAs(late);
        assertThatThrownBy(() -> queue.table().require("b", "mine")).hasMessageContaining("no such job");
        assertThatThrownBy(() -> queue.submit("a", "mine", alone(_ -> {}), LONG, place))
                .hasMessageContaining("is known");
        assertThatThrownBy(() -> queue.submit("a", "../x", alone(_ -> {}), LONG, place))
                .hasMessageContaining("malformed");
    }

    @Test
    void aBugFailsItsJobAndNotTheWorker() throws Exception {
        Job bad = submit("a", alone(_ -> {
            throw new IllegalStateException("a bug");
        }));
        assertThat(ended(bad).error()).isNotNull().returns("internal_error", Refusal::code);
        assertThat(ended(submit("a", alone(_ -> {}))).state()).isEqualTo(JobState.DONE);
    }
}
