package io.latticegate.e2e;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A provider that writes to its socket what a test says, as no HTTP server would. Reads one request per connection, a body
 * only by {@code Content-Length}, answers, and closes.
 */
final class RawProvider implements AutoCloseable {
    private static final int HEAD_BYTES_MAX = 64 << 10;
    private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: *(\\d{1,9})\r\n");

    private final ServerSocket server;
    private final List<Call> calls = new CopyOnWriteArrayList<>();
    private volatile @Nullable Conversation conversation;
    private volatile Script script = (call, out) -> out.write(answer(200, "{}"));

    /** What is written for a request. */
    @FunctionalInterface
    interface Script {
        /** An {@link IOException} of {@code out} means that the gateway has hung up. */
        void answer(Call call, OutputStream out) throws IOException;
    }

    /** What is read and written after a head; the body is not read before. */
    @FunctionalInterface
    interface Conversation {
        /** An {@link IOException} means that the gateway has hung up. */
        void hold(Call call, InputStream in, OutputStream out) throws IOException;
    }

    /** One request, and how its answer went. */
    static final class Call {
        private final String head;
        private final byte[] body;
        private volatile boolean ended;
        private volatile boolean hungUp;
        private volatile long written;

        private Call(String head, byte[] body) {
            this.head = head;
            this.body = body;
        }

        /** For example {@code GET /v1/models HTTP/1.1}. */
        String requestLine() {
            return head.substring(0, head.indexOf("\r\n"));
        }

        /** Request line and header lines. */
        String head() {
            return head;
        }

        Optional<String> header(String name) {
            return head.lines()
                    .skip(1)
                    .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
                    .map(line -> line.substring(name.length() + 1).strip())
                    .findFirst();
        }

        byte[] body() {
            return body;
        }

        /** Whether everything was written, or the gateway has hung up. */
        boolean ended() {
            return ended;
        }

        /** Whether the gateway hung up before everything was written. */
        boolean hungUp() {
            return hungUp;
        }

        /** Bytes that the operating system took. */
        long written() {
            return written;
        }
    }

    RawProvider() throws IOException {
        server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::serve);
    }

    String url() {
        return "http://127.0.0.1:" + server.getLocalPort();
    }

    /** Replaces the answer and forgets the requests so far. */
    void answers(Script answer) {
        calls.clear();
        conversation = null;
        script = answer;
    }

    /** Replaces the answer by a conversation that reads the body itself, and forgets the requests so far. */
    void converses(Conversation held) {
        calls.clear();
        conversation = held;
    }

    void answers(byte[] answer) {
        answers((call, out) -> out.write(answer));
    }

    void answers(String answer) {
        answers(answer.getBytes(StandardCharsets.ISO_8859_1));
    }

    List<Call> calls() {
        return calls;
    }

    Call lastCall() {
        return calls.getLast();
    }

    /** A whole answer with a length and an end of the connection. */
    static byte[] answer(int status, String json) {
        return answer(status, json.getBytes(StandardCharsets.UTF_8), "Content-Type: application/json");
    }

    static byte[] answer(int status, byte[] body, String... headers) {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        answer.writeBytes(head(status, headers)
                .replace("\r\n\r\n", "\r\nContent-Length: " + body.length + "\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1));
        answer.writeBytes(body);
        return answer.toByteArray();
    }

    /** A head without a length. */
    static String head(int status, String... headers) {
        return "HTTP/1.1 " + status + " Words\r\nConnection: close\r\n"
                + String.join(
                        "", List.of(headers).stream().map(line -> line + "\r\n").toList()) + "\r\n";
    }

    @Override
    public void close() throws IOException {
        server.close();
    }

    private void serve() {
        try {
            while (!server.isClosed()) {
                Socket socket = server.accept();
                Thread.ofVirtual().start(() -> talk(socket));
            }
        } catch (IOException closed) {
            assert server.isClosed();
        }
    }

    private void talk(Socket socket) {
        try (socket) {
            Conversation held = conversation;
            Call call = read(socket.getInputStream(), held == null);
            if (call == null) {
                return;
            }
            calls.add(call);
            try {
                OutputStream out = counted(call, socket.getOutputStream());
                if (held == null) {
                    script.answer(call, out);
                } else {
                    held.hold(call, socket.getInputStream(), out);
                }
                socket.shutdownOutput();
            } catch (IOException gone) {
                call.hungUp = true;
            }
            call.ended = true;
        } catch (IOException reset) {
            throw new UncheckedIOException(reset);
        }
    }

    private static OutputStream counted(Call call, OutputStream out) {
        return new OutputStream() {
            @Override
            public void write(int octet) throws IOException {
                write(new byte[] {(byte) octet}, 0, 1);
            }

            @Override
            @SuppressWarnings("NonAtomicVolatileUpdate")
            public void write(byte[] bytes, int offset, int length) throws IOException {
                out.write(bytes, offset, length);
                call.written += length;
            }
        };
    }

    private static @Nullable Call read(InputStream in, boolean withBody) throws IOException {
        StringBuilder head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            int octet = in.read();
            if (octet < 0 || head.length() > HEAD_BYTES_MAX) {
                return null;
            }
            head.append((char) octet);
        }
        Matcher length = LENGTH.matcher(head);
        byte[] body = withBody && length.find() ? in.readNBytes(Integer.parseInt(length.group(1))) : new byte[0];
        return new Call(head.toString(), body);
    }
}
