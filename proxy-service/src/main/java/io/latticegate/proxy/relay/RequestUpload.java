package io.latticegate.proxy.relay;

import io.latticegate.proxy.dialect.Refusal;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpServerRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A request's body on its way to a provider. Bytes are written as they come and the client is paused while the provider's
 * write queue is full, so that of a body of any size no more is held here than the two sockets' queues. What has been written
 * cannot be taken back: an upload is never repeated. Confined to one event loop.
 */
final class RequestUpload {
    private static final Logger LOG = LoggerFactory.getLogger(RequestUpload.class);

    private final HttpServerRequest client;
    private final long bytesMax;
    private long received;
    private boolean begun;
    private boolean stopped;
    private boolean whole;
    private boolean waitsForProvider;

    /** What is done with an upload. */
    interface Sink {
        /** Sends the provider's head and with it the first bytes. */
        void first(Buffer bytes);

        /** Bytes have come, or the provider has taken some. */
        void moved();

        /** The last byte was written; {@code empty}: there was none, and nothing was sent. */
        void whole(boolean empty);

        /** There is more than the bound; {@code refusal} says so. */
        void tooLong(Refusal refusal);
    }

    /**
     * @param client paused, with nothing read of its body
     * @param bytesMax 1 or more
     */
    RequestUpload(HttpServerRequest client, long bytesMax) {
        this.client = client;
        this.bytesMax = bytesMax;
    }

    /** Whether a request has a body (RFC 9112 section 6.3). */
    static boolean isAnnounced(HttpServerRequest request) {
        return request.headers().contains("Transfer-Encoding") || announcedBytes(request) != 0;
    }

    /** What {@code Content-Length} says, 0 where there is none; the server's decoder has refused what is no number. */
    static long announcedBytes(HttpServerRequest request) {
        String announced = request.getHeader("Content-Length");
        if (announced == null) {
            return 0;
        }
        try {
            return Long.parseLong(announced.strip());
        } catch (NumberFormatException beyondAnyBound) {
            return Long.MAX_VALUE;
        }
    }

    static Refusal tooLong(long bytesMax) {
        return new Refusal(413, "request_too_large", "The body is longer than " + bytesMax + " bytes", null);
    }

    /** Begins, and asks a client that waits for it to send its body (RFC 9110 section 10.1.1). */
    void start(HttpClientRequest provider, Sink sink) {
        String length = client.getHeader("Content-Length");
        if (length == null) {
            provider.setChunked(true);
        } else {
            provider.putHeader("Content-Length", length.strip());
        }
        if (client.headers().contains("Expect")) {
            client.response().writeContinue();
        }
        provider.exceptionHandler(broken -> LOG.debug("an upload was broken off: {}", broken.getMessage()));
        provider.drainHandler(drained -> {
            if (waitsForProvider && !stopped) {
                waitsForProvider = false;
                sink.moved();
                client.resume();
            }
        });
        client.handler(bytes -> take(bytes, provider, sink));
        client.endHandler(end -> {
            if (!stopped) {
                whole = true;
                if (begun) {
                    var unused = provider.end();
                }
                sink.whole(!begun);
            }
        });
        client.resume();
    }

    private void take(Buffer bytes, HttpClientRequest provider, Sink sink) {
        if (stopped) {
            return;
        }
        received += bytes.length();
        if (received > bytesMax) {
            stopped = true;
            sink.tooLong(tooLong(bytesMax));
            return;
        }
        if (begun) {
            var unused = provider.write(bytes);
        } else {
            begun = true;
            sink.first(bytes);
        }
        if (!stopped && provider.writeQueueFull()) {
            waitsForProvider = true;
            client.pause();
        }
        sink.moved();
    }

    /** Sends nothing more. */
    void stop() {
        stopped = true;
    }

    /** Whether the last byte was written. */
    boolean isWhole() {
        return whole;
    }

    /** Whether it is the provider that takes no bytes, rather than the client that sends none. */
    boolean waitsForProvider() {
        return waitsForProvider;
    }
}
