package io.latticegate.proxy.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.config.CacheConfig;
import io.latticegate.common.config.ConfiguredSecret;
import io.latticegate.common.config.SemanticCacheConfig;
import io.latticegate.common.store.redis.RedisLocation;
import io.latticegate.common.store.redis.RedisScripts;
import io.latticegate.common.value.Secret;
import io.latticegate.proxy.cache.AnswerStore.Found;
import io.latticegate.proxy.cache.CacheKey;
import io.latticegate.proxy.cache.StoredAnswer;
import io.latticegate.testing.Await;
import io.latticegate.testing.RedisServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several proxies at one real Redis. */
final class RedisAnswersTest {
    private static final CacheKey KEY = new CacheKey(1, 2, 3, 4);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Vertx vertx = Vertx.vertx();
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final AtomicBoolean usable = new AtomicBoolean(true);
    private final List<RedisScripts> opened = new ArrayList<>();
    private RedisServer redis;

    @BeforeEach
    void start() {
        redis = RedisServer.start();
    }

    @AfterEach
    void stop() {
        opened.forEach(RedisScripts::close);
        redis.close();
        vertx.close().await();
    }

    @Test
    void whatOneProxyKeepsAnotherFinds() {
        Node one = node(1, 100, 1 << 20);
        Node two = node(1, 100, 1 << 20);
        assertThat(one.find("p", KEY).answer()).isNull();

        one.keep("p", KEY, "kept");

        assertThat(body(two.find("p", KEY))).isEqualTo("kept");
        assertThat(two.find("q", KEY).answer()).isNull();
        assertThat(two.find("p", new CacheKey(1, 2, 3, 5)).answer()).isNull();
    }

    @Test
    void aPurgeEndsWhatAProjectHasKeptOnAllProxiesAndNothingElse() {
        Node one = node(1, 100, 1 << 20);
        Node two = node(1, 100, 1 << 20);
        one.keep("p", KEY, "of p");
        one.keep("q", KEY, "of q");
        SharedPurges first = new SharedPurges(vertx, scripts());
        SharedPurges second = new SharedPurges(vertx, scripts());

        assertThat(await(first.purge("purge-1", "p")) + await(second.purge("purge-1", "p")))
                .isEqualTo(1);

        assertThat(two.find("p", KEY).answer()).isNull();
        assertThat(body(two.find("q", KEY))).isEqualTo("of q");

        await(second.purge("purge-2", null));
        assertThat(one.find("q", KEY).answer()).isNull();
    }

    /** The provider was asked before the purge and has answered after it. */
    @Test
    void anAnswerFromBeforeAPurgeIsNotFoundAfterIt() {
        Node node = node(1, 100, 1 << 20);
        String before = Objects.requireNonNull(node.find("p", KEY).generation());
        await(new SharedPurges(vertx, scripts()).purge("purge", "p"));

        node.keep("p", KEY, before, "late", 60_000);

        assertThat(node.find("p", KEY).answer()).isNull();
    }

    @Test
    void anEntryThatWasSwappedIsAMissAndCounted() {
        Node node = node(1, 100, 1 << 20);
        node.keep("p", KEY, "of p");
        node.keep("q", KEY, "of q");
        List<String> entries = entries();
        assertThat(entries).hasSize(2);
        redis.command("COPY " + entries.get(0) + " " + entries.get(1) + " REPLACE");

        assertThat(java.util.stream.Stream.of("p", "q")
                        .filter(project -> node.find(project, KEY).answer() == null))
                .hasSize(1);
        assertThat(metrics.counter("gateway.cache.backend.rejected").count()).isEqualTo(1);
    }

    @Test
    void anotherKeyFindsNothing() {
        node(1, 100, 1 << 20).keep("p", KEY, "kept");
        assertThat(node(2, 100, 1 << 20).find("p", KEY).answer()).isNull();
    }

    @Test
    void holdsNoMoreEntriesThanItMay() {
        Node node = node(1, 5, 1 << 20);
        for (int i = 0; i < 20; i++) {
            node.keep("p", new CacheKey(i, 0, 0, 0), "answer " + i);
        }
        assertThat(entries()).hasSize(5);
        assertThat(body(node.find("p", new CacheKey(19, 0, 0, 0)))).isEqualTo("answer 19");
        assertThat(node.find("p", new CacheKey(0, 0, 0, 0)).answer()).isNull();
    }

    @Test
    void holdsNoMoreBytesThanItMay() {
        Node node = node(1, 1_000, 1 << 20);
        for (int i = 0; i < 30; i++) {
            node.keep("p", new CacheKey(i, 0, 0, 0), "x".repeat(100_000));
        }
        assertThat(entries()).hasSizeBetween(9, 10);
        assertThat(used()).isBetween(900_000L, 1L << 20);

        for (int i = 0; i < 5; i++) {
            node.keep("p", new CacheKey(29, 0, 0, 0), "short");
        }
        assertThat(used()).isLessThan(1_000_000L);
    }

    @Test
    void anAnswerEndsWithItsTime() {
        Node node = node(1, 100, 1 << 20);
        String generation = Objects.requireNonNull(node.find("p", KEY).generation());
        node.keep("p", KEY, generation, "brief", 300);
        Await.until(PATIENCE, "the entry to end", () -> node.find("p", KEY).answer() == null);
        Await.until(PATIENCE, "Redis to forget it", () -> entries().isEmpty());
    }

    @Test
    void withoutRedisNothingIsFoundAndNobodyWaits() {
        Node node = node(1, 100, 1 << 20, Duration.ofMillis(20));
        redis.kill();

        assertThat(node.find("p", KEY)).isEqualTo(Found.UNAVAILABLE);
        node.keep("p", KEY, "generation", "lost", 60_000);

        assertThat(metrics.counter("gateway.cache.backend.unavailable").count()).isGreaterThanOrEqualTo(2);
    }

    @Test
    void aRedisThatDoesNotAnswerIsGivenUpAndFoundAgain() {
        Node node = node(1, 100, 1 << 20, Duration.ofMillis(50));
        Await.until(PATIENCE, "a first answer", () -> node.find("p", KEY).generation() != null);
        redis.pause();
        assertThat(node.find("p", KEY)).isEqualTo(Found.UNAVAILABLE);
        redis.resume();
        Await.until(
                PATIENCE, "Redis to be found again", () -> node.find("p", KEY).generation() != null);
    }

    @Test
    void whileAPurgeIsOutstandingNothingIsGiven() {
        SharedPurges purges = new SharedPurges(vertx, scripts());
        Node node = node(1, 100, 1 << 20);
        node.keep("p", KEY, "kept");
        redis.stop();

        assertThat(await(purges.purge("purge", "p"))).isZero();
        assertThat(purges.done()).isFalse();
        redis.restart();

        Await.until(PATIENCE, "the purge to be made", purges::done);
        Await.until(
                PATIENCE, "Redis to be found again", () -> node.find("p", KEY).generation() != null);
        assertThat(node.find("p", KEY).answer()).isNull();

        usable.set(false);
        assertThat(node.find("p", KEY)).isEqualTo(Found.UNAVAILABLE);
    }

    /** One event loop of a proxy. */
    private record Node(RedisAnswers answers, Context context) {
        Found find(String project, CacheKey key) {
            return on(() -> answers.find(project, key));
        }

        void keep(String project, CacheKey key, String body) {
            keep(project, key, Objects.requireNonNull(find(project, key).generation()), body, 60_000);
        }

        void keep(String project, CacheKey key, String generation, String body, long ttlMillis) {
            on(() -> answers.keep(key, generation, answer(project, body, ttlMillis))
                    .map(kept -> true));
        }

        private <T> T on(Supplier<Future<T>> step) {
            CompletableFuture<T> done = new CompletableFuture<>();
            context.runOnContext(
                    nothing -> step.get().onSuccess(done::complete).onFailure(done::completeExceptionally));
            return done.join();
        }
    }

    private Node node(int key, int entriesMax, long bytesMax) {
        return node(key, entriesMax, bytesMax, Duration.ofSeconds(2));
    }

    private Node node(int key, int entriesMax, long bytesMax, Duration timeout) {
        Context context = vertx.getOrCreateContext();
        byte[] master = new byte[32];
        Arrays.fill(master, (byte) key);
        var config = new CacheConfig(
                true,
                CacheConfig.Policy.HTTP,
                Duration.ofHours(1),
                entriesMax,
                1 << 20,
                bytesMax,
                false,
                CacheConfig.Backend.REDIS,
                timeout,
                ConfiguredSecret.of(Secret.owning(master)),
                new SemanticCacheConfig(false, 0.95, 10, 10, 1, 1, Duration.ofMillis(10)));
        return new Node(
                new RedisAnswers(
                        scripts(), config, context, InstantSource.system(), new SecureRandom(), usable::get, metrics),
                context);
    }

    private RedisScripts scripts() {
        var scripts = new RedisScripts(vertx, RedisLocation.plain(redis.url()), Duration.ofSeconds(1));
        opened.add(scripts);
        return scripts;
    }

    private List<String> entries() {
        return redis.command("KEYS latticegate:cache:*")
                .lines()
                .map(String::strip)
                .filter(line -> line.matches("latticegate:cache:[0-9a-f]{64}:.*"))
                .toList();
    }

    private long used() {
        return Long.parseLong(redis.command("GET latticegate:cache:used")
                .lines()
                .toList()
                .get(1)
                .strip());
    }

    private static StoredAnswer answer(String project, String body, long ttlMillis) {
        long now = InstantSource.system().millis();
        return new StoredAnswer(
                body.getBytes(StandardCharsets.UTF_8),
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
                now,
                now + ttlMillis);
    }

    private static String body(Found found) {
        return new String(Objects.requireNonNull(found.answer()).body(), StandardCharsets.UTF_8);
    }

    private static <T> T await(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture().join();
    }
}
