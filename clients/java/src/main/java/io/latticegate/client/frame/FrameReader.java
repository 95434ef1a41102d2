package io.latticegate.client.frame;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.latticegate.client.error.BrokenReplyException;
import io.latticegate.client.error.ServiceRefusalException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * Reads a reply frame by frame: one JSON frame, ciphertexts, and an end that says how many frames came before it. A reply
 * that ends otherwise is incomplete, and one that goes on behind its end is refused. Lengths are checked before anything is
 * read. Not for use by several threads.
 */
public final class FrameReader implements AutoCloseable {
    /** The longest JSON frame that is read. */
    static final int JSON_BYTES_MAX = 1 << 20;

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final InputStream in;
    private final long ciphertextBytesMax;
    private long frames;
    private boolean ended;

    /**
     * A reader of a reply.
     *
     * @param in the body; closed with the reader, which tells the service that nobody listens any more
     * @param ciphertextBytesMax the longest ciphertext frame that can be a right one
     */
    public FrameReader(InputStream in, long ciphertextBytesMax) {
        this.in = in;
        this.ciphertextBytesMax = ciphertextBytesMax;
    }

    /**
     * The JSON frame with which the reply begins.
     *
     * @throws ServiceRefusalException where the reply is an error
     */
    public JsonNode head() throws IOException {
        if (frames > 0 || ended) {
            throw new IllegalStateException("the head of a reply is read first, and once");
        }
        Header header = header();
        return switch (header.type()) {
            case FrameType.JSON -> {
                frames++;
                yield json(header.length());
            }
            case FrameType.ERROR -> throw refusal(header.length());
            default ->
                throw new BrokenReplyException("a reply begins with a frame of type " + header.type()
                        + "; allowed are 1, JSON, and 4, an error");
        };
    }

    /**
     * The next ciphertext, or nothing behind the last one.
     *
     * @throws ServiceRefusalException where the service gave up
     * @throws BrokenReplyException where the reply ends without its end
     */
    public Optional<byte[]> next() throws IOException {
        if (ended) {
            return Optional.empty();
        }
        Header header = header();
        return switch (header.type()) {
            case FrameType.CIPHERTEXT -> {
                frames++;
                yield Optional.of(payload(header.length(), ciphertextBytesMax, "a ciphertext frame"));
            }
            case FrameType.END -> {
                end(json(header.length()));
                yield Optional.empty();
            }
            case FrameType.ERROR -> throw refusal(header.length());
            default ->
                throw new BrokenReplyException("frame " + frames + " of a reply has type " + header.type()
                        + "; allowed there are 2, a ciphertext, 3, the end, and 4, an error");
        };
    }

    private void end(JsonNode end) throws IOException {
        JsonNode count = end.path("frames");
        if (!count.isIntegralNumber() || count.asLong() != frames) {
            throw new BrokenReplyException(
                    "the end of a reply counts " + count + " frames; " + frames + " came before it");
        }
        if (in.read() >= 0) {
            throw new BrokenReplyException("something follows the end of a reply");
        }
        ended = true;
    }

    private record Header(int type, long length) {}

    private Header header() throws IOException {
        byte[] bytes = in.readNBytes(FrameType.HEADER_BYTES);
        if (bytes.length < FrameType.HEADER_BYTES) {
            throw new BrokenReplyException(
                    "the reply is incomplete: it stops behind " + frames + " frames without its end");
        }
        ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        return new Header(header.getInt(), Integer.toUnsignedLong(header.getInt()));
    }

    private byte[] payload(long length, long allowed, String what) throws IOException {
        if (length > allowed) {
            throw new BrokenReplyException(what + " of " + length + " bytes; allowed are " + allowed);
        }
        byte[] payload = in.readNBytes((int) length);
        if (payload.length < length) {
            throw new BrokenReplyException(
                    "the reply is incomplete: " + what + " of " + length + " bytes stops behind " + payload.length);
        }
        return payload;
    }

    private JsonNode json(long length) throws IOException {
        byte[] payload = payload(length, JSON_BYTES_MAX, "a JSON frame");
        try {
            JsonNode read = JSON.readTree(payload);
            if (read == null || !read.isObject()) {
                throw new BrokenReplyException("a JSON frame holds no object");
            }
            return read;
        } catch (JsonProcessingException malformed) {
            throw new BrokenReplyException("a JSON frame is malformed", malformed);
        }
    }

    private ServiceRefusalException refusal(long length) throws IOException {
        JsonNode error = json(length).path("error");
        return ServiceRefusalException.of(
                0, error.path("code").asText("unknown"), error.path("message").asText(), null);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
