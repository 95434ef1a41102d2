package io.latticegate.fhe.core.search;

import io.latticegate.fhe.core.backend.ProductSums;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.random.ParmsId;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The first {@value #BYTES} bytes of an index's file. All integers have their least significant byte first: magic number,
 * version, blocks of a group, N, dimension, span, rows (4 bytes each), scale of queries, scale of rows (doubles), name of the
 * parameter set (8 bytes, zeros behind it), SEAL's name of its level 0 (32 bytes), SHA-256 digest of this header, with zeros
 * in the digest's place, and all that follows it. The rest is zero.
 *
 * @param preset whose level 0 the polynomials have
 * @param packing of the polynomials
 * @param rows 1 to {@value #ROWS_MAX}
 */
record IndexHeader(Preset preset, Packing packing, int rows) {
    static final int BYTES = 4096;
    static final int ROWS_MAX = 10_000_000;
    static final int DIGEST_BYTES = 32;

    /** Blocks whose columns are interleaved, so that one scan reads memory in its order. */
    static final int GROUP = 16;

    /** How the values of polynomials, centred residues, are stored. */
    static final ValueLayout.OfDouble VALUE = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final int MAGIC = 0x5849474c;
    private static final int VERSION = 1;
    private static final int NAME_BYTES = 8;
    private static final int NAME_AT = 7 * Integer.BYTES + 2 * Double.BYTES;
    private static final int DIGEST_AT = NAME_AT + NAME_BYTES + ParmsId.BYTES;

    IndexHeader {
        requireRows(rows);
        ProductSums.requireLength(preset.parameters().ring().data(0).modulus(0));
        if (packing.degree() != preset.parameters().degree()) {
            throw new IllegalArgumentException("a packing of degree " + packing.degree() + " for " + preset
                    + "; allowed is " + preset.parameters().degree());
        }
    }

    static void requireRows(int rows) {
        if (rows < 1 || rows > ROWS_MAX) {
            throw new IllegalArgumentException("an index of " + rows + " rows; allowed are 1 to " + ROWS_MAX);
        }
    }

    /** The number of blocks. */
    int blocks() {
        return packing.blocks(rows);
    }

    /** How many bytes the polynomials of one block take. */
    long blockBytes() {
        return (long) packing.pieces() * packing.degree() * Double.BYTES;
    }

    /** The size of the file. */
    long fileBytes() {
        return BYTES + blocks() * blockBytes();
    }

    /** How many blocks the group that starts with a block has. */
    int groupSize(int firstBlock) {
        return Math.min(GROUP, blocks() - firstBlock);
    }

    /** Where the group that starts with a block begins in the file. */
    long groupAt(int firstBlock) {
        return BYTES + firstBlock * blockBytes();
    }

    /** How many bytes a column of a group has. */
    long columnBytes(int firstBlock) {
        return (long) groupSize(firstBlock) * packing.pieces() * ProductSums.POINTS * Double.BYTES;
    }

    byte[] encoded(byte[] digest) {
        ByteBuffer header = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(MAGIC).putInt(VERSION).putInt(GROUP);
        header.putInt(packing.degree())
                .putInt(packing.dimension())
                .putInt(packing.span())
                .putInt(rows);
        header.putDouble(Packing.QUERY_SCALE).putDouble(Packing.ROW_SCALE);
        header.put(Arrays.copyOf(preset.name().getBytes(StandardCharsets.US_ASCII), NAME_BYTES));
        ParmsId level = preset.parameters().parmsId(0);
        header.putLong(level.word0()).putLong(level.word1());
        header.putLong(level.word2()).putLong(level.word3());
        header.put(digest);
        return header.array();
    }

    static byte[] digest(byte[] encoded) {
        return Arrays.copyOfRange(encoded, DIGEST_AT, DIGEST_AT + DIGEST_BYTES);
    }

    /** @param encoded {@value #BYTES} bytes from outside */
    static IndexHeader decode(byte[] encoded) throws IndexFormatException {
        ByteBuffer header = ByteBuffer.wrap(encoded).order(ByteOrder.LITTLE_ENDIAN);
        if (header.getInt() != MAGIC) {
            throw new IndexFormatException("the file does not start with the magic number of an index");
        }
        int version = header.getInt();
        if (version != VERSION) {
            throw new IndexFormatException("an index of version " + version + "; allowed is " + VERSION);
        }
        int group = header.getInt();
        int degree = header.getInt();
        int dimension = header.getInt();
        int span = header.getInt();
        int rows = header.getInt();
        double queryScale = header.getDouble();
        double rowScale = header.getDouble();
        if (group != GROUP || queryScale != Packing.QUERY_SCALE || rowScale != Packing.ROW_SCALE) {
            throw new IndexFormatException("an index with groups of " + group + " blocks and scales " + queryScale
                    + " and " + rowScale + "; allowed are " + GROUP + ", " + Packing.QUERY_SCALE + " and "
                    + Packing.ROW_SCALE);
        }
        byte[] name = new byte[NAME_BYTES];
        header.get(name);
        ParmsId level = new ParmsId(header.getLong(), header.getLong(), header.getLong(), header.getLong());
        IndexHeader decoded;
        try {
            decoded = new IndexHeader(preset(name, level), new Packing(degree, dimension, span), rows);
        } catch (IllegalArgumentException refused) {
            throw new IndexFormatException("an index with " + refused.getMessage());
        }
        if (!Arrays.equals(decoded.encoded(digest(encoded)), encoded)) {
            throw new IndexFormatException("an index with a header that is not zero behind its fields");
        }
        return decoded;
    }

    private static Preset preset(byte[] name, ParmsId level) throws IndexFormatException {
        for (Preset preset : Preset.values()) {
            byte[] known = Arrays.copyOf(preset.name().getBytes(StandardCharsets.US_ASCII), NAME_BYTES);
            if (Arrays.equals(known, name)) {
                if (preset.parameters().parmsId(0).equals(level)) {
                    return preset;
                }
                throw new IndexFormatException("an index of other primes than those of " + preset);
            }
        }
        throw new IndexFormatException(
                "an index of an unknown parameter set; allowed are " + Arrays.toString(Preset.values()));
    }
}
