package io.latticegate.bench.arm;

import io.latticegate.bench.load.Shape;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/**
 * An OpenAI provider that costs next to nothing: one thread, answers built beforehand. A chat completion is 0.8 kB with
 * Content-Length; a stream has 50 content events, a finish reason, the token counts when the request asks for them, and
 * {@code [DONE]}, each written by itself. With {@code pace=paced} in the request's text, what follows the first event comes
 * 2 ms later ({@link Shape#FIRST_TOKEN}).
 *
 * <p>It reads just enough HTTP/1.1 to know where a request ends, and is no test double: the fake provider of the testing kit
 * is.
 */
public final class MockProvider {
    /** Content events of a stream. */
    static final int CHUNKS = 50;

    private static final long PAUSE_NANOS = Duration.ofMillis(2).toNanos();
    private static final int REQUEST_BYTES_MAX = 64 << 10;
    private static final int BACKLOG = 4096;
    private static final byte[] TARGET = ascii("POST /v1/chat/completions ");
    private static final byte[] HEAD_END = ascii("\r\n\r\n");
    private static final byte[] LAST_CHUNK = ascii("\r\n0\r\n\r\n");
    private static final byte[] CONTENT_LENGTH = ascii("\r\ncontent-length:");
    private static final byte[] STREAM = ascii("\"stream\":true");
    private static final byte[] USAGE = ascii("\"include_usage\":true");
    private static final byte[] PACED = ascii("pace=paced");

    private static final String STREAM_HEAD = String.join(
            "\r\n",
            "HTTP/1.1 200 OK",
            "Content-Type: text/event-stream",
            "Cache-Control: no-cache",
            "x-request-id: req_bench",
            "Transfer-Encoding: chunked",
            "",
            "");

    private final ByteBuffer completion = ByteBuffer.wrap(completion());
    private final ByteBuffer notFound = ByteBuffer.wrap(
            ascii("HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"));
    private final List<ByteBuffer> events = events(false);
    private final List<ByteBuffer> eventsWithUsage = events(true);
    private final Queue<Paused> paused = new ArrayDeque<>();
    private final Selector selector;
    private final ServerSocketChannel server;

    private MockProvider(int port) throws IOException {
        selector = Selector.open();
        server =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
        server.configureBlocking(false);
        server.register(selector, SelectionKey.OP_ACCEPT);
    }

    static void main(String[] args) throws IOException {
        MockProvider provider = new MockProvider(args.length == 0 ? 0 : Integer.parseInt(args[0]));
        new PrintStream(System.out, true, StandardCharsets.UTF_8)
                .println("mock ready " + ((InetSocketAddress) provider.server.getLocalAddress()).getPort());
        provider.serve();
    }

    private void serve() throws IOException {
        while (true) {
            Paused next = paused.peek();
            if (next == null) {
                selector.select(this::ready);
            } else {
                long wait = next.dueNanos() - System.nanoTime();
                if (wait > 0) {
                    selector.select(this::ready, Math.max(1, wait / 1_000_000));
                } else {
                    selector.selectNow(this::ready);
                }
            }
            resume();
        }
    }

    private void resume() {
        long now = System.nanoTime();
        for (Paused next = paused.peek(); next != null && next.dueNanos() - now <= 0; next = paused.peek()) {
            paused.remove();
            next.connection().enqueue(next.rest());
        }
    }

    private void ready(SelectionKey key) {
        if (key.isAcceptable()) {
            accept();
        } else {
            ((Connection) key.attachment()).ready(key);
        }
    }

    private void accept() {
        try {
            SocketChannel channel = server.accept();
            if (channel != null) {
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                channel.configureBlocking(false);
                channel.register(selector, SelectionKey.OP_READ).attach(new Connection(channel));
            }
        } catch (IOException refused) {
            System.err.println("mock provider: a connection was not accepted: " + refused.getMessage());
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] completion() {
        String body = "{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion\",\"created\":1760000000,"
                + "\"model\":\"gpt-4o-mini\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\""
                + "Two batteries packed with equipment fall under special provision 188 when each stays below 100 Wh. "
                        .repeat(5)
                + "\",\"refusal\":null},\"logprobs\":null,\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":180,"
                + "\"completion_tokens\":60,\"total_tokens\":240},\"system_fingerprint\":\"fp_bench\"}";
        return ascii("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nx-request-id: req_bench\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + body);
    }

    private static List<ByteBuffer> events(boolean usage) {
        List<String> payloads = new ArrayList<>();
        for (int i = 0; i < CHUNKS; i++) {
            payloads.add(event(
                    "[{\"index\":0,\"delta\":{" + (i == 0 ? "\"role\":\"assistant\"," : "")
                            + "\"content\":\" battery\"},\"logprobs\":null,\"finish_reason\":null}]",
                    usage ? ",\"usage\":null" : ""));
        }
        payloads.add(event("[{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\"}]", ""));
        if (usage) {
            payloads.add(
                    event("[]", ",\"usage\":{\"prompt_tokens\":180,\"completion_tokens\":50,\"total_tokens\":230}"));
        }
        payloads.add("[DONE]");
        List<ByteBuffer> writes = new ArrayList<>();
        for (int i = 0; i < payloads.size(); i++) {
            String event = "data: " + payloads.get(i) + "\n\n";
            String head = i > 0 ? "" : STREAM_HEAD;
            String tail = i < payloads.size() - 1 ? "" : "0\r\n\r\n";
            writes.add(ByteBuffer.wrap(
                    ascii(head + Integer.toHexString(event.length()) + "\r\n" + event + "\r\n" + tail)));
        }
        return List.copyOf(writes);
    }

    private static String event(String choices, String more) {
        return "{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,"
                + "\"model\":\"gpt-4o-mini\",\"system_fingerprint\":\"fp_bench\",\"choices\":" + choices + more + "}";
    }

    private record Paused(long dueNanos, Connection connection, List<ByteBuffer> rest) {}

    private final class Connection {
        private final SocketChannel channel;
        private final byte[] request = new byte[REQUEST_BYTES_MAX];
        private final Queue<ByteBuffer> output = new ArrayDeque<>();
        private int length;

        Connection(SocketChannel channel) {
            this.channel = channel;
        }

        void ready(SelectionKey key) {
            try {
                if (key.isWritable()) {
                    flush();
                }
                if (key.isReadable()) {
                    read();
                }
            } catch (IOException gone) {
                close();
            }
        }

        private void close() {
            try {
                channel.close();
            } catch (IOException fault) {
                System.err.println("mock provider: a connection was not closed: " + fault.getMessage());
            }
        }

        private void read() throws IOException {
            int count = channel.read(ByteBuffer.wrap(request, length, REQUEST_BYTES_MAX - length));
            if (count < 0 || length + count == REQUEST_BYTES_MAX) {
                close();
                return;
            }
            length += count;
            int headEnd = indexOf(HEAD_END, 0, length);
            if (headEnd < 0) {
                return;
            }
            int bodyStart = headEnd + HEAD_END.length;
            int lengthField = indexOf(CONTENT_LENGTH, 0, headEnd);
            boolean whole = lengthField < 0
                    ? indexOf(LAST_CHUNK, headEnd, length) >= 0 || request[0] != 'P'
                    : length - bodyStart >= number(lengthField + CONTENT_LENGTH.length);
            if (whole) {
                answer(bodyStart);
                length = 0;
                flush();
            }
        }

        private void answer(int bodyStart) {
            if (indexOf(TARGET, 0, TARGET.length) != 0) {
                output.add(notFound.duplicate());
            } else if (indexOf(STREAM, bodyStart, length) < 0) {
                output.add(completion.duplicate());
            } else {
                List<ByteBuffer> all = indexOf(USAGE, bodyStart, length) < 0 ? events : eventsWithUsage;
                if (indexOf(PACED, bodyStart, length) < 0) {
                    all.forEach(event -> output.add(event.duplicate()));
                } else {
                    output.add(all.getFirst().duplicate());
                    paused.add(new Paused(System.nanoTime() + PAUSE_NANOS, this, all.subList(1, all.size())));
                }
            }
        }

        void enqueue(List<ByteBuffer> rest) {
            rest.forEach(event -> output.add(event.duplicate()));
            try {
                flush();
            } catch (IOException gone) {
                close();
            }
        }

        private void flush() throws IOException {
            for (ByteBuffer next = output.peek(); next != null; next = output.peek()) {
                channel.write(next);
                if (next.hasRemaining()) {
                    interest(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
                    return;
                }
                output.remove();
            }
            interest(SelectionKey.OP_READ);
        }

        private void interest(int operations) {
            SelectionKey key = channel.keyFor(selector);
            if (key != null && key.isValid() && key.interestOps() != operations) {
                key.interestOps(operations);
            }
        }

        /** Where {@code wanted}, in lower case, begins in the request, letters compared without case; -1 when nowhere. */
        private int indexOf(byte[] wanted, int from, int to) {
            for (int i = from; i <= to - wanted.length; i++) {
                int matched = 0;
                while (matched < wanted.length && same(request[i + matched], wanted[matched])) {
                    matched++;
                }
                if (matched == wanted.length) {
                    return i;
                }
            }
            return -1;
        }

        private static boolean same(byte one, byte other) {
            return one == other || (one | 0x20) == (other | 0x20) && Character.isLetter(other);
        }

        private int number(int start) {
            int value = 0;
            for (int i = start; i < length && request[i] != '\r'; i++) {
                if (request[i] != ' ') {
                    value = value * 10 + (request[i] - '0');
                }
            }
            return value;
        }
    }
}
