package io.latticegate.common.store.redis;

import io.latticegate.common.store.StoreFault;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.ResponseType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Runs Lua scripts over one long-lived, pipelined connection, which carries several times as many commands as a pool.
 * Make one per event loop that needs it; it may be called from any thread.
 *
 * <p>The client library neither times commands out nor reopens a connection, so both happen here. A command that is not
 * answered in time fails with {@link StoreFault.Unavailable} and closes the connection: a half-open one would otherwise
 * be used for minutes. A connection that cannot be opened makes commands fail at once until a back-off with jitter has
 * passed (100 ms, doubling to 2 s); the next command then tries again. A command that failed may have been executed.
 *
 * <p>Each connection knows the {@code run_id} of the server it reached. It changes when Redis restarts or another
 * server takes its place, and can be handed to a script as an argument so that the script notices.
 */
public final class RedisScripts implements AutoCloseable {
    /** How long a command, and the wait for a connection before it, may take each; the very first wait is longer. */
    public static final Duration COMMAND_TIMEOUT = Duration.ofMillis(200);

    private static final Duration CONNECT_TIMEOUT = Duration.ofMillis(1_000);
    private static final long BACKOFF_MIN_MS = 100;
    private static final long BACKOFF_MAX_MS = 2_000;
    private static final int PIPELINED_MAX = 4_096;

    /** A connection, the client that owns it alone, and the server at its other end. */
    private record Link(Redis client, RedisConnection connection, String runId) {}

    private final Vertx vertx;
    private final RedisLocation location;
    private final Duration commandTimeout;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Future<Link> link;
    private volatile boolean openedBefore;
    private long backoffMs;
    private long notBeforeNanos;
    private boolean closed;

    public RedisScripts(Vertx vertx, RedisLocation location) {
        this(vertx, location, COMMAND_TIMEOUT);
    }

    /** @param commandTimeout 10 ms to 10 s, instead of {@link #COMMAND_TIMEOUT} */
    public RedisScripts(Vertx vertx, RedisLocation location, Duration commandTimeout) {
        if (commandTimeout.toMillis() < 10 || commandTimeout.toMillis() > 10_000) {
            throw new IllegalArgumentException("a command may take 10 ms to 10 s, not " + commandTimeout);
        }
        this.vertx = vertx;
        this.location = location;
        this.commandTimeout = commandTimeout;
    }

    /** Runs {@code script} atomically. An error that Redis reports fails the future with {@link StoreFault.Failed}. */
    public Future<@Nullable Response> run(RedisScript script, List<String> keys, List<String> arguments) {
        return run(script, keys, _ -> arguments);
    }

    /**
     * Runs {@code script} with one more argument, which is sent as bytes.
     *
     * @param last the script's last argument
     */
    public Future<@Nullable Response> run(RedisScript script, List<String> keys, List<String> arguments, Buffer last) {
        return withLink(open -> open.connection()
                .send(evaluation(Command.EVALSHA, script.sha1(), keys, arguments)
                        .arg(last))
                .recover(failure -> scriptUnknown(failure)
                        ? open.connection()
                                .send(evaluation(Command.EVAL, script.source(), keys, arguments)
                                        .arg(last))
                        : Future.failedFuture(failure)));
    }

    /** @param arguments made from the run id of the server that will execute the script */
    public Future<@Nullable Response> run(
            RedisScript script, List<String> keys, Function<String, List<String>> arguments) {
        return withLink(open -> {
            List<String> values = arguments.apply(open.runId());
            return open.connection()
                    .send(evaluation(Command.EVALSHA, script.sha1(), keys, values))
                    .recover(failure -> scriptUnknown(failure)
                            ? open.connection().send(evaluation(Command.EVAL, script.source(), keys, values))
                            : Future.failedFuture(failure));
        });
    }

    /** Sends one plain command. */
    public Future<@Nullable Response> send(Request request) {
        return withLink(open -> open.connection().send(request));
    }

    /** The {@code run_id} of the server now connected. */
    public Future<String> runId() {
        return withLink(open -> Future.succeededFuture(open.runId()));
    }

    /**
     * Reads a reply that is an integer or an array of integers.
     *
     * @throws StoreFault.Failed when it is anything else
     */
    public static List<Long> integers(@Nullable Response reply) {
        List<Long> numbers = new ArrayList<>();
        if (reply != null && reply.type() == ResponseType.MULTI) {
            for (Response element : reply) {
                numbers.add(integer(element));
            }
            return numbers;
        }
        numbers.add(integer(reply));
        return numbers;
    }

    private static Long integer(@Nullable Response reply) {
        Long number = reply == null || reply.type() != ResponseType.NUMBER ? null : reply.toLong();
        if (number == null) {
            throw new StoreFault.Failed("Redis replied with something else than integers", null);
        }
        return number;
    }

    /**
     * Waits for a future of this class on a thread that may block; it always ends, since every command has a timeout.
     *
     * @throws StoreFault as the future failed
     */
    public static <T extends @Nullable Object> T await(Future<T> future) {
        Context context = Vertx.currentContext();
        if (context != null && context.threadingModel() == ThreadingModel.VIRTUAL_THREAD) {
            return future.await();
        }
        if (context != null && context.isEventLoopContext() && Context.isOnEventLoopThread()) {
            throw new IllegalStateException("an event loop must not wait for Redis");
        }
        try {
            return future.toCompletionStage().toCompletableFuture().join();
        } catch (CompletionException failure) {
            throw failure.getCause() instanceof RuntimeException cause ? cause : failure;
        }
    }

    @Override
    public void close() {
        Future<Link> last;
        lock.lock();
        try {
            closed = true;
            last = link;
            link = null;
        } finally {
            lock.unlock();
        }
        if (last != null) {
            last.onSuccess(open -> open.client().close());
        }
    }

    private <T extends @Nullable Object> Future<T> withLink(Function<Link, Future<T>> use) {
        Future<Link> current;
        try {
            current = current();
        } catch (StoreFault.Unavailable closedOrBackingOff) {
            return Future.failedFuture(closedOrBackingOff);
        }
        return current.timeout(openedBefore ? commandTimeout : CONNECT_TIMEOUT)
                .recover(failure -> Future.failedFuture(unavailable(failure)))
                .compose(open -> {
                    if (open.connection().pendingQueueFull()) {
                        return Future.failedFuture(new StoreFault.Unavailable(
                                "more than " + PIPELINED_MAX + " commands wait for Redis", null));
                    }
                    return use.apply(open).timeout(commandTimeout).recover(failure -> {
                        if (refusedByRedis(failure)) {
                            return Future.failedFuture(
                                    new StoreFault.Failed("Redis refused a command: " + failure.getMessage(), failure));
                        }
                        drop(open);
                        return Future.failedFuture(unavailable(failure));
                    });
                });
    }

    private Future<Link> current() {
        Promise<Link> opening;
        lock.lock();
        try {
            if (link != null) {
                return link;
            }
            if (closed) {
                throw new StoreFault.Unavailable("the connection to Redis was closed", null);
            }
            if (backoffMs > 0 && System.nanoTime() - notBeforeNanos < 0) {
                throw new StoreFault.Unavailable("Redis cannot be reached", null);
            }
            opening = Promise.promise();
            link = opening.future();
        } finally {
            lock.unlock();
        }
        Context caller = Vertx.currentContext();
        if (caller == null || caller.isEventLoopContext()) {
            open(opening);
        } else {
            // A connection belongs to the context that opens it. One that may be blocked by other work must not own
            // it; a thread outside Vert.x gets an event loop.
            Thread.startVirtualThread(() -> open(opening));
        }
        return opening.future();
    }

    private void open(Promise<Link> opening) {
        Redis client = Redis.createClient(vertx, options());
        client.connect()
                .compose(connection -> connection
                        .send(Request.cmd(Command.INFO, "server"))
                        .map(info -> new Link(client, connection, runId(info))))
                .timeout(CONNECT_TIMEOUT)
                .onSuccess(open -> {
                    open.connection().endHandler(_ -> drop(open));
                    open.connection().exceptionHandler(_ -> drop(open));
                    opened();
                    opening.complete(open);
                })
                .onFailure(failure -> {
                    client.close();
                    failedToOpen();
                    opening.fail(unavailable(failure));
                });
    }

    private void opened() {
        openedBefore = true;
        lock.lock();
        try {
            backoffMs = 0;
        } finally {
            lock.unlock();
        }
    }

    private void failedToOpen() {
        lock.lock();
        try {
            link = null;
            backoffMs = Math.clamp(backoffMs * 2, BACKOFF_MIN_MS, BACKOFF_MAX_MS);
            long waitMs = backoffMs / 2 + ThreadLocalRandom.current().nextLong(backoffMs / 2 + 1);
            notBeforeNanos = System.nanoTime() + waitMs * 1_000_000;
        } finally {
            lock.unlock();
        }
    }

    /** Forgets and closes a connection; closing its client is what closes the socket, not merely returns it to a pool. */
    private void drop(Link broken) {
        lock.lock();
        try {
            if (link != null && link.succeeded() && link.result().equals(broken)) {
                link = null;
            }
        } finally {
            lock.unlock();
        }
        broken.client().close();
    }

    private RedisOptions options() {
        var options = new RedisOptions()
                .setConnectionString(location.url())
                .setMaxPoolSize(1)
                .setMaxPoolWaiting(1)
                .setPoolCleanerInterval(-1)
                .setMaxWaitingHandlers(PIPELINED_MAX);
        options.getNetClientOptions()
                .setConnectTimeout((int) CONNECT_TIMEOUT.toMillis())
                .setTcpKeepAlive(true)
                .setHostnameVerificationAlgorithm("HTTPS");
        if (location.trust() != null) {
            options.getNetClientOptions().setTrustOptions(location.trust());
        }
        if (location.user() != null) {
            options.setUser(location.user());
        }
        if (location.password() != null) {
            options.setPassword(location.password().expose(raw -> new String(raw, StandardCharsets.UTF_8)));
        }
        return options;
    }

    private static Request evaluation(Command command, String script, List<String> keys, List<String> arguments) {
        Request request = Request.cmd(command).arg(script).arg(keys.size());
        keys.forEach(request::arg);
        arguments.forEach(request::arg);
        return request;
    }

    private static String runId(@Nullable Response info) {
        return String.valueOf(info)
                .lines()
                .filter(line -> line.startsWith("run_id:"))
                .map(line -> line.substring("run_id:".length()).strip())
                .findFirst()
                .orElseThrow(() -> new StoreFault.Failed("Redis does not tell its run_id in INFO server", null));
    }

    private static boolean refusedByRedis(Throwable failure) {
        return failure instanceof Response response
                && response.type() == ResponseType.ERROR
                && !String.valueOf(failure.getMessage()).startsWith("CONNECTION_CLOSED");
    }

    private static boolean scriptUnknown(Throwable failure) {
        return refusedByRedis(failure) && String.valueOf(failure.getMessage()).startsWith("NOSCRIPT");
    }

    private static StoreFault unavailable(Throwable failure) {
        return failure instanceof StoreFault fault
                ? fault
                : new StoreFault.Unavailable("Redis does not answer: " + failure.getMessage(), failure);
    }
}
