package io.latticegate.fhe.core.wire.zstd;

import java.util.Arrays;

/** A decoding table of finite state entropy (RFC 8878, section 4.1), filled again and again. */
final class FseTable {
    private final int accuracyLogMax;
    private final int symbolMax;
    private final byte[] symbols;
    private final byte[] bits;
    private final short[] bases;
    private final short[] probabilities;
    private final short[] next;
    private int accuracyLog = -1;

    /** A table for symbols 0 to {@code symbolMax} with at most 2^accuracyLogMax states. */
    FseTable(int accuracyLogMax, int symbolMax) {
        this.accuracyLogMax = accuracyLogMax;
        this.symbolMax = symbolMax;
        this.symbols = new byte[1 << accuracyLogMax];
        this.bits = new byte[1 << accuracyLogMax];
        this.bases = new short[1 << accuracyLogMax];
        this.probabilities = new short[symbolMax + 1];
        this.next = new short[symbolMax + 1];
    }

    /** Forgets the table, as at the start of a frame. */
    void forget() {
        accuracyLog = -1;
    }

    /** Whether there is a table to repeat. */
    boolean present() {
        return accuracyLog >= 0;
    }

    /** Makes every state give one symbol. */
    void repeatSymbol(int symbol) throws MalformedZstdException {
        if (symbol > symbolMax) {
            throw new MalformedZstdException("symbol " + symbol + " of " + symbolMax);
        }
        accuracyLog = 0;
        symbols[0] = (byte) symbol;
        bits[0] = 0;
        bases[0] = 0;
    }

    /** Takes a predefined distribution, -1 standing for "less than one". */
    void distribute(int accuracyLog, short[] distribution) throws MalformedZstdException {
        Arrays.fill(probabilities, (short) 0);
        System.arraycopy(distribution, 0, probabilities, 0, distribution.length);
        build(accuracyLog);
    }

    /**
     * Reads a table description (section 4.1.1).
     *
     * @return the first byte behind it
     */
    int read(byte[] data, int from, int to) throws MalformedZstdException {
        ForwardBits in = new ForwardBits(data, from, to);
        int log = in.read(4) + 5;
        if (log > accuracyLogMax) {
            throw new MalformedZstdException("accuracy log " + log + "; allowed: up to " + accuracyLogMax);
        }
        Arrays.fill(probabilities, (short) 0);
        int remaining = 1 << log;
        int symbol = 0;
        while (remaining > 0) {
            if (symbol > symbolMax) {
                throw new MalformedZstdException("more symbols than " + (symbolMax + 1));
            }
            int width = 32 - Integer.numberOfLeadingZeros(remaining + 1);
            int low = (1 << width - 1) - 1;
            int threshold = (1 << width) - 2 - remaining;
            int value = in.read(width - 1);
            if (value >= threshold) {
                value |= in.read(1) << width - 1;
                if (value > low) {
                    value -= threshold;
                }
            }
            int probability = value - 1;
            remaining -= Math.abs(probability);
            probabilities[symbol++] = (short) probability;
            if (probability == 0) {
                int repeats;
                do {
                    repeats = in.read(2);
                    symbol += repeats;
                } while (repeats == 3 && symbol <= symbolMax);
            }
        }
        if (remaining != 0) {
            throw new MalformedZstdException("probabilities that do not add up");
        }
        build(log);
        return in.nextByte();
    }

    private void build(int log) throws MalformedZstdException {
        int size = 1 << log;
        int high = size;
        for (int symbol = 0; symbol <= symbolMax; symbol++) {
            if (probabilities[symbol] == -1) {
                symbols[--high] = (byte) symbol;
                next[symbol] = 1;
            }
        }
        int step = (size >> 1) + (size >> 3) + 3;
        int position = 0;
        for (int symbol = 0; symbol <= symbolMax; symbol++) {
            int probability = probabilities[symbol];
            if (probability <= 0) {
                continue;
            }
            next[symbol] = (short) probability;
            for (int i = 0; i < probability; i++) {
                symbols[position] = (byte) symbol;
                do {
                    position = position + step & size - 1;
                } while (position >= high);
            }
        }
        if (position != 0) {
            throw new MalformedZstdException("a distribution that does not fill its table");
        }
        for (int state = 0; state < size; state++) {
            int count = next[symbols[state]]++;
            int width = log - (31 - Integer.numberOfLeadingZeros(count));
            bits[state] = (byte) width;
            bases[state] = (short) ((count << width) - size);
        }
        accuracyLog = log;
    }

    int start(BackwardBits in) {
        return in.read(accuracyLog);
    }

    int symbol(int state) {
        return symbols[state];
    }

    int next(int state, BackwardBits in) {
        return bases[state] + in.read(bits[state]);
    }

    /** A bit stream read from its start, least significant bit first. */
    private static final class ForwardBits {
        private final byte[] data;
        private final int from;
        private final int bitsMax;
        private int position;

        ForwardBits(byte[] data, int from, int to) {
            this.data = data;
            this.from = from;
            this.bitsMax = (to - from) * 8;
        }

        int read(int count) throws MalformedZstdException {
            if (position + count > bitsMax) {
                throw new MalformedZstdException("a table description that does not end");
            }
            int value = 0;
            for (int i = 0; i < count; i++, position++) {
                value |= (data[from + (position >> 3)] >> (position & 7) & 1) << i;
            }
            return value;
        }

        int nextByte() {
            return from + (position + 7 >> 3);
        }
    }
}
