package io.latticegate.fhe.core.wire;

import io.latticegate.fhe.core.random.ParmsId;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Writes the fields of containers, least significant byte first, through a small buffer. */
public final class ContainerOutput {
    private final OutputStream out;
    private final ByteBuffer buffer = ByteBuffer.allocate(1 << 15).order(ByteOrder.LITTLE_ENDIAN);

    /** An output that {@link #flush()} completes; the stream is not closed. */
    public ContainerOutput(OutputStream out) {
        this.out = out;
    }

    /** Writes an object header; the size includes it. */
    public void header(Compression compression, long size) throws IOException {
        room(SealHeader.BYTES);
        buffer.putShort(SealHeader.MAGIC)
                .put((byte) SealHeader.BYTES)
                .put((byte) SealHeader.MAJOR)
                .put((byte) SealHeader.MINOR_WRITTEN)
                .put((byte) compression.number())
                .putShort((short) 0)
                .putLong(size);
    }

    void u8(int value) throws IOException {
        room(1);
        buffer.put((byte) value);
    }

    /** Writes a 64-bit integer. */
    public void u64(long value) throws IOException {
        room(Long.BYTES);
        buffer.putLong(value);
    }

    /** Writes a double. */
    public void f64(double value) throws IOException {
        room(Double.BYTES);
        buffer.putDouble(value);
    }

    /** Writes the name of a parameter set. */
    public void parmsId(ParmsId id) throws IOException {
        room(ParmsId.BYTES);
        buffer.putLong(id.word0()).putLong(id.word1()).putLong(id.word2()).putLong(id.word3());
    }

    void bytes(byte[] bytes) throws IOException {
        room(bytes.length);
        buffer.put(bytes);
    }

    /** Writes an array object. */
    public void array(long[] words) throws IOException {
        header(Compression.NONE, SealHeader.BYTES + Long.BYTES + (long) words.length * Long.BYTES);
        u64(words.length);
        for (long word : words) {
            u64(word);
        }
    }

    /** Hands on what is buffered and overwrites the buffer. */
    public void flush() throws IOException {
        out.write(buffer.array(), 0, buffer.position());
        Arrays.fill(buffer.array(), (byte) 0);
        buffer.clear();
    }

    private void room(int count) throws IOException {
        if (buffer.remaining() < count) {
            flush();
        }
    }
}
