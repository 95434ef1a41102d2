package io.latticegate.admin.manage;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * Takes requests from the event loop to virtual threads and their answers back, and counts those in progress. A request is
 * paused from {@link #open} on, until its body is read or it is answered.
 */
final class Responses {
    /** Most requests at once. */
    static final int AT_ONCE_MAX = 256;

    private static final long DRAIN_POLL_MILLIS = 10;

    private final Vertx vertx;
    private final Executor executor;
    private final AtomicInteger inProgress = new AtomicInteger();

    /** @param executor starts a virtual thread per task */
    Responses(Vertx vertx, Executor executor) {
        this.vertx = vertx;
        this.executor = executor;
    }

    void open(HttpServerRequest request) {
        inProgress.incrementAndGet();
        request.pause();
        request.response().exceptionHandler(gone -> {});
    }

    /** The client is gone: there is nobody to answer and nothing was begun. */
    void abandon() {
        inProgress.decrementAndGet();
    }

    boolean full() {
        return inProgress.get() > AT_ONCE_MAX;
    }

    /** Completes, on this event loop, with what {@code work} yields on a virtual thread. */
    <T> Future<T> aside(Supplier<T> work) {
        Context loop = vertx.getOrCreateContext();
        Promise<T> promise = Promise.promise();
        executor.execute(() -> {
            try {
                T result = work.get();
                loop.runOnContext(nothing -> promise.complete(result));
            } catch (RuntimeException fault) {
                loop.runOnContext(nothing -> promise.fail(fault));
            }
        });
        return promise.future();
    }

    /** Every way out of {@code work}, an interruption at shutdown included, ends in an answer. */
    void run(HttpServerRequest request, String requestId, Supplier<Answer> work) {
        Context loop = vertx.getOrCreateContext();
        executor.execute(() -> {
            AtomicReference<Answer> given = new AtomicReference<>(internalFault(requestId));
            try {
                given.set(work.get());
            } catch (Refused refused) {
                given.set(refused.answer());
            } finally {
                loop.runOnContext(nothing -> done(request, requestId, given.get()));
            }
        });
    }

    static Answer internalFault(String requestId) {
        return Answer.json(
                500,
                new JsonObject()
                        .put("error", "internal fault; the log has it under request id " + requestId)
                        .put("code", "internal_error"));
    }

    /** Answers and counts the request out. */
    void done(HttpServerRequest request, String requestId, Answer answer) {
        write(request, requestId, answer);
        inProgress.decrementAndGet();
    }

    /** Completes when nothing is in progress. */
    Future<Void> idle() {
        Promise<Void> idle = Promise.promise();
        awaitIdle(idle);
        return idle.future();
    }

    private void awaitIdle(Promise<Void> idle) {
        if (inProgress.get() == 0) {
            idle.complete();
        } else {
            vertx.setTimer(DRAIN_POLL_MILLIS, timer -> awaitIdle(idle));
        }
    }

    static void write(HttpServerRequest request, String requestId, Answer answer) {
        HttpServerResponse response = request.response();
        if (response.closed() || response.ended()) {
            return;
        }
        request.resume();
        response.setStatusCode(answer.status())
                .putHeader("Cache-Control", "no-store")
                .putHeader("X-Content-Type-Options", "nosniff");
        if (!requestId.isEmpty()) {
            response.putHeader("X-Request-ID", requestId);
        }
        for (Map.Entry<String, String> header : answer.headers().entrySet()) {
            response.putHeader(header.getKey(), header.getValue());
        }
        if (!request.isEnded() && request.version() != HttpVersion.HTTP_2) {
            response.putHeader("Connection", "close");
        }
        if (answer.body() == null) {
            response.end();
        } else {
            response.putHeader("Content-Type", answer.contentType()).end(answer.body());
        }
    }
}
