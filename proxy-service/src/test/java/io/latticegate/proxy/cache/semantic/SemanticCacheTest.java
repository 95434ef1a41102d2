package io.latticegate.proxy.cache.semantic;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.config.SemanticCacheConfig;
import io.latticegate.proxy.cache.CacheKey;
import io.latticegate.proxy.cache.StoredAnswer;
import io.latticegate.testing.Await;
import io.latticegate.testing.FakeTime;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class SemanticCacheTest {
    private static final CacheKey HERE = new CacheKey(0, 0, 0, 1);
    private static final CacheKey ANSWER = new CacheKey(0, 0, 0, 9);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final FakeTime time = new FakeTime();
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();

    /** Gives every text that does not begin with "?" the same vector. */
    private static class EqualEmbedder implements Embedder {
        final AtomicInteger embedded = new AtomicInteger();

        @Override
        public Optional<float[]> embed(String text) {
            embedded.incrementAndGet();
            return text.startsWith("?") ? Optional.empty() : Optional.of(new float[] {1, 0});
        }

        @Override
        public void close() {}
    }

    @Test
    void findsWhatItRemembersAndNothingAfterAPurge() throws InterruptedException {
        try (SemanticCache cache = cache(new EqualEmbedder(), 8)) {
            cache.remember(new SemanticPrompt(HERE, "ask"), ANSWER, answer());
            Await.until(PATIENCE, "the prompt to be remembered", () -> cache.size() == 1);

            assertThat(nearest(cache, "ask me")).contains(new SemanticMatch(ANSWER, 1));
            assertThat(nearest(cache, "?")).isEmpty();

            cache.purge((project, method, path) -> project.equals("q"));
            assertThat(nearest(cache, "ask me")).isPresent();
            cache.purge((project, method, path) -> project.equals("p") && path.startsWith("/v1/"));
            assertThat(nearest(cache, "ask me")).isEmpty();
        }
    }

    @Test
    void computesNothingForAPartitionThatItDoesNotKnow() throws InterruptedException {
        EqualEmbedder embedder = new EqualEmbedder();
        try (SemanticCache cache = cache(embedder, 8)) {
            assertThat(nearest(cache, "ask")).isEmpty();
            assertThat(embedder.embedded).hasValue(0);
        }
    }

    @Test
    void embedsAPromptOnce() throws InterruptedException {
        EqualEmbedder embedder = new EqualEmbedder();
        try (SemanticCache cache = cache(embedder, 8)) {
            cache.remember(new SemanticPrompt(HERE, "ask"), ANSWER, answer());
            Await.until(PATIENCE, "the prompt to be remembered", () -> cache.size() == 1);
            SemanticPrompt asked = new SemanticPrompt(HERE, "query");
            nearest(cache, asked);
            cache.remember(asked, new CacheKey(0, 0, 0, 8), answer());
            Await.until(PATIENCE, "the second to be remembered", () -> cache.size() == 2);
            assertThat(embedder.embedded).hasValue(2);
        }
    }

    @Test
    void findsNothingWhereItsQueueIsFull() throws InterruptedException {
        CountDownLatch busy = new CountDownLatch(1);
        CountDownLatch entered = new CountDownLatch(1);
        EqualEmbedder slow = new EqualEmbedder() {
            @Override
            public Optional<float[]> embed(String text) {
                if (text.equals("slow")) {
                    entered.countDown();
                    try {
                        busy.await();
                    } catch (InterruptedException ended) {
                        Thread.currentThread().interrupt();
                    }
                }
                return super.embed(text);
            }
        };
        try (SemanticCache cache = cache(slow, 1)) {
            cache.remember(new SemanticPrompt(HERE, "ask"), ANSWER, answer());
            Await.until(PATIENCE, "the prompt to be remembered", () -> cache.size() == 1);
            cache.remember(new SemanticPrompt(HERE, "slow"), ANSWER, answer());
            assertThat(entered.await(5, TimeUnit.SECONDS)).isTrue();
            cache.remember(new SemanticPrompt(HERE, "queued"), ANSWER, answer());

            assertThat(nearest(cache, "ask me")).isEmpty();
            assertThat(metrics.counter("gateway.cache.semantic.overload").count())
                    .isEqualTo(1);
            busy.countDown();
        }
    }

    private static Optional<SemanticMatch> nearest(SemanticCache cache, String text) throws InterruptedException {
        return nearest(cache, new SemanticPrompt(HERE, text));
    }

    private static Optional<SemanticMatch> nearest(SemanticCache cache, SemanticPrompt prompt)
            throws InterruptedException {
        BlockingQueue<Optional<SemanticMatch>> answers = new ArrayBlockingQueue<>(1);
        cache.nearest(prompt, match -> answers.add(Optional.ofNullable(match)));
        Optional<SemanticMatch> answer = answers.poll(5, TimeUnit.SECONDS);
        if (answer == null) {
            throw new AssertionError("no answer came");
        }
        return answer;
    }

    private SemanticCache cache(Embedder embedder, int queue) {
        return new SemanticCache(
                new SemanticCacheConfig(true, 0.95, 10, 10, 1, queue, Duration.ofSeconds(1)), embedder, time, metrics);
    }

    private StoredAnswer answer() {
        return new StoredAnswer(
                new byte[1],
                "application/json",
                false,
                null,
                "p",
                "POST",
                "/v1/messages",
                "openai",
                "f",
                "\"e\"",
                7,
                time.millis(),
                time.millis() + 60_000);
    }
}
