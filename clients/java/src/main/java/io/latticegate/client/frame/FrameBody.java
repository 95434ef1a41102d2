package io.latticegate.client.frame;

import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** The body of a request: one JSON frame, then its ciphertexts. */
public final class FrameBody {
    /** How the service and its clients name it. */
    public static final String MEDIA_TYPE = "application/vnd.latticegate.frames";

    private final List<byte[]> pieces = new ArrayList<>();
    private long bytes;

    private FrameBody() {}

    /** A body that sends the arrays as they are, which stay unchanged until then. */
    public static FrameBody of(byte[] json, List<byte[]> ciphertexts) {
        FrameBody body = new FrameBody();
        body.add(FrameType.JSON, json);
        ciphertexts.forEach(ciphertext -> body.add(FrameType.CIPHERTEXT, ciphertext));
        return body;
    }

    private void add(int type, byte[] payload) {
        byte[] header = ByteBuffer.allocate(FrameType.HEADER_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(type)
                .putInt(payload.length)
                .array();
        pieces.add(header);
        pieces.add(payload);
        bytes += header.length + payload.length;
    }

    /** The bytes one after another, their number known. */
    public BodyPublisher publisher() {
        return BodyPublishers.fromPublisher(BodyPublishers.ofByteArrays(pieces), bytes);
    }
}
