package io.latticegate.bench.load;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Reads HTTP/1.1 responses (RFC 9112) off one connection, in pieces of any size, and checks what a load generator can
 * check cheaply: that a JSON answer begins and ends as an object, and how many events a stream had.
 */
final class ResponseReader {
    private static final byte[] EVENT = "data:".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LAST_EVENT = "data: [DONE]".getBytes(StandardCharsets.US_ASCII);
    private static final int HEAD_BYTES_MAX = 16 << 10;

    private enum State {
        HEAD,
        LENGTH,
        CHUNK_SIZE,
        CHUNK,
        CHUNK_END,
        TRAILER
    }

    private final byte[] head = new byte[HEAD_BYTES_MAX];
    private State state = State.HEAD;
    private int headLength;
    private int status;
    private long remaining;
    private boolean sizeExtension;
    private int trailerLineLength;
    private boolean persistent;
    private boolean bodyStarted;
    private byte firstByte;
    private byte lastByte;
    private int lineLength;
    private boolean eventLine;
    private boolean lastEventLine;
    private int events;
    private boolean ended;

    /** Forgets the last response. */
    void reset() {
        state = State.HEAD;
        headLength = 0;
        status = 0;
        remaining = 0;
        trailerLineLength = 0;
        persistent = true;
        bodyStarted = false;
        lineLength = 0;
        eventLine = true;
        lastEventLine = true;
        events = 0;
        ended = false;
    }

    /**
     * Takes bytes up to the end of the response.
     *
     * @return whether the response is complete
     * @throws MalformedResponseException when the bytes are no HTTP/1.1 response with a framed body
     */
    boolean read(ByteBuffer bytes) throws MalformedResponseException {
        while (bytes.hasRemaining()) {
            boolean complete = switch (state) {
                case HEAD -> head(bytes);
                case LENGTH -> body(bytes) && remaining == 0;
                case CHUNK_SIZE -> chunkSize(bytes);
                case CHUNK -> {
                    body(bytes);
                    state = remaining == 0 ? State.CHUNK_END : State.CHUNK;
                    yield false;
                }
                case CHUNK_END -> {
                    if (bytes.get() == '\n') {
                        beginChunk();
                    }
                    yield false;
                }
                case TRAILER -> trailer(bytes.get());
            };
            if (complete) {
                return true;
            }
        }
        return false;
    }

    int status() {
        return status;
    }

    /** Events whose {@code data:} has been read, the closing one included. */
    int events() {
        return events;
    }

    /** Whether the stream has said {@code [DONE]}. */
    boolean ended() {
        return ended;
    }

    boolean isObject() {
        return bodyStarted && firstByte == '{' && (lastByte == '}' || lastByte == '\n');
    }

    /** Whether the server keeps the connection open. */
    boolean persistent() {
        return persistent;
    }

    private boolean head(ByteBuffer bytes) throws MalformedResponseException {
        while (bytes.hasRemaining()) {
            if (headLength == HEAD_BYTES_MAX) {
                throw new MalformedResponseException("a head of more than " + HEAD_BYTES_MAX + " bytes");
            }
            byte next = bytes.get();
            head[headLength++] = next;
            if (next == '\n'
                    && headLength >= 4
                    && head[headLength - 2] == '\r'
                    && head[headLength - 3] == '\n'
                    && head[headLength - 4] == '\r') {
                return framing();
            }
        }
        return false;
    }

    private boolean framing() throws MalformedResponseException {
        if (headLength < 16 || head[0] != 'H' || head[7] != '1') {
            throw new MalformedResponseException("no HTTP/1.1 status line");
        }
        status = (head[9] - '0') * 100 + (head[10] - '0') * 10 + (head[11] - '0');
        long length = -1;
        boolean chunked = false;
        int start = 0;
        for (int i = 0; i < headLength; i++) {
            if (head[i] != '\n') {
                continue;
            }
            int first = head[start] | 0x20;
            if (first == 'c' || first == 't') {
                String line = new String(head, start, i - start, StandardCharsets.ISO_8859_1)
                        .trim()
                        .toLowerCase(Locale.ROOT);
                if (line.startsWith("content-length:")) {
                    length = Long.parseLong(line.substring(15).trim());
                } else if (line.startsWith("transfer-encoding:")) {
                    chunked = line.endsWith("chunked");
                } else if (line.startsWith("connection:") && line.endsWith("close")) {
                    persistent = false;
                }
            }
            start = i + 1;
        }
        if (chunked) {
            beginChunk();
            return false;
        }
        if (length < 0) {
            throw new MalformedResponseException("status " + status + " without Content-Length and not chunked");
        }
        remaining = length;
        state = State.LENGTH;
        return length == 0;
    }

    private void beginChunk() {
        state = State.CHUNK_SIZE;
        remaining = 0;
        sizeExtension = false;
    }

    private boolean chunkSize(ByteBuffer bytes) throws MalformedResponseException {
        byte next = bytes.get();
        if (next == '\n') {
            state = remaining == 0 ? State.TRAILER : State.CHUNK;
            trailerLineLength = 0;
        } else if (next == ';') {
            sizeExtension = true;
        } else if (next != '\r' && !sizeExtension) {
            int digit = Character.digit(next, 16);
            if (digit < 0 || remaining > Integer.MAX_VALUE) {
                throw new MalformedResponseException("a bad chunk size");
            }
            remaining = remaining * 16 + digit;
        }
        return false;
    }

    private boolean trailer(byte next) {
        if (next == '\n') {
            boolean empty = trailerLineLength == 0;
            trailerLineLength = 0;
            return empty;
        }
        if (next != '\r') {
            trailerLineLength++;
        }
        return false;
    }

    private boolean body(ByteBuffer bytes) {
        int count = (int) Math.min(remaining, bytes.remaining());
        for (int i = 0; i < count; i++) {
            content(bytes.get());
        }
        remaining -= count;
        return true;
    }

    private void content(byte next) {
        if (!bodyStarted) {
            bodyStarted = true;
            firstByte = next;
        }
        lastByte = next;
        if (next == '\n') {
            lineLength = 0;
            eventLine = true;
            lastEventLine = true;
            return;
        }
        if (eventLine && lineLength < EVENT.length) {
            eventLine = EVENT[lineLength] == next;
            if (eventLine && lineLength == EVENT.length - 1) {
                events++;
            }
        }
        if (lastEventLine && lineLength < LAST_EVENT.length) {
            lastEventLine = LAST_EVENT[lineLength] == next;
            if (lastEventLine && lineLength == LAST_EVENT.length - 1) {
                ended = true;
            }
        }
        lineLength++;
    }
}
