package io.latticegate.proxy.cache.redis;

import io.latticegate.common.config.CacheConfig;
import io.latticegate.common.store.StoreFault;
import io.latticegate.common.store.redis.RedisScript;
import io.latticegate.common.store.redis.RedisScripts;
import io.latticegate.proxy.cache.AnswerStore;
import io.latticegate.proxy.cache.CacheKey;
import io.latticegate.proxy.cache.StoredAnswer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.ResponseType;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Kept answers in a Redis that all proxies share. One per event loop.
 *
 * <p>Every answer is sealed ({@link AnswerSeal}) and expires by Redis's own clock; {@code keep.lua} bounds how many there
 * are and how many bytes they take. Their names hold two generations, one of all projects and one of the answer's own; a
 * purge replaces one of them, and nothing that was kept before has a name that anybody asks for. A Redis that was emptied,
 * or that lost a generation, gets a new one.
 *
 * <p>Redis is waited for no longer than {@link CacheConfig#backendTimeout}, or while a purge is still to be made: then
 * nothing is found and nothing is kept ({@code gateway.cache.backend.unavailable}). An entry that does not open counts as
 * {@code gateway.cache.backend.rejected} and is not found either.
 */
public final class RedisAnswers implements AnswerStore {
    private static final String PREFIX = "latticegate:cache:";
    private static final String ALL_PROJECTS = PREFIX + "generation";
    private static final RedisScript FIND = RedisScript.beside(RedisAnswers.class, "find.lua");
    private static final RedisScript KEEP = RedisScript.beside(RedisAnswers.class, "keep.lua");
    private static final RedisScript PURGE = RedisScript.beside(RedisAnswers.class, "purge.lua");
    private static final int GENERATION_BYTES = 12;
    private static final int ON_LOOP_BYTES_MAX = 64 << 10;

    /** Longer than any answer lives, so that a generation outlives what it names. */
    private static final String BOOKS_TTL_MS = Long.toString(Duration.ofDays(45).toMillis());

    private final RedisScripts redis;
    private final AnswerSeal seal;
    private final CacheConfig config;
    private final Context context;
    private final InstantSource clock;
    private final SecureRandom random;
    private final Supplier<Boolean> usable;
    private final Counter unavailable;
    private final Counter rejected;

    /**
     * @param context the event loop that this object is used on
     * @param usable false while what Redis holds must not be given, since a purge is still to be made
     */
    public RedisAnswers(
            RedisScripts redis,
            CacheConfig config,
            Context context,
            InstantSource clock,
            SecureRandom random,
            Supplier<Boolean> usable,
            MeterRegistry metrics) {
        this.redis = redis;
        this.seal = new AnswerSeal(config.key().require(), random);
        this.config = config;
        this.context = context;
        this.clock = clock;
        this.random = random;
        this.usable = usable;
        this.unavailable = Counter.builder("gateway.cache.backend.unavailable")
                .description("Requests that went on without the shared cache, because it did not answer")
                .register(metrics);
        this.rejected = Counter.builder("gateway.cache.backend.rejected")
                .description("Entries of the shared cache that did not open under its key")
                .register(metrics);
    }

    @Override
    public Future<Found> find(String projectId, CacheKey key) {
        if (!usable.get()) {
            unavailable.increment();
            return Future.succeededFuture(Found.UNAVAILABLE);
        }
        String name = PREFIX + seal.name(new AnswerSeal.Place(projectId, null, key));
        Future<Found> found = redis.run(
                        FIND,
                        List.of(ALL_PROJECTS, generationOf(projectId), name),
                        List.of(newGeneration(random), BOOKS_TTL_MS))
                .compose(reply -> read(projectId, key, reply));
        return inTime(found, Found.UNAVAILABLE);
    }

    private Future<Found> read(String projectId, CacheKey key, @Nullable Response reply) {
        if (reply == null || reply.type() != ResponseType.MULTI || reply.size() == 0) {
            return Future.failedFuture(new StoreFault.Failed("Redis replied to find.lua with something else", null));
        }
        String generation = reply.get(0).toString();
        Response entry = reply.size() > 1 ? reply.get(1) : null;
        byte[] bytes = entry == null ? null : entry.toBytes();
        if (bytes == null) {
            return Future.succeededFuture(new Found(null, generation));
        }
        var place = new AnswerSeal.Place(projectId, generation, key);
        return offLoopWhereLarge(bytes.length, () -> seal.open(place, bytes))
                .map(opened -> new Found(checked(opened, projectId), generation));
    }

    private @Nullable StoredAnswer checked(Optional<StoredAnswer> opened, String projectId) {
        StoredAnswer answer = opened.orElse(null);
        if (answer == null || !answer.projectId().equals(projectId)) {
            rejected.increment();
            return null;
        }
        return answer.expiresAt() <= clock.millis() ? null : answer;
    }

    @Override
    public Future<Void> keep(CacheKey key, String generation, StoredAnswer answer) {
        long ttl = answer.expiresAt() - clock.millis();
        if (ttl <= 0 || !usable.get()) {
            return Future.succeededFuture();
        }
        var place = new AnswerSeal.Place(answer.projectId(), generation, key);
        Future<Boolean> kept = offLoopWhereLarge(answer.body().length, () -> seal.seal(place, answer))
                .compose(bytes -> redis.run(
                        KEEP,
                        List.of(PREFIX + "index", PREFIX + "sizes", PREFIX + "used", entry(key, generation, answer)),
                        List.of(
                                Long.toString(ttl),
                                Integer.toString(config.maxEntries()),
                                Long.toString(config.maxBytes()),
                                BOOKS_TTL_MS),
                        Buffer.buffer(bytes)))
                .map(done -> true);
        return inTime(kept, false).mapEmpty();
    }

    @Override
    public void forget(CacheKey key, String generation, StoredAnswer answer) {
        redis.send(Request.cmd(Command.DEL).arg(entry(key, generation, answer)))
                .onFailure(away -> unavailable.increment());
    }

    @Override
    public void close() {
        redis.close();
    }

    /**
     * Makes everything that {@code projectId} has kept so far unfindable, on all proxies.
     *
     * @param purgeId the same for all proxies that carry out one purge
     * @param projectId null: of every project
     * @return 1 where this call has done it, 0 where another proxy had; fails where Redis cannot be reached
     */
    static Future<Integer> purge(RedisScripts redis, SecureRandom random, String purgeId, @Nullable String projectId) {
        String generation = projectId == null ? ALL_PROJECTS : generationOf(projectId);
        return redis.run(
                        PURGE,
                        List.of(PREFIX + "purge:" + purgeId, generation),
                        List.of(newGeneration(random), BOOKS_TTL_MS))
                .map(reply -> Math.toIntExact(RedisScripts.integers(reply).getFirst()));
    }

    private String entry(CacheKey key, String generation, StoredAnswer answer) {
        return PREFIX + seal.name(new AnswerSeal.Place(answer.projectId(), null, key)) + ":" + generation;
    }

    private static String generationOf(String projectId) {
        return ALL_PROJECTS + ":" + projectId;
    }

    private static String newGeneration(SecureRandom random) {
        byte[] bytes = new byte[GENERATION_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private <T> Future<T> offLoopWhereLarge(int bytes, Supplier<T> work) {
        if (bytes <= ON_LOOP_BYTES_MAX) {
            return Future.succeededFuture(work.get());
        }
        Promise<T> done = Promise.promise();
        context.executeBlocking(
                        () -> {
                            done.complete(work.get());
                            return true;
                        },
                        false)
                .onFailure(done::tryFail);
        return done.future();
    }

    /** Ends on this object's event loop, with {@code otherwise} after a failure or the longest wait. */
    private <T> Future<T> inTime(Future<T> future, T otherwise) {
        Promise<T> ended = Promise.promise();
        Vertx vertx = context.owner();
        long timer = vertx.setTimer(Math.max(1, config.backendTimeout().toMillis()), late -> {
            if (ended.tryComplete(otherwise)) {
                unavailable.increment();
            }
        });
        future.onComplete(result -> onLoop(() -> {
            vertx.cancelTimer(timer);
            if (ended.tryComplete(result.succeeded() ? result.result() : otherwise) && result.failed()) {
                unavailable.increment();
            }
        }));
        return ended.future();
    }

    private void onLoop(Runnable step) {
        if (context.equals(Vertx.currentContext())) {
            step.run();
        } else {
            context.runOnContext(nothing -> step.run());
        }
    }
}
