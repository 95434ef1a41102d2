package io.latticegate.proxy.cache.semantic;

import io.latticegate.common.config.SemanticCacheConfig;
import io.latticegate.proxy.cache.CacheKey;
import io.latticegate.proxy.cache.StoredAnswer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Knows which kept answers belong to prompts that mean the same, and keeps no answer itself: what it finds is a key of the
 * exact cache, so that an answer that was purged or has expired is gone here too.
 *
 * <p>Embedding and search run on a few platform threads of their own, with a bounded queue. Where it is full, nothing is
 * found and nothing remembered ({@code gateway.cache.semantic.overload}). One per process, thread-safe.
 */
public final class SemanticCache implements AutoCloseable {
    private final SemanticCacheConfig config;
    private final Embedder embedder;
    private final SemanticIndex index;
    private final ThreadPoolExecutor lanes;
    private final Counter overload;

    public SemanticCache(SemanticCacheConfig config, Embedder embedder, InstantSource clock, MeterRegistry metrics) {
        this.config = config;
        this.embedder = embedder;
        this.index = new SemanticIndex(config.maxEntries(), config.partitionEntries(), config.threshold(), clock);
        this.lanes = new ThreadPoolExecutor(
                config.threads(),
                config.threads(),
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(config.queue()),
                Thread.ofPlatform().daemon().name("semantic-cache-", 0).factory());
        this.overload = Counter.builder("gateway.cache.semantic.overload")
                .description("Prompts that were not compared, because too many waited")
                .register(metrics);
    }

    /** Longest time that a request waits for {@link #nearest}. */
    public Duration timeout() {
        return config.timeout();
    }

    /**
     * Looks for the nearest prompt of the same partition.
     *
     * @param answer is called once, on any thread and possibly before this returns, with null where there is none
     */
    public void nearest(SemanticPrompt prompt, Consumer<@Nullable SemanticMatch> answer) {
        if (!index.knows(prompt.partition())) {
            answer.accept(null);
            return;
        }
        boolean queued = queue(() -> {
            SemanticMatch match = null;
            try {
                match = prompt.embeddedBy(embedder)
                        .map(embedded -> index.nearest(prompt.partition(), embedded))
                        .orElse(null);
            } finally {
                answer.accept(match);
            }
        });
        if (!queued) {
            answer.accept(null);
        }
    }

    /** Remembers that {@code prompt} has an answer under {@code key}; soon, or not at all where the queue is full. */
    public void remember(SemanticPrompt prompt, CacheKey key, StoredAnswer answer) {
        queue(() -> prompt.embeddedBy(embedder)
                .ifPresent(embedded -> index.add(
                        prompt.partition(),
                        new SemanticIndex.Entry(
                                embedded,
                                key,
                                answer.projectId(),
                                answer.method(),
                                answer.path(),
                                answer.expiresAt()))));
    }

    /** Forgets a prompt whose answer is no longer kept. */
    public void forget(SemanticPrompt prompt, CacheKey key) {
        index.removeFrom(prompt.partition(), entry -> entry.answer().equals(key));
    }

    /** Says of a prompt's project, method and path whether it is meant. */
    @FunctionalInterface
    public interface Scope {
        boolean covers(String projectId, String method, String path);
    }

    /** Forgets the prompts of a purge. */
    public void purge(Scope scope) {
        Predicate<SemanticIndex.Entry> covered = entry -> scope.covers(entry.projectId(), entry.method(), entry.path());
        index.remove(covered);
    }

    /** Prompts remembered now. */
    public int size() {
        return index.size();
    }

    @Override
    public void close() {
        lanes.shutdownNow();
        lanes.close();
        embedder.close();
    }

    private boolean queue(Runnable work) {
        try {
            lanes.execute(work);
            return true;
        } catch (RejectedExecutionException full) {
            overload.increment();
            return false;
        }
    }
}
