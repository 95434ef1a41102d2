package io.latticegate.fhe.core.wire.zstd;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A bit stream that is read from its end (RFC 8878, section 4.1): the highest set bit of the last byte marks where it
 * begins. Bits before the first byte read as zero; {@link #left()} is then negative.
 */
final class BackwardBits {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private byte[] data = new byte[0];
    private int start;
    private int end;
    private int left;

    /** Begins at the end of a range. */
    void open(byte[] data, int start, int end) throws MalformedZstdException {
        if (end <= start || data[end - 1] == 0) {
            throw new MalformedZstdException("a bit stream without its end mark");
        }
        this.data = data;
        this.start = start;
        this.end = end;
        this.left = (end - start) * 8 - (Integer.numberOfLeadingZeros(data[end - 1] & 0xff) - 24) - 1;
    }

    /** The number of bits that are left; negative when more were read than there were. */
    int left() {
        return left;
    }

    /** The next 0 to 32 bits, the first read being the most significant, without taking them. */
    int peek(int count) {
        return bitsAt(left - count, count);
    }

    /** Takes bits. */
    void skip(int count) {
        left -= count;
    }

    /** Takes the next 0 to 32 bits. */
    int read(int count) {
        left -= count;
        return bitsAt(left, count);
    }

    private int bitsAt(int position, int count) {
        int at = start + (position >> 3);
        long word;
        if (position >= 0 && at + Long.BYTES <= data.length) {
            word = (long) LONG.get(data, at);
        } else {
            word = 0;
            for (int i = 0; i < 5; i++) {
                if (at + i >= start && at + i < end) {
                    word |= (data[at + i] & 0xffL) << 8 * i;
                }
            }
        }
        return (int) (word >>> (position & 7) & (1L << count) - 1);
    }
}
