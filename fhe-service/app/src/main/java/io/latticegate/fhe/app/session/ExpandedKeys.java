package io.latticegate.fhe.app.session;

import io.latticegate.fhe.app.http.Refusal;
import io.latticegate.fhe.core.wire.CiphertextShape;
import io.latticegate.fhe.core.wire.KeySink;
import io.latticegate.fhe.core.wire.MappedKeys;
import io.latticegate.fhe.core.wire.ResidueSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes keys to a file in the order in which they are read, which is the order in which {@link MappedKeys} has them, so that
 * the file can be mapped. Residues arrive in order and whole.
 */
final class ExpandedKeys implements KeySink {
    private static final int BUFFER_BYTES = 1 << 18;

    private final WritableByteChannel channel;
    private final long bytesMax;
    private final long quota;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final List<Integer> indices = new ArrayList<>();
    private long bytes;

    /**
     * @param bytesMax what may be written
     * @param quota what the owner has left, for the refusal's kind
     */
    ExpandedKeys(WritableByteChannel channel, long bytesMax, long quota) {
        this.channel = channel;
        this.bytesMax = bytesMax;
        this.quota = quota;
    }

    @Override
    public ResidueSink digit(int index, int digit, CiphertextShape shape) {
        if (digit == 0) {
            indices.add(index);
        }
        bytes += (long) shape.words() * Long.BYTES;
        if (bytes > bytesMax) {
            throw bytesMax == quota
                    ? KeyFiles.overQuota(quota)
                    : Refusal.tooLarge("The keys take " + bytes + " bytes when their seeds are expanded", bytesMax);
        }
        return this::write;
    }

    private void write(long[] residues, int count) throws IOException {
        for (int at = 0; at < count; ) {
            if (!buffer.hasRemaining()) {
                flush();
            }
            int words = Math.min(count - at, buffer.remaining() / Long.BYTES);
            buffer.asLongBuffer().put(residues, at, words);
            buffer.position(buffer.position() + words * Long.BYTES);
            at += words;
        }
    }

    /** Writes what is still here. */
    void flush() throws IOException {
        buffer.flip();
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        buffer.clear();
    }

    /** What the file has. */
    long bytes() {
        return bytes;
    }

    List<Integer> indices() {
        return List.copyOf(indices);
    }
}
