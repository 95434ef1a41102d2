package io.latticegate.testing;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One request that the {@link FakeProvider} saw, and how it ended. Everything but the ending is fixed; the ending may be
 * read from any thread. {@code toString} shows no header and no body.
 */
public final class RecordedRequest {
    /** The longest body that is kept, in bytes; of a longer one its first part is. */
    public static final int BODY_BYTES_MAX = 64 << 10;

    /** How the exchange ended, as the provider's side of the socket saw it. */
    public enum Outcome {
        /** Not ended yet. */
        OPEN,
        /** The whole answer was handed to the socket. */
        COMPLETED,
        /** The client closed or reset the connection before the answer was complete. */
        CLIENT_LEFT,
        /** The provider broke the answer off, as its script said. */
        BROKEN_OFF
    }

    /** What ended, when on the wall clock, when by {@link System#nanoTime}, and what it costs. */
    public record Ending(Outcome outcome, Instant at, long atNanos, Bill bill) {}

    private static final Ending OPEN = new Ending(Outcome.OPEN, Instant.EPOCH, 0, Bill.NOTHING);

    private final long number;
    private final Instant at;
    private final long atNanos;
    private final String method;
    private final String path;
    private final String query;
    private final String model;
    private final List<Map.Entry<String, String>> headers;
    private final byte[] body;
    private final long bodyLength;
    private final AtomicReference<Ending> ending = new AtomicReference<>(OPEN);

    RecordedRequest(
            long number,
            Instant at,
            long atNanos,
            String method,
            String path,
            String query,
            String model,
            List<Map.Entry<String, String>> headers,
            byte[] body,
            long bodyLength) {
        this.number = number;
        this.at = at;
        this.atNanos = atNanos;
        this.method = method;
        this.path = path;
        this.query = query;
        this.model = model;
        this.headers = List.copyOf(headers);
        this.body = body;
        this.bodyLength = bodyLength;
    }

    /** 1 for the first request since start or reset. */
    public long number() {
        return number;
    }

    public Instant at() {
        return at;
    }

    /** {@link System#nanoTime} when the request's last byte had come. */
    public long atNanos() {
        return atNanos;
    }

    public String method() {
        return method;
    }

    public String path() {
        return path;
    }

    /** The raw query without its question mark; empty when there is none. */
    public String query() {
        return query;
    }

    /** The model as the request named it, script and all; empty when it named none. */
    public String model() {
        return model;
    }

    /** Every header line in the order in which it came, names as sent. */
    public List<Map.Entry<String, String>> headers() {
        return headers;
    }

    /** The first value of a header, its name compared without regard to case. */
    public Optional<String> header(String name) {
        return headers.stream()
                .filter(header -> header.getKey().equalsIgnoreCase(name))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    /** A copy of the body, cut at {@link #BODY_BYTES_MAX}. */
    public byte[] body() {
        return body.clone();
    }

    public String bodyText() {
        return new String(body, StandardCharsets.UTF_8);
    }

    int keptBytes() {
        return body.length;
    }

    /** The length of the whole body in bytes, also where only a part was kept. */
    public long bodyLength() {
        return bodyLength;
    }

    public Ending ending() {
        return ending.get();
    }

    public boolean clientLeft() {
        return ending().outcome() == Outcome.CLIENT_LEFT;
    }

    /** Notes the ending unless one is noted already. */
    void end(Outcome outcome, Bill bill) {
        ending.compareAndSet(OPEN, new Ending(outcome, Instant.now(), System.nanoTime(), bill));
    }

    @Override
    public String toString() {
        return "request " + number + ": " + method + " " + path + " " + ending().outcome();
    }
}
