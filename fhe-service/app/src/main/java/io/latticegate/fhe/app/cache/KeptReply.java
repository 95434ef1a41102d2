package io.latticegate.fhe.app.cache;

import io.latticegate.fhe.app.http.FrameReply;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** A whole reply, as it was sent. */
public final class KeptReply {
    private static final long HEAD_BYTES = 1 << 10;

    private final JsonObject head;
    private final List<byte[]> ciphertexts = new ArrayList<>();
    private long bytes = HEAD_BYTES;

    /** A reply that begins with this frame. */
    public KeptReply(JsonObject head) {
        this.head = head;
    }

    /** The frame that it begins with. */
    public JsonObject head() {
        return head;
    }

    /** A further frame; not copied. */
    public void add(byte[] container) {
        ciphertexts.add(container);
        bytes += container.length;
    }

    /** What it takes in memory. */
    public long bytes() {
        return bytes;
    }

    /** Sends it again, byte by byte the same. */
    public void send(FrameReply reply) {
        reply.json(head);
        ciphertexts.forEach(reply::ciphertext);
        reply.end();
    }
}
