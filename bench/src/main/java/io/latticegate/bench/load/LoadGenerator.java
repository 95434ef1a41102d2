package io.latticegate.bench.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
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
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * A closed loop: each connection sends its next request when it has the whole answer to the last. One thread, a few system
 * calls per request, requests built once per window, so that on a small machine the generator takes little from what it
 * measures.
 *
 * <p>As a process it takes one {@link Window} per line on standard input and answers with three lines: {@code begin} and
 * {@code end} when the measurement begins and ends, so that the reader can sample processor time there, and the result.
 */
public final class LoadGenerator {
    private static final long SELECT_MILLIS = 100;
    private static final long SILENCE_NANOS = Duration.ofSeconds(10).toNanos();
    private static final long SETTLE_NANOS_MAX = Duration.ofSeconds(60).toNanos();
    private static final long LATENCY_NANOS_MAX = Duration.ofSeconds(60).toNanos();
    private static final int FAILURES_MAX = 1_000;
    /** 50 events with content, one with the finish reason, one that says {@code [DONE]}. */
    private static final int EVENTS_MIN = 52;

    private final Window window;
    private final PrintStream signals;
    private final InetSocketAddress server;
    private final byte[] request;
    private final Histogram latency = new Histogram(LATENCY_NANOS_MAX, 3);
    private final Histogram first = new Histogram(LATENCY_NANOS_MAX, 3);
    private final List<Connection> connections = new ArrayList<>();
    private final ByteBuffer input = ByteBuffer.allocateDirect(256 << 10);
    private boolean sending = true;
    private boolean counting = true;
    private long requests;
    private long failures;
    private long events;
    private String firstFailure = "";

    private LoadGenerator(Window window, PrintStream signals) {
        this.window = window;
        this.signals = signals;
        this.server = new InetSocketAddress(InetAddress.getLoopbackAddress(), window.port());
        this.request = request(window);
    }

    static void main() throws IOException {
        PrintStream signals = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            signals.println(
                    new LoadGenerator(Window.parse(order), signals).run().line());
        }
    }

    private static byte[] request(Window window) {
        String body = window.shape().body();
        String head = "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:" + window.port()
                + "\r\nUser-Agent: latticegate-bench\r\nAccept: */*\r\nContent-Type: application/json\r\n"
                + (window.token().isEmpty() ? "" : "Authorization: Bearer " + window.token() + "\r\n")
                + "Content-Length: " + body.length() + "\r\n\r\n";
        return (head + body).getBytes(StandardCharsets.US_ASCII);
    }

    private WindowResult run() throws IOException {
        try (Selector selector = Selector.open()) {
            for (int i = 0; i < window.shape().connections(); i++) {
                connections.add(new Connection(selector));
            }
            long settled = System.nanoTime() + window.settle().toNanos();
            long settleEnd = settled + SETTLE_NANOS_MAX;
            drive(selector, now -> now - settled >= 0 && requests >= window.settleRequests() || now - settleEnd >= 0);
            latency.reset();
            first.reset();
            requests = 0;
            events = 0;
            signals.println("begin");
            long begin = System.nanoTime();
            long end = begin + window.measure().toNanos();
            drive(selector, now -> now - end >= 0);
            long nanos = System.nanoTime() - begin;
            signals.println("end");
            counting = false;
            sending = false;
            drive(selector, _ -> connections.stream().noneMatch(Connection::busy));
            for (Connection connection : connections) {
                connection.close();
            }
            return result(nanos);
        }
    }

    private WindowResult result(long nanos) {
        return new WindowResult(
                requests,
                failures,
                events,
                nanos,
                latency.getValueAtPercentile(50),
                latency.getValueAtPercentile(90),
                latency.getValueAtPercentile(99),
                first.getValueAtPercentile(50),
                first.getValueAtPercentile(90),
                firstFailure);
    }

    /** When a phase is over, asked after each turn of the loop. */
    private interface Until {
        boolean over(long nowNanos);
    }

    private void drive(Selector selector, Until until) throws IOException {
        for (Connection connection : connections) {
            connection.sendWhenIdle();
        }
        long heard = System.nanoTime();
        while (failures < FAILURES_MAX) {
            int ready = selector.select(key -> ((Connection) key.attachment()).readable(), SELECT_MILLIS);
            long now = System.nanoTime();
            if (ready > 0) {
                heard = now;
            } else if (now - heard >= SILENCE_NANOS) {
                connections.stream().filter(Connection::busy).forEach(silent -> fail("no byte for 10 s"));
                sending = false;
                return;
            }
            if (until.over(now)) {
                return;
            }
        }
    }

    private void fail(String why) {
        failures++;
        if (firstFailure.isEmpty()) {
            firstFailure = why;
        }
    }

    private final class Connection {
        private final Selector selector;
        private final ResponseReader response = new ResponseReader();
        private final ByteBuffer output = ByteBuffer.allocateDirect(request.length);
        private SocketChannel channel;
        private boolean busy;
        private long sent;
        private boolean firstSeen;

        Connection(Selector selector) throws IOException {
            this.selector = selector;
            output.put(request).flip();
            channel = connect();
        }

        private SocketChannel connect() throws IOException {
            SocketChannel opened = SocketChannel.open(server);
            opened.setOption(StandardSocketOptions.TCP_NODELAY, true);
            opened.configureBlocking(false);
            opened.register(selector, SelectionKey.OP_READ, this);
            return opened;
        }

        boolean busy() {
            return busy;
        }

        void close() throws IOException {
            channel.close();
        }

        void sendWhenIdle() throws IOException {
            if (!busy && sending) {
                send();
            }
        }

        private void send() throws IOException {
            busy = true;
            firstSeen = false;
            response.reset();
            output.rewind();
            sent = System.nanoTime();
            while (output.hasRemaining()) {
                channel.write(output);
            }
        }

        void readable() {
            try {
                input.clear();
                int count = channel.read(input);
                if (count < 0) {
                    reopen(busy ? "the connection ended before the answer" : "");
                    return;
                }
                input.flip();
                take(input);
            } catch (IOException | MalformedResponseException fault) {
                try {
                    reopen(String.valueOf(fault.getMessage()));
                } catch (IOException refused) {
                    fail(String.valueOf(refused.getMessage()));
                    busy = false;
                    sending = false;
                }
            }
        }

        private void take(ByteBuffer bytes) throws IOException, MalformedResponseException {
            boolean complete = response.read(bytes);
            long now = System.nanoTime();
            if (counting && !firstSeen && response.events() > 0) {
                firstSeen = true;
                first.recordValue(Math.min(now - sent, LATENCY_NANOS_MAX));
            }
            if (!complete) {
                return;
            }
            busy = false;
            if (good() && counting) {
                requests++;
                events += response.events();
                latency.recordValue(Math.min(now - sent, LATENCY_NANOS_MAX));
            }
            if (bytes.hasRemaining()) {
                throw new MalformedResponseException("bytes behind the end of the answer");
            }
            if (!response.persistent()) {
                reopen("");
            } else if (sending) {
                send();
            }
        }

        private boolean good() {
            if (response.status() != 200) {
                fail("status " + response.status());
                return false;
            }
            if (window.shape().stream() ? !response.ended() || response.events() < EVENTS_MIN : !response.isObject()) {
                fail(
                        window.shape().stream()
                                ? "a stream of " + response.events() + " events, "
                                        + (response.ended() ? "ended" : "without its end")
                                : "a body that is no JSON object");
                return false;
            }
            return true;
        }

        private void reopen(String why) throws IOException {
            if (!why.isEmpty()) {
                fail(why);
            }
            busy = false;
            channel.close();
            channel = connect();
            if (sending && failures < FAILURES_MAX) {
                send();
            }
        }
    }
}
