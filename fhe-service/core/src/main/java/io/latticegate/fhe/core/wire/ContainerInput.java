package io.latticegate.fhe.core.wire;

import io.latticegate.fhe.core.random.ParmsId;
import io.latticegate.fhe.core.wire.ContainerException.Reason;
import io.latticegate.fhe.core.wire.zstd.MalformedZstdException;
import io.latticegate.fhe.core.wire.zstd.ZstdInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;

/**
 * One container, opened for reading: the outermost header is checked, its payload decompressed as it is read, and every
 * byte counted. Nothing is allocated by what the input says. Every method that reads throws {@link ContainerException} where
 * the container is at fault and any other {@link IOException} where the transport is.
 */
public final class ContainerInput implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 15;

    private final InputStream raw;
    private final LimitedSource source;
    private final InputStream payload;
    private final Inflater inflater = new Inflater();
    private final byte[] bytes = new byte[BUFFER_BYTES];
    private final ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    private final Deque<String> path = new ArrayDeque<>();
    private final SealHeader header;
    private final Compression compression;

    /** The position in the decompressed container of the buffer's byte 0. */
    private long bufferStart = SealHeader.BYTES;

    private ContainerInput(InputStream raw, String object, SealHeader header, Compression compression)
            throws IOException {
        this.raw = raw;
        this.header = header;
        this.compression = compression;
        this.source = new LimitedSource(raw, header.size() - SealHeader.BYTES, object);
        this.payload = switch (compression) {
            case NONE -> source;
            case ZLIB -> new InflaterInputStream(source, inflater, BUFFER_BYTES);
            case ZSTD -> new ZstdInputStream(source);
        };
        buffer.limit(0);
        path.addLast(object);
    }

    /**
     * Reads the outermost header.
     *
     * @param in holds one container and nothing else; not closed
     * @param object what is expected, for messages
     * @param sizeMax the greatest size of the decompressed container, with its header
     */
    public static ContainerInput open(InputStream in, String object, long sizeMax) throws IOException {
        byte[] head = in.readNBytes(SealHeader.BYTES);
        String where = object + ", header";
        if (head.length < SealHeader.BYTES) {
            throw new ContainerException(
                    Reason.TRUNCATED, "input of " + head.length + " bytes", where, "a header of 16 bytes");
        }
        SealHeader header = SealHeader.read(ByteBuffer.wrap(head), where);
        Compression compression = switch (header.compression()) {
            case 0 -> Compression.NONE;
            case 1 -> Compression.ZLIB;
            case 2 -> Compression.ZSTD;
            default ->
                throw new ContainerException(
                        Reason.COMPRESSION,
                        "compression " + header.compression(),
                        where,
                        "0 (none), 1 (zlib) or 2 (zstd)");
        };
        long limit = compression == Compression.NONE ? sizeMax : sizeMax + (sizeMax >> 6) + 1024;
        if (header.size() < SealHeader.BYTES || header.size() > limit) {
            throw new ContainerException(
                    Reason.SIZE,
                    "size " + Long.toUnsignedString(header.size()) + " bytes",
                    where,
                    SealHeader.BYTES + " to " + limit + " bytes under the parameters in force");
        }
        return new ContainerInput(in, object, header, compression);
    }

    /** Says which part is read from here on, for messages. */
    void enter(String part) {
        path.addLast(part);
    }

    /** Says that the part is read. */
    void leave() {
        path.removeLast();
    }

    /** The part and the byte that is read next. */
    String where() {
        return String.join(", ", path) + ", byte " + position();
    }

    /** The position in the decompressed container. */
    long position() {
        return bufferStart + buffer.position();
    }

    /** The refusal of what stands at this position. */
    public ContainerException refuse(Reason reason, String what, String allowed) {
        return new ContainerException(reason, what, where(), allowed);
    }

    int u8() throws IOException {
        require(1);
        return buffer.get() & 0xff;
    }

    /** The next 64-bit integer. */
    public long u64() throws IOException {
        require(Long.BYTES);
        return buffer.getLong();
    }

    /** The next double. */
    public double f64() throws IOException {
        require(Double.BYTES);
        return buffer.getDouble();
    }

    /** The next name of a parameter set. */
    public ParmsId parmsId() throws IOException {
        require(ParmsId.BYTES);
        return new ParmsId(buffer.getLong(), buffer.getLong(), buffer.getLong(), buffer.getLong());
    }

    void bytes(byte[] out) throws IOException {
        require(out.length);
        buffer.get(out);
    }

    /** Reads words into the start of an array. */
    public void words(long[] out, int count) throws IOException {
        int done = 0;
        while (done < count) {
            require(Long.BYTES);
            int run = Math.min(count - done, buffer.remaining() / Long.BYTES);
            for (int i = 0; i < run; i++) {
                out[done + i] = buffer.getLong();
            }
            done += run;
        }
    }

    /** The next bytes without taking them: as many as asked for, or fewer where the input ends. */
    ByteBuffer peek(int count) throws IOException {
        fill(count);
        return buffer.slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Reads the header of a nested object.
     *
     * @return the size that it claims, header included
     */
    long nestedHeader() throws IOException {
        require(SealHeader.BYTES);
        String where = where();
        SealHeader nested = SealHeader.read(buffer, where);
        if (nested.minor() != header.minor()) {
            throw new ContainerException(
                    Reason.VERSION,
                    "SEAL version 4." + nested.minor(),
                    where,
                    "4." + header.minor() + ", as in the outermost header");
        }
        if (nested.compression() != Compression.NONE.number()) {
            throw new ContainerException(
                    Reason.COMPRESSION, "compression " + nested.compression(), where, "0 (none) in a nested object");
        }
        return nested.size();
    }

    /** Reads the header of a nested object whose size is known. */
    public void nestedHeader(long size) throws IOException {
        long claimed = nestedHeader();
        if (claimed != size) {
            throw refuse(Reason.SIZE, "size " + Long.toUnsignedString(claimed) + " bytes", size + " bytes");
        }
    }

    /** Ends the object: nothing may follow it, neither in the payload nor behind it. */
    public void end() throws IOException {
        if (fill(1) > 0 || source.left() > 0 || inflater.getRemaining() > 0) {
            throw refuse(Reason.TRAILING, "bytes behind the object", "the end of the payload");
        }
        if (raw.read() >= 0) {
            throw refuse(Reason.TRAILING, "bytes behind the container", "the end of the input");
        }
    }

    private void require(int count) throws IOException {
        int present = fill(count);
        if (present < count) {
            throw refuse(Reason.TRUNCATED, "end of the payload", count - present + " bytes more");
        }
    }

    /** Tries to have this many bytes in the buffer and says how many there are, at most as many as asked for. */
    private int fill(int count) throws IOException {
        if (buffer.remaining() >= count) {
            return count;
        }
        bufferStart += buffer.position();
        buffer.compact();
        try {
            while (buffer.position() < count) {
                int read = payload.read(bytes, buffer.position(), buffer.remaining());
                if (read < 0) {
                    break;
                }
                buffer.position(buffer.position() + read);
            }
        } catch (ZipException | MalformedZstdException | EOFException fault) {
            buffer.flip();
            throw refuse(
                    Reason.COMPRESSION,
                    "broken " + compression + " data (" + fault.getMessage() + ")",
                    "a whole compressed payload");
        }
        buffer.flip();
        return Math.min(count, buffer.remaining());
    }

    @Override
    public void close() {
        inflater.end();
        Arrays.fill(bytes, (byte) 0);
    }

    /** The payload as it is in the input: exactly as many bytes as the header claims. */
    private static final class LimitedSource extends InputStream {
        private final InputStream raw;
        private final String object;
        private long left;

        LimitedSource(InputStream raw, long left, String object) {
            this.raw = raw;
            this.left = left;
            this.object = object;
        }

        long left() {
            return left;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] out, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            if (left == 0) {
                return -1;
            }
            int read = raw.read(out, offset, (int) Math.min(length, left));
            if (read < 0) {
                throw new ContainerException(
                        Reason.TRUNCATED, "end of the input", object, left + " bytes more, as its header says");
            }
            left -= read;
            return read;
        }
    }
}
