package io.latticegate.proxy;

import io.latticegate.common.config.CacheConfig;
import io.latticegate.common.contract.CacheApi;
import io.latticegate.common.service.ServiceContext;
import io.latticegate.common.store.redis.RedisLocation;
import io.latticegate.common.store.redis.RedisScripts;
import io.latticegate.proxy.cache.AnswerStore;
import io.latticegate.proxy.cache.ResponseCache;
import io.latticegate.proxy.cache.redis.RedisAnswers;
import io.latticegate.proxy.cache.redis.SharedPurges;
import io.latticegate.proxy.cache.semantic.Embedder;
import io.latticegate.proxy.cache.semantic.SemanticCache;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/**
 * What the edges of a process share to keep answers, as the configuration has it.
 *
 * @param exact the answers of this process, and the requests that are on their way in any case
 * @param semantic null where it is off
 * @param purges null where no answer leaves the process
 */
record KeptAnswers(
        ServiceContext service,
        ResponseCache exact,
        @Nullable SemanticCache semantic,
        @Nullable SharedPurges purges) {

    /** Loads the embedding model where the configuration asks for it, which takes a moment on another thread. */
    static Future<KeptAnswers> open(ServiceContext service) {
        CacheConfig config = service.config().cache();
        ResponseCache exact = new ResponseCache(config, service.clock());
        SharedPurges purges = config.shared() ? new SharedPurges(service.vertx(), redis(service)) : null;
        if (!config.active() || !config.semantic().enabled()) {
            return Future.succeededFuture(new KeptAnswers(service, exact, null, purges));
        }
        Promise<KeptAnswers> opened = Promise.promise();
        Thread.ofPlatform().name("embedding-model-loader").start(() -> {
            try {
                var semantic = new SemanticCache(config.semantic(), embedder(), service.clock(), service.metrics());
                opened.complete(new KeptAnswers(service, exact, semantic, purges));
            } catch (IllegalStateException | UncheckedIOException | ServiceConfigurationError fault) {
                opened.fail(fault);
            }
        });
        return opened.future();
    }

    private static Embedder embedder() {
        return ServiceLoader.load(Embedder.class)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("cache.semantic.enabled is true, but this distribution"
                        + " carries no embedding model (latticegate-proxy-embeddings)"));
    }

    /** Where the edge of {@code context} keeps answers; the edge closes it. */
    AnswerStore storeOn(Context context) {
        SharedPurges shared = purges;
        return shared == null
                ? exact
                : new RedisAnswers(
                        redis(service),
                        service.config().cache(),
                        context,
                        service.clock(),
                        new SecureRandom(),
                        shared::done,
                        service.metrics());
    }

    /** Forgets answers, and tells how many: those of this process, and one for each generation that it ended in Redis. */
    Future<Integer> purge(CacheApi.Purge purge) {
        if (semantic != null) {
            semantic.purge(purge::covers);
        }
        int own = exact.purge(kept -> purge.covers(kept.projectId(), kept.method(), kept.path()));
        return purges == null
                ? Future.succeededFuture(own)
                : purges.purge(purge.id(), purge.projectId()).map(shared -> own + shared);
    }

    void close() {
        if (semantic != null) {
            semantic.close();
        }
        if (purges != null) {
            purges.close();
        }
    }

    private static RedisScripts redis(ServiceContext service) {
        return new RedisScripts(
                service.vertx(), RedisLocation.of(service.config().redis()));
    }
}
