package io.latticegate.fhe.core.wire.zstd;

import java.util.Arrays;

/** The literals section of a compressed block (RFC 8878, section 3.1.1.3.1). */
final class Literals {
    private final byte[] bytes = new byte[ZstdInputStream.BLOCK_BYTES_MAX];
    private final HuffmanTable huffman = new HuffmanTable();
    private int length;

    /** Forgets the Huffman code, as at the start of a frame. */
    void forget() {
        huffman.forget();
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    /**
     * Reads the section.
     *
     * @return the first byte behind it
     */
    int read(byte[] data, int from, int to) throws MalformedZstdException {
        int type = data[from] & 3;
        int format = data[from] >> 2 & 3;
        return type < 2 ? plain(data, from, to, type == 1, format) : coded(data, from, to, type == 3, format);
    }

    private int plain(byte[] data, int from, int to, boolean repeated, int format) throws MalformedZstdException {
        int headBytes = (format & 1) == 0 ? 1 : format == 1 ? 2 : 3;
        long head = head(data, from, to, headBytes);
        length = checked((int) (head >>> (headBytes == 1 ? 3 : 4)));
        int start = from + headBytes;
        int stored = repeated ? 1 : length;
        if (start + stored > to) {
            throw new MalformedZstdException("literals that do not end");
        }
        if (repeated) {
            Arrays.fill(bytes, 0, length, data[start]);
        } else {
            System.arraycopy(data, start, bytes, 0, length);
        }
        return start + stored;
    }

    private int coded(byte[] data, int from, int to, boolean repeatCode, int format) throws MalformedZstdException {
        int headBytes = format < 2 ? 3 : format + 2;
        int sizeBits = format < 2 ? 10 : format == 2 ? 14 : 18;
        long head = head(data, from, to, headBytes);
        length = checked((int) (head >>> 4 & (1L << sizeBits) - 1));
        int start = from + headBytes;
        int behind = start + (int) (head >>> 4 + sizeBits & (1L << sizeBits) - 1);
        if (behind > to) {
            throw new MalformedZstdException("literals that do not end");
        }
        if (!repeatCode) {
            start = huffman.read(data, start, behind);
        } else if (!huffman.present()) {
            throw new MalformedZstdException("literals that repeat a Huffman code before the first");
        }
        if (format == 0) {
            huffman.decode(data, start, behind, bytes, 0, length);
        } else {
            fourStreams(data, start, behind);
        }
        return behind;
    }

    private void fourStreams(byte[] data, int from, int to) throws MalformedZstdException {
        int start = from + 6;
        int each = (length + 3) / 4;
        if (start > to || length < 3 * each) {
            throw new MalformedZstdException("four literal streams without room");
        }
        for (int stream = 0; stream < 4; stream++) {
            int size = stream == 3
                    ? to - start
                    : (data[from + 2 * stream] & 0xff) | (data[from + 2 * stream + 1] & 0xff) << 8;
            if (start + size > to) {
                throw new MalformedZstdException("a literal stream that does not end");
            }
            int count = stream == 3 ? length - 3 * each : each;
            huffman.decode(data, start, start + size, bytes, stream * each, count);
            start += size;
        }
    }

    private static long head(byte[] data, int from, int to, int count) throws MalformedZstdException {
        if (from + count > to) {
            throw new MalformedZstdException("a literals header that does not end");
        }
        long head = 0;
        for (int i = 0; i < count; i++) {
            head |= (data[from + i] & 0xffL) << 8 * i;
        }
        return head;
    }

    private static int checked(int length) throws MalformedZstdException {
        if (length > ZstdInputStream.BLOCK_BYTES_MAX) {
            throw new MalformedZstdException(length + " literals in a block");
        }
        return length;
    }
}
