package io.latticegate.fhe.core.wire.zstd;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/**
 * Decodes one Zstandard frame, block by block, as it is read (RFC 8878). It reads no byte behind the frame. Not safe for use
 * by several threads.
 */
public final class ZstdInputStream extends InputStream {
    /** The greatest window, which is also what Microsoft SEAL accepts. */
    public static final int WINDOW_BYTES_MAX = 1 << 23;

    static final int BLOCK_BYTES_MAX = 1 << 17;

    private static final int MAGIC = 0xFD2FB528;

    private final InputStream in;
    private final byte[] block = new byte[BLOCK_BYTES_MAX];
    private final byte[] one = new byte[1];
    private final Literals literals = new Literals();
    private final Sequences sequences = new Sequences();
    private final History history = new History();
    private final XxHash64 hash = new XxHash64();
    private State state = State.START;
    private int blockMax;
    private boolean checksum;
    private long contentLeft = -1;

    private enum State {
        START,
        BLOCKS,
        END
    }

    /** A decoder of the frame that the input begins with; the input is not closed. */
    public ZstdInputStream(InputStream in) {
        this.in = in;
    }

    @Override
    public int read() throws IOException {
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /**
     * Decodes more of the frame.
     *
     * @throws MalformedZstdException when the input is not a frame that is decoded here
     * @throws EOFException when the input ends before the frame
     */
    @Override
    public int read(byte[] out, int offset, int count) throws IOException {
        Objects.checkFromIndexSize(offset, count, out.length);
        if (count == 0) {
            return 0;
        }
        while (history.allTaken()) {
            switch (state) {
                case START -> frameHeader();
                case BLOCKS -> block();
                case END -> {
                    return -1;
                }
            }
        }
        return history.take(out, offset, count);
    }

    private void frameHeader() throws IOException {
        if ((int) field(4) != MAGIC) {
            throw new MalformedZstdException("no Zstandard frame");
        }
        int descriptor = (int) field(1);
        boolean singleSegment = (descriptor >> 5 & 1) == 1;
        if ((descriptor >> 3 & 1) == 1) {
            throw new MalformedZstdException("a frame header with its reserved bit set");
        }
        checksum = (descriptor >> 2 & 1) == 1;
        long window = 0;
        if (!singleSegment) {
            int code = (int) field(1);
            long base = 1L << 10 + (code >> 3);
            window = base + base / 8 * (code & 7);
        }
        int dictionaryBytes = new int[] {0, 1, 2, 4}[descriptor & 3];
        if (field(dictionaryBytes) != 0) {
            throw new MalformedZstdException("a frame that needs a dictionary");
        }
        int sizeFlag = descriptor >> 6 & 3;
        int sizeBytes = sizeFlag == 0 ? (singleSegment ? 1 : 0) : 1 << sizeFlag;
        long contentSize = field(sizeBytes) + (sizeFlag == 1 ? 256 : 0);
        contentLeft = sizeBytes == 0 ? -1 : contentSize;
        if (singleSegment) {
            window = contentSize;
        }
        if (window < 0 || window > WINDOW_BYTES_MAX) {
            throw new MalformedZstdException(
                    "a window of " + Long.toUnsignedString(window) + " bytes; allowed: up to " + WINDOW_BYTES_MAX);
        }
        blockMax = (int) Math.min(window, BLOCK_BYTES_MAX);
        history.open((int) window);
        literals.forget();
        sequences.forget();
        hash.reset();
        state = State.BLOCKS;
    }

    private void block() throws IOException {
        int header = (int) field(3);
        int size = header >>> 3;
        if (size > blockMax) {
            throw new MalformedZstdException("a block of " + size + " bytes; allowed: up to " + blockMax);
        }
        history.startBlock(blockMax);
        int before = history.length();
        switch (header >> 1 & 3) {
            case 0 -> {
                exactly(size);
                history.append(block, 0, size);
            }
            case 1 -> {
                exactly(1);
                history.fill(block[0], size);
            }
            case 2 -> {
                exactly(size);
                if (size == 0) {
                    throw new MalformedZstdException("a compressed block of no bytes");
                }
                int at = literals.read(block, 0, size);
                sequences.run(block, at, size, literals, history);
            }
            default -> throw new MalformedZstdException("a block of the reserved type");
        }
        if (contentLeft >= 0) {
            contentLeft -= history.length() - before;
            if (contentLeft < 0) {
                throw new MalformedZstdException("more content than the frame header says");
            }
        }
        if (checksum) {
            history.hash(hash, before);
        }
        if ((header & 1) == 1) {
            endFrame();
        }
    }

    private void endFrame() throws IOException {
        if (contentLeft > 0) {
            throw new MalformedZstdException("less content than the frame header says");
        }
        if (checksum && (int) field(4) != (int) hash.digest()) {
            throw new MalformedZstdException("a wrong checksum");
        }
        state = State.END;
    }

    /** A little-endian field of 0 to 8 bytes. */
    private long field(int count) throws IOException {
        exactly(count);
        long value = 0;
        for (int i = 0; i < count; i++) {
            value |= (block[i] & 0xffL) << 8 * i;
        }
        return value;
    }

    private void exactly(int count) throws IOException {
        if (in.readNBytes(block, 0, count) < count) {
            throw new EOFException("the input ends before the frame");
        }
    }
}
