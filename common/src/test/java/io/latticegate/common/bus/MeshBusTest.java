package io.latticegate.common.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latticegate.common.contract.Endpoint;
import io.latticegate.common.crypto.MeshAuthority;
import io.latticegate.common.value.ServiceRole;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MeshBusTest {
    record Ask(int number) {}

    sealed interface Told {
        record Doubled(int number) implements Told {}
    }

    private static final Endpoint<Ask, Told> DOUBLE =
            new Endpoint<>("auth.double.v1", Ask.class, Told.class, Duration.ofSeconds(10), ServiceRole.AUTH);

    private final Vertx vertx = MeshVertx.standalone();
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final MeshBus bus = bus();

    @AfterEach
    void close() {
        executor.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void answersWhatIsUnderWayBeforeItHasLeft() throws InterruptedException {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch mayAnswer = new CountDownLatch(1);
        bus.serve(DOUBLE, executor, ask -> {
            asked.countDown();
            awaitQuietly(mayAnswer);
            return new Told.Doubled(ask.number() * 2);
        });
        Future<Told> answer = bus.ask(DOUBLE, new Ask(4));
        assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();

        Future<Void> left = bus.leave();
        assertThat(left.isComplete()).isFalse();
        mayAnswer.countDown();

        assertThat(join(answer)).isEqualTo(new Told.Doubled(8));
        join(left);
        assertThatThrownBy(() -> join(bus.ask(DOUBLE, new Ask(5))))
                .hasRootCauseInstanceOf(BusFault.class)
                .hasMessageContaining("auth.double.v1");
    }

    @Test
    void servesConcurrentlyWhileHandlersBlock() throws InterruptedException {
        CountDownLatch allAtWork = new CountDownLatch(100);
        bus.serve(DOUBLE, executor, ask -> {
            allAtWork.countDown();
            awaitQuietly(allAtWork);
            return new Told.Doubled(ask.number() * 2);
        });

        List<Future<Told>> answers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            answers.add(bus.ask(DOUBLE, new Ask(i)));
        }

        assertThat(allAtWork.await(10, TimeUnit.SECONDS)).isTrue();
        for (int i = 0; i < 100; i++) {
            assertThat(join(answers.get(i))).isEqualTo(new Told.Doubled(i * 2));
        }
    }

    @Test
    void refusesAboveTheLimit() {
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger started = new AtomicInteger();
        bus.serve(DOUBLE, executor, ask -> {
            started.incrementAndGet();
            awaitQuietly(release);
            return new Told.Doubled(0);
        });
        List<Future<Told>> answers = new ArrayList<>();
        for (int i = 0; i <= MeshBus.IN_FLIGHT_MAX; i++) {
            answers.add(bus.ask(DOUBLE, new Ask(i)));
        }

        assertThat(faultOf(answers.getLast()).kind()).isEqualTo(BusFault.Kind.OVERLOADED);
        release.countDown();
        assertThat(join(answers.getFirst())).isEqualTo(new Told.Doubled(0));
        assertThat(started).hasValueLessThanOrEqualTo(MeshBus.IN_FLIGHT_MAX);
    }

    @Test
    void tellsAMissingServerFromAFailingOne() {
        assertThat(faultOf(bus.ask(DOUBLE, new Ask(1))).kind()).isEqualTo(BusFault.Kind.NO_HANDLERS);

        bus.serve(DOUBLE, executor, ask -> {
            throw new IllegalStateException("canary detail");
        });
        BusFault fault = faultOf(bus.ask(DOUBLE, new Ask(1)));
        assertThat(fault.kind()).isEqualTo(BusFault.Kind.SERVER_FAILED);
        assertThat(fault).hasMessageNotContaining("canary");
    }

    private MeshBus bus() {
        SecureRandom random = new SecureRandom();
        InstantSource clock = InstantSource.system();
        var identity = MeshAuthority.create("test", clock, random).issue(ServiceRole.AUTH, "auth-0");
        return MeshBus.on(vertx, new SignedExchange(identity, clock, random));
    }

    private static BusFault faultOf(Future<?> failing) {
        try {
            join(failing);
        } catch (CompletionException failure) {
            if (failure.getCause() instanceof BusFault fault) {
                return fault;
            }
        }
        throw new AssertionError("a fault was expected");
    }

    private static <T> T join(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture().join();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
