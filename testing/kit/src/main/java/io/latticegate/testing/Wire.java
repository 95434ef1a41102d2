package io.latticegate.testing;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.impl.HttpServerConnection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** How a {@link Delivery} puts a response on the socket. All methods are called on the connection's event loop. */
interface Wire {
    /** Sends status and headers, then runs {@code next}. */
    void head(Reply reply, boolean chunked, Runnable next);

    void write(Buffer bytes);

    /** Whether the client reads more slowly than this side writes. */
    boolean full();

    /** Runs {@code next} once the client has caught up. */
    void drained(Runnable next);

    void end();

    /** The HTTP/1.1 server's own response. */
    record Http(HttpServerResponse response) implements Wire {
        @Override
        public void head(Reply reply, boolean chunked, Runnable next) {
            response.setStatusCode(reply.status()).putHeader("content-type", reply.contentType());
            reply.headers().forEach(header -> response.putHeader(header.getKey(), header.getValue()));
            if (chunked) {
                response.setChunked(true);
            } else {
                response.putHeader("content-length", String.valueOf(reply.length()));
            }
            next.run();
        }

        @Override
        public void write(Buffer bytes) {
            response.write(bytes);
        }

        @Override
        public boolean full() {
            return response.writeQueueFull();
        }

        @Override
        public void drained(Runnable next) {
            response.drainHandler(_ -> next.run());
        }

        @Override
        public void end() {
            response.end();
        }
    }

    /**
     * Bytes past the server's encoder, so that a head can dribble and a chunk can be malformed. The connection cannot be
     * used again.
     */
    final class Raw implements Wire {
        private static final int HEAD_PIECES = 20;

        private final Vertx vertx;
        private final Channel channel;
        private final Duration headDuration;
        private boolean chunked;

        Raw(Vertx vertx, HttpServerRequest request, Duration headDuration) {
            this.vertx = vertx;
            this.channel = channel(request);
            this.headDuration = headDuration;
        }

        @Override
        public void head(Reply reply, boolean chunked, Runnable next) {
            this.chunked = chunked;
            StringBuilder head = new StringBuilder("HTTP/1.1 " + reply.status() + " Scripted\r\nconnection: close\r\n");
            head.append("content-type: ").append(reply.contentType()).append("\r\n");
            reply.headers()
                    .forEach(header -> head.append(header.getKey())
                            .append(": ")
                            .append(header.getValue())
                            .append("\r\n"));
            head.append(chunked ? "transfer-encoding: chunked" : "content-length: " + reply.length())
                    .append("\r\n\r\n");
            Buffer bytes = Buffer.buffer(head.toString());
            dribble(bytes, 0, bytes.length() / HEAD_PIECES + 1, next);
        }

        private void dribble(Buffer head, int from, int piece, Runnable next) {
            if (from >= head.length()) {
                next.run();
                return;
            }
            send(head.slice(from, Math.min(head.length(), from + piece)));
            Runnable more = () -> dribble(head, from + piece, piece, next);
            if (headDuration.isZero()) {
                more.run();
            } else {
                vertx.setTimer(Math.max(1, headDuration.toMillis() / HEAD_PIECES), _ -> more.run());
            }
        }

        private void send(Buffer bytes) {
            var _ = channel.pipeline().firstContext().writeAndFlush(Unpooled.wrappedBuffer(bytes.getBytes()));
        }

        @Override
        public void write(Buffer bytes) {
            send(
                    chunked
                            ? Buffer.buffer(Integer.toHexString(bytes.length()) + "\r\n")
                                    .appendBuffer(bytes)
                                    .appendString("\r\n")
                            : bytes);
        }

        void badChunk() {
            send(Buffer.buffer("zz\r\nthis size is no number\r\n", StandardCharsets.US_ASCII.name()));
        }

        @Override
        public boolean full() {
            return !channel.isWritable();
        }

        @Override
        public void drained(Runnable next) {
            vertx.setTimer(1, _ -> {
                if (full() && channel.isOpen()) {
                    drained(next);
                } else {
                    next.run();
                }
            });
        }

        @Override
        public void end() {
            if (chunked) {
                send(Buffer.buffer("0\r\n\r\n"));
            }
            var _ = channel.close();
        }
    }

    static Channel channel(HttpServerRequest request) {
        return ((HttpServerConnection) request.connection())
                .channelHandlerContext()
                .channel();
    }

    /** Ends the connection with a TCP reset: closing with a linger time of zero discards and resets. */
    static void reset(HttpServerRequest request) {
        Channel channel = channel(request);
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
        var _ = channel.close();
    }
}
