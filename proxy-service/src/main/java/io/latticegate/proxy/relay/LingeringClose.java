package io.latticegate.proxy.relay;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;

/**
 * Ends a connection on which the client still sends a body that nobody wants. Closing at once would reset it, and the
 * reset can overtake the answer (RFC 9112 section 9.6); so what comes is thrown away for a while first.
 */
public final class LingeringClose {
    private static final long MILLIS_MAX = 2_000;
    private static final long BYTES_MAX = 64L << 20;

    private final HttpServerRequest request;
    private long discarded;

    private LingeringClose(HttpServerRequest request) {
        this.request = request;
    }

    /** Call after the answer was ended with {@code Connection: close}. */
    public static void of(HttpServerRequest request) {
        LingeringClose closing = new LingeringClose(request);
        Context context = Vertx.currentContext();
        if (context == null || request.isEnded()) {
            closing.close();
            return;
        }
        long timer = context.owner().setTimer(MILLIS_MAX, late -> closing.close());
        request.connection().closeHandler(closed -> context.owner().cancelTimer(timer));
        request.handler(closing::discard);
        request.endHandler(end -> closing.close());
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
