package io.latticegate.bench.hold;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.HdrHistogram.Histogram;

/** One client connection: what it still has to send, and what it has seen of the answer. One thread uses it. */
final class HeldConnection {
    /** How every event of a stream begins on the wire, and how the last one goes on. */
    private static final byte[] LAST_EVENT = "\ndata: [DONE]".getBytes(StandardCharsets.US_ASCII);

    private static final int EVENT_PREFIX = "\ndata: ".length();
    private static final byte[] GOOD = "HTTP/1.1 200".getBytes(StandardCharsets.US_ASCII);

    private final SocketChannel channel;
    private final ByteBuffer request;
    private final long gapNanos;
    private final Histogram late;
    private int statusMatched;
    private int matched;
    private int events;
    private long lastEventNanos;
    private boolean answered;
    private boolean done;
    private String failure = "";

    /**
     * @param gapNanos what lies between the events of a stream
     * @param late takes how much later than that an event came, in ns
     */
    HeldConnection(SocketChannel channel, byte[] request, long gapNanos, Histogram late) {
        this.channel = channel;
        this.request = ByteBuffer.wrap(request);
        this.gapNanos = gapNanos;
        this.late = late;
    }

    SocketChannel channel() {
        return channel;
    }

    int events() {
        return events;
    }

    /** Whether the first byte of an answer has come. */
    boolean answered() {
        return answered;
    }

    /** Whether the stream has had its last event. */
    boolean done() {
        return done;
    }

    /** Empty while nothing went wrong. */
    String failure() {
        return failure;
    }

    void fail(String why) {
        failure = why;
    }

    /** Whether all of the request is sent. */
    boolean send() throws IOException {
        channel.write(request);
        return !request.hasRemaining();
    }

    /** Takes what has come. */
    void receive(ByteBuffer buffer) throws IOException {
        buffer.clear();
        int count = channel.read(buffer);
        if (count < 0) {
            if (!done) {
                failure = "closed after " + events + " events";
            }
            channel.close();
            return;
        }
        long now = System.nanoTime();
        answered = true;
        for (int i = 0; i < count; i++) {
            see(buffer.get(i), now);
        }
    }

    private void see(byte octet, long now) {
        if (statusMatched < GOOD.length) {
            if (octet != GOOD[statusMatched++]) {
                failure = "a status other than 200";
                statusMatched = GOOD.length;
            }
            return;
        }
        if (octet == LAST_EVENT[matched]) {
            matched++;
        } else {
            matched = octet == LAST_EVENT[0] ? 1 : 0;
        }
        if (matched == EVENT_PREFIX) {
            if (events > 1) {
                late.recordValue(Math.max(0, now - lastEventNanos - gapNanos));
            }
            lastEventNanos = now;
            events++;
        } else if (matched == LAST_EVENT.length) {
            done = true;
            matched = 0;
        }
    }
}
