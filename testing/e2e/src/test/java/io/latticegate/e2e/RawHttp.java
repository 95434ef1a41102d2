package io.latticegate.e2e;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Writes bytes to a socket as they are, and reads what comes until the other side closes. */
final class RawHttp {
    private static final int ANSWER_BYTES_MAX = 4 << 20;

    /** How long a second answer is awaited after a whole one. */
    private static final int SECOND_ANSWER_MILLIS = 60;

    private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: *(\\d{1,9})\r\n");

    /**
     * Everything that came back.
     *
     * @param closed false when the other side still held the connection open at the end of the patience
     */
    record Answer(byte[] bytes, boolean closed) {
        String text() {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }

        /** The status of the first answer; 0 when nothing came. */
        int status() {
            String text = text();
            return text.startsWith("HTTP/1.") ? Integer.parseInt(text.substring(9, 12)) : 0;
        }

        /** How many answers came: more than one where one request was taken for two. */
        int answers() {
            return text().split("HTTP/1\\.[01] \\d{3}", -1).length - 1;
        }

        String body() {
            int end = text().indexOf("\r\n\r\n");
            return end < 0 ? "" : text().substring(end + 4);
        }
    }

    static Answer send(int port, byte[] request, Duration patience) {
        return send(port, patience, out -> {
            try {
                out.write(request);
                out.flush();
            } catch (IOException gone) {
                throw new UncheckedIOException(gone);
            }
        });
    }

    /** {@code request} runs on a thread of its own, so that an answer is read while it still writes. */
    static Answer send(int port, Duration patience, Consumer<OutputStream> request) {
        try (Socket socket = new Socket()) {
            socket.setTcpNoDelay(true);
            socket.connect(new InetSocketAddress("127.0.0.1", port), 2_000);
            OutputStream out = socket.getOutputStream();
            Thread writer = Thread.ofVirtual().start(() -> {
                try {
                    request.accept(out);
                } catch (UncheckedIOException refusedWhileWriting) {
                    Thread.currentThread().interrupt();
                }
            });
            Answer answer = read(socket, patience);
            socket.close();
            writer.join();
            return answer;
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupt);
        }
    }

    private static Answer read(Socket socket, Duration patience) throws IOException {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        InputStream in = socket.getInputStream();
        byte[] buffer = new byte[8192];
        socket.setSoTimeout(Math.toIntExact(patience.toMillis()));
        try {
            int read;
            while (answer.size() < ANSWER_BYTES_MAX && (read = in.read(buffer)) >= 0) {
                answer.write(buffer, 0, read);
                if (whole(answer.toString(StandardCharsets.ISO_8859_1))) {
                    socket.setSoTimeout(SECOND_ANSWER_MILLIS);
                }
            }
            return new Answer(answer.toByteArray(), true);
        } catch (SocketTimeoutException open) {
            return new Answer(answer.toByteArray(), false);
        } catch (IOException reset) {
            return new Answer(answer.toByteArray(), true);
        }
    }

    private static boolean whole(String text) {
        Matcher length = LENGTH.matcher(text);
        int end = text.indexOf("\r\n\r\n");
        return end > 0
                && length.find()
                && length.start() < end
                && text.length() >= end + 4 + Integer.parseInt(length.group(1));
    }

    private RawHttp() {}
}
