package io.latticegate.proxy.edge;

import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.relay.Exchange;
import io.latticegate.proxy.relay.Outcome;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes a request body, bounded in size before it is read and in time while it is read. What is announced as too long is
 * refused without reading any of it; memory grows only with what has arrived.
 */
final class BodyReader {
    private final Exchange exchange;
    private final int bytesMax;
    private final Consumer<byte[]> whole;
    private @Nullable Buffer first;
    private @Nullable Buffer rest;
    private int length;

    BodyReader(Exchange exchange, int bytesMax, Consumer<byte[]> whole) {
        this.exchange = exchange;
        this.bytesMax = bytesMax;
        this.whole = whole;
    }

    void read(Duration within) {
        HttpServerRequest request = exchange.request();
        String announced = request.getHeader("Content-Length");
        if (announced != null && tooLong(announced)) {
            refuseTooLong();
            return;
        }
        exchange.deadline(
                System.nanoTime(),
                within,
                () -> exchange.refuse(
                        Outcome.FAILURE,
                        new Refusal(
                                408,
                                "request_timeout",
                                "The body did not arrive within " + within.toSeconds() + " s",
                                null)));
        if (request.headers().contains("Expect")) {
            exchange.response().writeContinue();
        }
        request.handler(this::take);
        request.endHandler(end -> {
            if (!exchange.finished()) {
                exchange.deadline(System.nanoTime(), Duration.ofDays(1), () -> {});
                whole.accept(bytes());
            }
        });
        request.resume();
    }

    private void take(Buffer chunk) {
        if (exchange.finished()) {
            return;
        }
        length += chunk.length();
        if (length > bytesMax) {
            first = null;
            rest = null;
            refuseTooLong();
        } else if (first == null) {
            first = chunk;
        } else {
            rest = (rest == null ? Buffer.buffer(chunk.length() * 4) : rest).appendBuffer(chunk);
        }
    }

    private byte[] bytes() {
        if (first == null) {
            return new byte[0];
        }
        if (rest == null) {
            return first.getBytes();
        }
        byte[] all = new byte[length];
        first.getBytes(all);
        rest.getBytes(all, first.length());
        return all;
    }

    private boolean tooLong(String announced) {
        try {
            return Long.parseLong(announced) > bytesMax;
        } catch (NumberFormatException unparseable) {
            return true;
        }
    }

    private void refuseTooLong() {
        exchange.refuse(
                Outcome.FAILURE,
                new Refusal(413, "request_too_large", "The body is longer than " + bytesMax + " bytes", null));
    }
}
