package io.latticegate.bench.hold;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.HdrHistogram.Histogram;

/**
 * Many connections that each send one request, driven by the calling thread. They are opened at an even rate, so that the
 * listener's backlog is no part of what is measured.
 */
public final class HeldConnections implements AutoCloseable {
    private static final int BUFFER_BYTES = 64 << 10;
    private static final int SELECT_MILLIS = 20;
    private static final int DIGITS = 3;

    private final Selector selector;
    private final InetSocketAddress target;
    private final byte[] request;
    private final Duration gap;
    private final Histogram late = new Histogram(TimeUnit.MINUTES.toNanos(5), DIGITS);
    private final List<HeldConnection> all = new ArrayList<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private int peak;

    /**
     * @param port of 127.0.0.1
     * @param request what each connection sends, head and body
     * @param gap between the events of an answer; zero where it is no stream
     */
    public HeldConnections(int port, String request, Duration gap) {
        this.target = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        this.request = request.getBytes(StandardCharsets.US_ASCII);
        this.gap = gap;
        try {
            selector = Selector.open();
        } catch (IOException fault) {
            throw new UncheckedIOException("no selector", fault);
        }
    }

    /** Opens {@code count} connections, {@code perSecond} in a second. */
    public void open(int count, int perSecond) {
        long start = System.nanoTime();
        while (all.size() < count) {
            long due = Math.min(count, (System.nanoTime() - start) * perSecond / TimeUnit.SECONDS.toNanos(1) + 1);
            while (all.size() < due) {
                openOne();
            }
            drive();
        }
    }

    private void openOne() {
        try {
            SocketChannel channel = SocketChannel.open();
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            HeldConnection one = new HeldConnection(channel, request, gap.toNanos(), late);
            all.add(one);
            channel.connect(target);
            channel.register(selector, SelectionKey.OP_CONNECT, one);
        } catch (IOException refused) {
            throw new UncheckedIOException("connection " + all.size() + " cannot be opened", refused);
        }
    }

    /** Takes what comes until {@code enough}, or until {@code patience} is over. */
    public void driveUntil(BooleanSupplier enough, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!enough.getAsBoolean() && System.nanoTime() - deadline < 0) {
            drive();
        }
    }

    private void drive() {
        try {
            selector.select(this::ready, SELECT_MILLIS);
        } catch (IOException fault) {
            throw new UncheckedIOException("the selector failed", fault);
        }
        peak = Math.max(peak, (int)
                all.stream().filter(one -> one.events() > 0 && !one.done()).count());
    }

    private void ready(SelectionKey key) {
        HeldConnection one = (HeldConnection) key.attachment();
        try {
            if (key.isConnectable() && one.channel().finishConnect()) {
                key.interestOps(SelectionKey.OP_WRITE);
            }
            if (key.isValid() && key.isWritable() && one.send()) {
                key.interestOps(SelectionKey.OP_READ);
            }
            if (key.isValid() && key.isReadable()) {
                one.receive(buffer);
            }
        } catch (IOException broken) {
            one.fail(String.valueOf(broken.getMessage()));
            key.cancel();
        }
    }

    /** Connections whose answer has begun. */
    public int answered() {
        return (int) all.stream().filter(HeldConnection::answered).count();
    }

    /** Connections that are still open. */
    public int open() {
        return (int) all.stream().filter(one -> one.channel().isOpen()).count();
    }

    /** Streams that have ended well. */
    public int whole() {
        return (int) all.stream()
                .filter(one -> one.done() && one.failure().isEmpty())
                .count();
    }

    /** Streams that are over, in whichever way. */
    public int over() {
        return (int) all.stream()
                .filter(one -> one.done() || !one.failure().isEmpty())
                .count();
    }

    /** Events of all streams. */
    public long events() {
        return all.stream().mapToLong(HeldConnection::events).sum();
    }

    /** The most streams that were between their first and their last event at one time. */
    public int peak() {
        return peak;
    }

    /** How many milliseconds after its time an event came, at a percentile. */
    public double lateMillis(double percentile) {
        return late.getValueAtPercentile(percentile) / 1e6;
    }

    /** How often each failure was met. */
    public Map<String, Integer> failures() {
        Map<String, Integer> failures = new HashMap<>();
        all.stream()
                .map(HeldConnection::failure)
                .filter(why -> !why.isEmpty())
                .forEach(why -> failures.merge(why, 1, Integer::sum));
        return failures;
    }

    /** Hangs up everywhere. */
    @Override
    public void close() {
        try {
            for (HeldConnection one : all) {
                one.channel().close();
            }
            selector.close();
        } catch (IOException fault) {
            throw new UncheckedIOException("a connection was not closed", fault);
        }
    }
}
