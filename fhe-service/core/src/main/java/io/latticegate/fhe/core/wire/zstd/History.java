package io.latticegate.fhe.core.wire.zstd;

import java.util.Arrays;

/**
 * What a frame decoded to so far, as far back as its window reaches, and what of it was not yet handed out. The array grows
 * with what was decoded, to twice the window and a block at most.
 */
final class History {
    private static final int FIRST_BYTES = 1 << 16;

    private byte[] bytes = new byte[FIRST_BYTES];
    private int window;
    private int length;
    private int taken;
    private int blockEnd;

    /** Starts a frame. */
    void open(int window) {
        this.window = window;
        length = 0;
        taken = 0;
        blockEnd = 0;
    }

    /** Makes room for a block; all that was decoded before has been handed out. */
    void startBlock(int blockMax) {
        int keep = Math.min(length, window);
        if (length - keep >= Math.max(window, blockMax)) {
            System.arraycopy(bytes, length - keep, bytes, 0, keep);
            taken -= length - keep;
            length = keep;
        }
        if (bytes.length < length + blockMax) {
            bytes = Arrays.copyOf(
                    bytes, Math.max(length + blockMax, Math.min(2 * bytes.length, 2 * window + blockMax)));
        }
        blockEnd = length + blockMax;
    }

    void append(byte[] from, int offset, int count) throws MalformedZstdException {
        room(count);
        System.arraycopy(from, offset, bytes, length, count);
        length += count;
    }

    void fill(byte value, int count) throws MalformedZstdException {
        room(count);
        Arrays.fill(bytes, length, length + count, value);
        length += count;
    }

    /** Repeats what stands this far back; the copy may overlap itself. */
    void repeat(long distance, int count) throws MalformedZstdException {
        if (distance < 1 || distance > Math.min(length, window)) {
            throw new MalformedZstdException("a match " + distance + " bytes back, before the window");
        }
        room(count);
        int from = length - (int) distance;
        if (distance >= count) {
            System.arraycopy(bytes, from, bytes, length, count);
        } else {
            for (int i = 0; i < count; i++) {
                bytes[length + i] = bytes[from + i];
            }
        }
        length += count;
    }

    /** Hands out bytes that were not handed out yet, as many as fit. */
    int take(byte[] out, int offset, int count) {
        int run = Math.min(count, length - taken);
        System.arraycopy(bytes, taken, out, offset, run);
        taken += run;
        return run;
    }

    boolean allTaken() {
        return taken == length;
    }

    /** Hashes what the last block gave. */
    void hash(XxHash64 hash, int from) {
        hash.update(bytes, from, length - from);
    }

    int length() {
        return length;
    }

    private void room(int count) throws MalformedZstdException {
        if (count > blockEnd - length) {
            throw new MalformedZstdException("a block that decodes to more than its limit");
        }
    }
}
