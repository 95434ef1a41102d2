package io.latticegate.proxy.cache.redis;

import io.latticegate.common.store.redis.RedisScripts;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Purges of a process in the Redis that all proxies share. While one is still to be made, because Redis is away, the
 * process gives nothing from there; it tries again every second until Redis has answered. One per process, thread-safe.
 */
public final class SharedPurges {
    private static final Logger LOG = LoggerFactory.getLogger(SharedPurges.class);
    private static final long AGAIN_MILLIS = 1_000;

    private final Vertx vertx;
    private final RedisScripts redis;
    private final SecureRandom random = new SecureRandom();
    private final AtomicInteger outstanding = new AtomicInteger();

    public SharedPurges(Vertx vertx, RedisScripts redis) {
        this.vertx = vertx;
        this.redis = redis;
    }

    /** Whether every purge that this process has heard of is made. */
    public boolean done() {
        return outstanding.get() == 0;
    }

    /**
     * Makes a purge, now or when Redis is back.
     *
     * @param purgeId the same for all proxies that carry out one purge
     * @param projectId null: of every project
     * @return how many generations this first try has ended, 0 or 1
     */
    public Future<Integer> purge(String purgeId, @Nullable String projectId) {
        outstanding.incrementAndGet();
        return RedisAnswers.purge(redis, random, purgeId, projectId)
                .onSuccess(ended -> outstanding.decrementAndGet())
                .otherwise(away -> {
                    LOG.warn("cache purge {} waits for Redis: {}", purgeId, away.getMessage());
                    vertx.setTimer(AGAIN_MILLIS, timer -> again(purgeId, projectId));
                    return 0;
                });
    }

    public void close() {
        redis.close();
    }

    private void again(String purgeId, @Nullable String projectId) {
        RedisAnswers.purge(redis, random, purgeId, projectId)
                .onSuccess(ended -> {
                    outstanding.decrementAndGet();
                    LOG.info("cache purge {} is made", purgeId);
                })
                .onFailure(away -> vertx.setTimer(AGAIN_MILLIS, timer -> again(purgeId, projectId)));
    }
}
