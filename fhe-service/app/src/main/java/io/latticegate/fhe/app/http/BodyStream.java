package io.latticegate.fhe.app.http;

import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request, read by a platform thread while it arrives. At most {@value #WINDOW} buffers of the transport are on
 * their way; a reader that is slow slows the client down. Reading throws {@link Refusal} where the body is longer than allowed
 * or does not arrive in time, and {@link ClientGone} where the client left. For one reader.
 */
final class BodyStream extends InputStream {
    private static final int WINDOW = 16;
    private static final Duration IDLE_MAX = Duration.ofSeconds(30);

    private final Context context;
    private final HttpServerRequest request;
    private final long bytesMax;
    private final long deadlineNanos;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Buffer> arrived = new ArrayDeque<>();
    private boolean ended;
    private boolean gone;
    private @Nullable Buffer current;
    private int position;
    private int taken;
    private long read;

    private BodyStream(Context context, HttpServerRequest request, long bytesMax, Duration limit) {
        this.context = context;
        this.request = request;
        this.bytesMax = bytesMax;
        this.deadlineNanos = System.nanoTime() + limit.toNanos();
    }

    /** @param request paused since it arrived on {@code context} */
    static BodyStream open(Context context, HttpServerRequest request, long bytesMax, Duration limit) {
        BodyStream body = new BodyStream(context, request, bytesMax, limit);
        context.runOnContext(_ -> body.start());
        return body;
    }

    private void start() {
        if (request.isEnded()) {
            update(() -> ended = true);
            return;
        }
        request.exceptionHandler(_ -> update(() -> gone = true));
        request.handler(buffer -> update(() -> arrived.add(buffer)));
        request.endHandler(_ -> update(() -> ended = true));
        if ("100-continue".equalsIgnoreCase(request.getHeader("Expect"))) {
            var unused = request.response().writeContinue();
        }
        request.fetch(WINDOW);
    }

    private void update(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, to.length);
        if (length == 0) {
            return 0;
        }
        Buffer from = current;
        if (from == null) {
            from = next();
            if (from == null) {
                return -1;
            }
            current = from;
            position = 0;
        }
        int count = Math.min(length, from.length() - position);
        from.getBytes(position, position + count, to, offset);
        position += count;
        if (position == from.length()) {
            current = null;
        }
        read += count;
        if (read > bytesMax) {
            throw Refusal.tooLarge("The body has more than " + bytesMax + " bytes", bytesMax);
        }
        return count;
    }

    /** The next buffer that is not empty, or null at the end. */
    private @Nullable Buffer next() {
        lock.lock();
        try {
            while (true) {
                awaitChange();
                Buffer buffer = arrived.poll();
                if (buffer == null && gone) {
                    throw new ClientGone();
                }
                if (buffer == null) {
                    return null;
                }
                returnCredit();
                if (buffer.length() > 0) {
                    return buffer;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void returnCredit() {
        taken++;
        if (taken == WINDOW / 2) {
            taken = 0;
            context.runOnContext(_ -> request.fetch(WINDOW / 2));
        }
    }

    /** Returns when something has arrived, or nothing more will. */
    private void awaitChange() {
        long until = Math.min(IDLE_MAX.toNanos(), deadlineNanos - System.nanoTime()) + System.nanoTime();
        try {
            while (arrived.isEmpty() && !ended && !gone) {
                long left = until - System.nanoTime();
                if (left <= 0 || changed.awaitNanos(left) <= 0) {
                    throw Refusal.of(
                            408,
                            "request_timeout",
                            "The body did not arrive in time; allowed are " + IDLE_MAX.toSeconds()
                                    + " s without a byte, and fhe.uploads.timeout in all");
                }
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            throw Refusal.overloaded("The service is stopping");
        }
    }
}
