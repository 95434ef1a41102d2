package io.latticegate.fhe.core.search;

import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.wire.CiphertextRules;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * Rows that can be searched: plaintext polynomials in evaluation form, in a mapped file. Immutable, and safe for use by
 * several threads. The file can be deleted while the index is in use; its memory is given back when nothing refers to the
 * index any more.
 */
public final class SearchIndex {
    private static final int PIECE_BYTES = 1 << 20;

    private final IndexHeader header;
    private final MemorySegment segment;
    private final String digest;

    private SearchIndex(IndexHeader header, MemorySegment segment, byte[] digest) {
        this.header = header;
        this.segment = segment;
        this.digest = HexFormat.of().formatHex(digest);
    }

    /** How many bytes the file of such an index has. @throws IllegalArgumentException if there is no such index */
    public static long bytesFor(int rows, int dimension, Preset preset) {
        IndexHeader.requireRows(rows);
        Packing packing = Packing.of(preset.parameters().degree(), rows, dimension);
        return new IndexHeader(preset, packing, rows).fileBytes();
    }

    /**
     * Maps the file of an index, having read all of it to compare its digest.
     *
     * @throws IndexFormatException if it is none, not whole, or was changed
     */
    public static SearchIndex open(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            if (channel.size() < IndexHeader.BYTES) {
                throw new IndexFormatException(
                        "a file of " + channel.size() + " bytes; an index has at least " + IndexHeader.BYTES);
            }
            MemorySegment segment = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
            byte[] encoded = segment.asSlice(0, IndexHeader.BYTES).toArray(ValueLayout.JAVA_BYTE);
            IndexHeader header = IndexHeader.decode(encoded);
            if (segment.byteSize() != header.fileBytes()) {
                throw new IndexFormatException(
                        "a file of " + segment.byteSize() + " bytes; this index has " + header.fileBytes());
            }
            byte[] expected = IndexHeader.digest(encoded);
            byte[] actual = digest(header.encoded(new byte[IndexHeader.DIGEST_BYTES]), segment);
            if (!MessageDigest.isEqual(expected, actual)) {
                throw new IndexFormatException("an index whose content has another digest than its header says");
            }
            return new SearchIndex(header, segment, actual);
        }
    }

    /** The SHA-256 digest of a header and of what follows the header in a file. */
    static byte[] digest(byte[] header, MemorySegment file) {
        MessageDigest sha;
        try {
            sha = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java platform has SHA-256", impossible);
        }
        sha.update(header);
        for (long at = header.length; at < file.byteSize(); at += PIECE_BYTES) {
            ByteBuffer piece = file.asSlice(at, Math.min(PIECE_BYTES, file.byteSize() - at))
                    .asByteBuffer();
            sha.update(piece);
        }
        return sha.digest();
    }

    IndexHeader header() {
        return header;
    }

    MemorySegment segment() {
        return segment;
    }

    /** The parameter set whose level 0 queries and replies have. */
    public Preset preset() {
        return header.preset();
    }

    public CkksParameters parameters() {
        return header.preset().parameters();
    }

    public int rows() {
        return header.rows();
    }

    public int dimension() {
        return header.packing().dimension();
    }

    public Packing packing() {
        return header.packing();
    }

    /** How many ciphertexts a reply has; each is of level 0 and scale {@link Packing#SCORE_SCALE}. */
    public int blocks() {
        return header.blocks();
    }

    /** The size of the file. */
    public long bytes() {
        return header.fileBytes();
    }

    /** The SHA-256 digest of the index, in hexadecimal. */
    public String digest() {
        return digest;
    }

    /** The Galois elements for which a query needs keys: none. */
    public List<Integer> elements() {
        return List.of();
    }

    /** Which ciphertexts a query has, {@link Packing#pieces} of them: of level 0 and scale {@link Packing#QUERY_SCALE}. */
    public CiphertextRules queryRules() {
        return queryRules(Packing.QUERY_SCALE);
    }

    /** The same, of another scale: that of {@link NoisyScores#queryScale}. */
    public CiphertextRules queryRules(double scale) {
        return new CiphertextRules(2, 1, 1, scale);
    }
}
