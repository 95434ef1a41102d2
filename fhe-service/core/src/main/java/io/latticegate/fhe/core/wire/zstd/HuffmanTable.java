package io.latticegate.fhe.core.wire.zstd;

import java.util.Arrays;

/** The Huffman code of literals (RFC 8878, section 4.2), filled again and again. */
final class HuffmanTable {
    private static final int BITS_MAX = 11;
    private static final int SYMBOLS_MAX = 256;

    private final byte[] symbols = new byte[1 << BITS_MAX];
    private final byte[] lengths = new byte[1 << BITS_MAX];
    private final byte[] weights = new byte[SYMBOLS_MAX];
    private final int[] firsts = new int[BITS_MAX + 2];
    private final FseTable weightTable = new FseTable(6, BITS_MAX + 1);
    private final BackwardBits in = new BackwardBits();
    private int bits;

    /** Forgets the code, as at the start of a frame. */
    void forget() {
        bits = 0;
    }

    /** Whether there is a code to repeat. */
    boolean present() {
        return bits > 0;
    }

    /**
     * Reads a tree description.
     *
     * @return the first byte behind it
     */
    int read(byte[] data, int from, int to) throws MalformedZstdException {
        if (from >= to) {
            throw new MalformedZstdException("no Huffman tree description");
        }
        int head = data[from] & 0xff;
        int behind;
        int count;
        if (head >= 128) {
            count = head - 127;
            behind = from + 1 + (count + 1) / 2;
            if (behind > to) {
                throw new MalformedZstdException("a Huffman tree description that does not end");
            }
            for (int i = 0; i < count; i++) {
                int pair = data[from + 1 + i / 2];
                weights[i] = (byte) ((i & 1) == 0 ? pair >> 4 & 15 : pair & 15);
            }
        } else {
            behind = from + 1 + head;
            if (behind > to) {
                throw new MalformedZstdException("a Huffman tree description that does not end");
            }
            count = compressedWeights(data, from + 1, behind);
        }
        build(count);
        return behind;
    }

    /** Weights from two states that take turns, until the bits are used up (section 4.2.1.2). */
    private int compressedWeights(byte[] data, int from, int to) throws MalformedZstdException {
        in.open(data, weightTable.read(data, from, to), to);
        int[] states = {weightTable.start(in), weightTable.start(in)};
        if (in.left() < 0) {
            throw new MalformedZstdException("Huffman weights that do not begin");
        }
        int count = 0;
        int turn = 0;
        while (true) {
            if (count >= SYMBOLS_MAX - 2) {
                throw new MalformedZstdException("more than 255 Huffman weights");
            }
            weights[count++] = (byte) weightTable.symbol(states[turn]);
            states[turn] = weightTable.next(states[turn], in);
            turn ^= 1;
            if (in.left() < 0) {
                weights[count++] = (byte) weightTable.symbol(states[turn]);
                return count;
            }
        }
    }

    /** Adds the last weight, which is implied, and assigns the codes: longest first, then by symbol (section 4.2.1.3). */
    private void build(int count) throws MalformedZstdException {
        int sum = 0;
        for (int i = 0; i < count; i++) {
            if (weights[i] > BITS_MAX) {
                throw new MalformedZstdException("Huffman weight " + weights[i] + "; allowed: up to " + BITS_MAX);
            }
            sum += 1 << weights[i] >> 1;
        }
        int width = 32 - Integer.numberOfLeadingZeros(sum);
        int rest = (1 << width) - sum;
        if (sum == 0 || width > BITS_MAX || Integer.bitCount(rest) != 1) {
            throw new MalformedZstdException("Huffman weights that make no code");
        }
        weights[count] = (byte) (32 - Integer.numberOfLeadingZeros(rest));
        int first = 0;
        for (int weight = 1; weight <= width; weight++) {
            firsts[weight] = first;
            for (int i = 0; i <= count; i++) {
                first += weights[i] == weight ? 1 << weight - 1 : 0;
            }
        }
        if (first != 1 << width) {
            throw new MalformedZstdException("Huffman weights that make no code");
        }
        for (int i = 0; i <= count; i++) {
            int weight = weights[i];
            if (weight > 0) {
                int entries = 1 << weight - 1;
                Arrays.fill(symbols, firsts[weight], firsts[weight] + entries, (byte) i);
                Arrays.fill(lengths, firsts[weight], firsts[weight] + entries, (byte) (width + 1 - weight));
                firsts[weight] += entries;
            }
        }
        bits = width;
    }

    /** Decodes one stream, which must give exactly as many literals as asked for. */
    void decode(byte[] data, int from, int to, byte[] out, int offset, int count) throws MalformedZstdException {
        in.open(data, from, to);
        for (int i = offset; i < offset + count; i++) {
            int code = in.peek(bits);
            out[i] = symbols[code];
            in.skip(lengths[code]);
        }
        if (in.left() != 0) {
            throw new MalformedZstdException("a Huffman stream that does not end with its last literal");
        }
    }
}
