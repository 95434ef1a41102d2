package io.latticegate.proxy.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.config.CacheConfig;
import io.latticegate.common.config.ConfiguredSecret;
import io.latticegate.common.config.SemanticCacheConfig;
import io.latticegate.testing.FakeTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class ResponseCacheTest {
    private final FakeTime time = new FakeTime();

    @Test
    void holdsNoMoreAnswersThanItMay() {
        ResponseCache cache = cache(10, 1 << 20);
        for (int i = 0; i < 1_000; i++) {
            cache.put(key(i), answer(100, "p"));
        }
        assertThat(cache.size()).isLessThanOrEqualTo(10).isPositive();
    }

    @Test
    void holdsNoMoreBytesThanItMay() {
        ResponseCache cache = cache(1_000, 1 << 20);
        for (int i = 0; i < 100; i++) {
            cache.put(key(i), answer(100_000, "p"));
        }
        assertThat(cache.size()).isLessThanOrEqualTo(10).isPositive();
    }

    @Test
    void forgetsWithTime() {
        ResponseCache cache = cache(10, 1 << 20);
        cache.put(key(1), answer(10, "p"));
        time.advance(Duration.ofSeconds(59));
        assertThat(cache.get(key(1))).isNotNull();
        time.advance(Duration.ofSeconds(1));
        assertThat(cache.get(key(1))).isNull();
    }

    @Test
    void purgesWhatIsNamedAndNothingElse() {
        ResponseCache cache = cache(100, 1 << 20);
        cache.put(key(1), answer(10, "p"));
        cache.put(key(2), answer(10, "q"));

        assertThat(cache.purge(answer -> answer.projectId().equals("p"))).isEqualTo(1);

        assertThat(cache.get(key(1))).isNull();
        assertThat(cache.get(key(2))).isNotNull();
    }

    @Test
    void letsOneFlyAndTellsEveryoneElseOnce() {
        ResponseCache cache = cache(10, 1 << 20);
        AtomicInteger leaders = new AtomicInteger();
        AtomicInteger told = new AtomicInteger();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 200; i++) {
                clients.execute(() -> {
                    if (cache.takeOff(key(1), told::incrementAndGet)) {
                        leaders.incrementAndGet();
                        cache.land(key(1));
                    }
                });
            }
        }
        assertThat(leaders.get()).isPositive();
        assertThat(leaders.get() + told.get()).isEqualTo(200);
    }

    @Test
    void landsOnlyTheFlightThatIsUnderWay() {
        ResponseCache cache = cache(10, 1 << 20);
        List<String> told = new ArrayList<>();
        assertThat(cache.takeOff(key(1), () -> told.add("nobody"))).isTrue();
        assertThat(cache.takeOff(key(1), () -> told.add("first"))).isFalse();
        assertThat(cache.takeOff(key(2), () -> told.add("nobody"))).isTrue();
        cache.land(key(2));
        assertThat(told).isEmpty();
        cache.land(key(1));
        cache.land(key(1));
        assertThat(told).containsExactly("first");
    }

    private ResponseCache cache(int entries, long bytes) {
        return new ResponseCache(
                new CacheConfig(
                        true,
                        CacheConfig.Policy.HTTP,
                        Duration.ofHours(1),
                        entries,
                        1 << 20,
                        bytes,
                        false,
                        CacheConfig.Backend.MEMORY,
                        Duration.ofMillis(20),
                        ConfiguredSecret.unset(),
                        new SemanticCacheConfig(false, 0.95, 10, 10, 1, 1, Duration.ofMillis(10))),
                time);
    }

    private StoredAnswer answer(int bytes, String project) {
        return new StoredAnswer(
                new byte[bytes],
                "application/json",
                false,
                null,
                project,
                "POST",
                "/v1/chat/completions",
                "openai",
                "f",
                "\"e\"",
                7,
                time.millis(),
                time.millis() + 60_000);
    }

    private static CacheKey key(int number) {
        return new CacheKey(number, 0, 0, 0);
    }
}
