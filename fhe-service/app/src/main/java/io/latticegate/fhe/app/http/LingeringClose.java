package io.latticegate.fhe.app.http;

import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;

/**
 * Ends a connection on which the client still sends a body that nobody wants. Closing at once would reset it, and the
 * reset can overtake the answer (RFC 9112 section 9.6); so what comes is thrown away for a while first.
 */
final class LingeringClose {
    private static final long MILLIS_MAX = 2_000;
    private static final long BYTES_MAX = 64L << 20;

    private final HttpServerRequest request;
    private long discarded;

    private LingeringClose(HttpServerRequest request) {
        this.request = request;
    }

    /** Call on the event loop, after the answer was ended with {@code Connection: close}. */
    static void of(Context context, HttpServerRequest request) {
        LingeringClose closing = new LingeringClose(request);
        if (request.isEnded()) {
            closing.close();
            return;
        }
        context.owner().setTimer(MILLIS_MAX, _ -> closing.close());
        request.handler(closing::discard);
        request.endHandler(_ -> closing.close());
        request.exceptionHandler(_ -> {});
        request.resume();
    }

    private void discard(Buffer bytes) {
        discarded += bytes.length();
        if (discarded > BYTES_MAX) {
            close();
        }
    }

    private void close() {
        var unused = request.connection().close();
    }
}
