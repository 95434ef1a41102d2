package io.latticegate.fhe.core.wire.zstd;

/** The sequences section of a compressed block and its execution (RFC 8878, sections 3.1.1.3.2, 3.1.1.4 and 3.1.1.5). */
final class Sequences {
    private static final short[] LITERAL_LENGTHS = {
        4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1
    };
    private static final short[] OFFSETS = {
        1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1
    };
    private static final short[] MATCH_LENGTHS = {
        1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1
    };
    private static final int[] LITERAL_BASES = {
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 20, 22, 24, 28, 32, 40, 48, 64, 128, 256, 512,
        1024, 2048, 4096, 8192, 16384, 32768, 65536
    };
    private static final byte[] LITERAL_BITS = {
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        16
    };
    private static final int[] MATCH_BASES = {
        3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32,
        33, 34, 35, 37, 39, 41, 43, 47, 51, 59, 67, 83, 99, 131, 259, 515, 1027, 2051, 4099, 8195, 16387, 32771, 65539
    };
    private static final byte[] MATCH_BITS = {
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2,
        2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
    };

    private final FseTable literalLengths = new FseTable(9, 35);
    private final FseTable offsets = new FseTable(8, 31);
    private final FseTable matchLengths = new FseTable(9, 52);
    private final BackwardBits in = new BackwardBits();
    private final long[] recent = new long[3];

    /** Forgets tables and offsets, as at the start of a frame. */
    void forget() {
        literalLengths.forget();
        offsets.forget();
        matchLengths.forget();
        recent[0] = 1;
        recent[1] = 4;
        recent[2] = 8;
    }

    /** Reads the section, which ends with the block, and appends what it says to the history. */
    void run(byte[] data, int from, int to, Literals literals, History history) throws MalformedZstdException {
        int at = from;
        if (at >= to) {
            throw new MalformedZstdException("no sequences section");
        }
        int count = data[at++] & 0xff;
        if (count >= 128) {
            int more = count == 255 ? 2 : 1;
            if (at + more > to) {
                throw new MalformedZstdException("a sequences header that does not end");
            }
            int next = data[at] & 0xff;
            count = more == 1 ? (count - 128 << 8) + next : next + ((data[at + 1] & 0xff) << 8) + 0x7f00;
            at += more;
        }
        if (count == 0) {
            if (at != to) {
                throw new MalformedZstdException("bytes behind an empty sequences section");
            }
            history.append(literals.bytes(), 0, literals.length());
            return;
        }
        if (at >= to || (data[at] & 3) != 0) {
            throw new MalformedZstdException("a sequences header without its modes");
        }
        int modes = data[at++];
        at = table(literalLengths, modes >> 6 & 3, 6, LITERAL_LENGTHS, data, at, to);
        at = table(offsets, modes >> 4 & 3, 5, OFFSETS, data, at, to);
        at = table(matchLengths, modes >> 2 & 3, 6, MATCH_LENGTHS, data, at, to);
        in.open(data, at, to);
        execute(count, literals, history);
    }

    private static int table(FseTable table, int mode, int log, short[] predefined, byte[] data, int at, int to)
            throws MalformedZstdException {
        switch (mode) {
            case 0 -> table.distribute(log, predefined);
            case 1 -> {
                if (at >= to) {
                    throw new MalformedZstdException("a sequence table without its symbol");
                }
                table.repeatSymbol(data[at] & 0xff);
                return at + 1;
            }
            case 2 -> {
                return table.read(data, at, to);
            }
            default -> {
                if (!table.present()) {
                    throw new MalformedZstdException("a sequence table that repeats one before the first");
                }
            }
        }
        return at;
    }

    private void execute(int count, Literals literals, History history) throws MalformedZstdException {
        int literalState = literalLengths.start(in);
        int offsetState = offsets.start(in);
        int matchState = matchLengths.start(in);
        int literal = 0;
        for (int i = 0; i < count; i++) {
            int offsetCode = offsets.symbol(offsetState);
            long offsetValue = (1L << offsetCode) + (in.read(offsetCode) & 0xffffffffL);
            int matchCode = matchLengths.symbol(matchState);
            int matchLength = MATCH_BASES[matchCode] + in.read(MATCH_BITS[matchCode]);
            int literalCode = literalLengths.symbol(literalState);
            int literalLength = LITERAL_BASES[literalCode] + in.read(LITERAL_BITS[literalCode]);
            if (literal + literalLength > literals.length()) {
                throw new MalformedZstdException("a sequence that takes more literals than there are");
            }
            history.append(literals.bytes(), literal, literalLength);
            literal += literalLength;
            history.repeat(offset(offsetValue, literalLength == 0), matchLength);
            if (i < count - 1) {
                literalState = literalLengths.next(literalState, in);
                matchState = matchLengths.next(matchState, in);
                offsetState = offsets.next(offsetState, in);
            }
            if (in.left() < 0) {
                throw new MalformedZstdException("sequences that do not end");
            }
        }
        if (in.left() != 0) {
            throw new MalformedZstdException("bits behind the last sequence");
        }
        history.append(literals.bytes(), literal, literals.length() - literal);
    }

    /** Turns an offset value into a distance, and keeps the three most recent ones (section 3.1.1.5). */
    private long offset(long value, boolean noLiterals) {
        if (value > 3) {
            recent[2] = recent[1];
            recent[1] = recent[0];
            recent[0] = value - 3;
            return recent[0];
        }
        int index = (int) value - 1 + (noLiterals ? 1 : 0);
        if (index == 0) {
            return recent[0];
        }
        long distance = index == 3 ? recent[0] - 1 : recent[index];
        if (index > 1) {
            recent[2] = recent[1];
        }
        recent[1] = recent[0];
        recent[0] = distance;
        return distance;
    }
}
