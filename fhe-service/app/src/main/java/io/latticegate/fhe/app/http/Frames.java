package io.latticegate.fhe.app.http;

import io.vertx.core.json.JsonObject;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/**
 * Reads a body of {@value #TYPE}: one JSON frame, then ciphertext frames. A frame is a type (1 byte), three zero bytes, the
 * length of its payload (4 bytes, least significant first) and the payload. Types and lengths are checked before a payload is
 * read; payloads pass through, and are not kept here. For one thread.
 */
public final class Frames {
    /** The media type. */
    public static final String TYPE = "application/vnd.latticegate.frames";

    /** Length of a frame's head, in bytes. */
    public static final int HEAD_BYTES = 8;

    static final int JSON = 1;
    static final int CIPHERTEXT = 2;
    static final int END = 3;
    static final int ERROR = 4;

    private static final int JSON_MAX = 64 << 10;

    private final InputStream in;
    private int frames;
    private boolean headRead;
    private int type;
    private long length;

    /** Reads what a container holds. */
    @FunctionalInterface
    public interface Reading<T> {
        /** @param container holds one frame's payload and nothing behind it */
        T from(InputStream container) throws IOException;
    }

    /** @param in the body, bounded by its owner */
    public Frames(InputStream in) {
        this.in = in;
    }

    /** The longest body of one JSON frame and this many ciphertexts. */
    public static long bodyBytesMax(int ciphertexts, long ciphertextBytesMax) {
        return HEAD_BYTES + JSON_MAX + ciphertexts * (HEAD_BYTES + ciphertextBytesMax);
    }

    /** The first frame. @throws Refusal 400 where it is not JSON of at most 64 KiB */
    public JsonObject json() throws IOException {
        if (!more()) {
            throw Refusal.invalid("The body is empty; it begins with a JSON frame");
        }
        if (type != JSON || length > JSON_MAX) {
            throw Refusal.invalid("Frame 0 has type " + type + " and " + length
                    + " bytes; a body begins with a JSON frame (type 1) of at most " + JSON_MAX + " bytes");
        }
        byte[] payload = in.readNBytes((int) length);
        if (payload.length < length) {
            throw truncated();
        }
        passed();
        return Call.parse(payload, "Frame 0");
    }

    /**
     * The next ciphertext.
     *
     * @param bytesMax of its container
     * @throws Refusal 400 where another frame or the body's end follows, 413 where it is longer
     */
    public <T> T ciphertext(long bytesMax, Reading<T> reading) throws IOException {
        if (!more()) {
            throw Refusal.invalid("The body ends before frame " + frames + ", a ciphertext");
        }
        if (type != CIPHERTEXT) {
            throw Refusal.invalid("Frame " + frames + " has type " + type + "; allowed is a ciphertext (type 2)");
        }
        if (length > bytesMax) {
            throw Refusal.tooLarge("Frame " + frames + " has " + length + " bytes", bytesMax);
        }
        Payload payload = new Payload(in, length);
        T read = reading.from(payload);
        if (payload.left > 0) {
            throw Refusal.invalid("Frame " + frames + " has bytes behind its container");
        }
        passed();
        return read;
    }

    /** Checks that nothing follows. */
    public void end() throws IOException {
        if (more()) {
            throw Refusal.invalid("Frame " + frames + " follows the last that is allowed");
        }
    }

    /** Whether a further frame follows; reads its head. */
    public boolean more() throws IOException {
        if (!headRead) {
            length = head();
            headRead = true;
        }
        return length >= 0;
    }

    /** The number of the frame that follows. */
    public int number() {
        return frames;
    }

    private void passed() {
        frames++;
        headRead = false;
    }

    /** Reads a head into {@link #type}; its length, or -1 at the end of the body. */
    private long head() throws IOException {
        byte[] head = in.readNBytes(HEAD_BYTES);
        if (head.length == 0) {
            return -1;
        }
        if (head.length < HEAD_BYTES) {
            throw truncated();
        }
        if ((head[1] | head[2] | head[3]) != 0) {
            throw Refusal.invalid("Frame " + frames + " has a head whose bytes 1 to 3 are not zero");
        }
        type = head[0] & 0xff;
        return head[4] & 0xffL | (head[5] & 0xffL) << 8 | (head[6] & 0xffL) << 16 | (head[7] & 0xffL) << 24;
    }

    private Refusal truncated() {
        return Refusal.invalid("The body ends inside frame " + frames);
    }

    /** The payload of one frame. */
    private final class Payload extends FilterInputStream {
        private long left;

        private Payload(InputStream in, long length) {
            super(in);
            this.left = length;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] to, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, to.length);
            if (length == 0) {
                return 0;
            }
            if (left == 0) {
                return -1;
            }
            int count = in.read(to, offset, (int) Math.min(length, left));
            if (count < 0) {
                throw truncated();
            }
            left -= count;
            return count;
        }

        @Override
        public long skip(long count) throws IOException {
            return read(new byte[(int) Math.min(count, 8_192)]);
        }

        @Override
        public int available() {
            return 0;
        }

        @Override
        public boolean markSupported() {
            return false;
        }

        @Override
        public void close() {}
    }
}
