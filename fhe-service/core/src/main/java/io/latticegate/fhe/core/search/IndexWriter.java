package io.latticegate.fhe.core.search;

import io.latticegate.fhe.core.backend.Backends;
import io.latticegate.fhe.core.backend.ProductSums;
import io.latticegate.fhe.core.modular.Modulus;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.ring.Domain.Coeff;
import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.ring.RnsBase;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * Writes the file of an index in one pass over its rows. On the heap there is one block of rows at a time; the file is mapped,
 * and flushed before it counts as written. Rows are rounded to integers of scale {@link Packing#ROW_SCALE}, halves to the
 * even one.
 */
public final class IndexWriter {
    private final IndexHeader header;
    private final RnsBackend backend;
    private final RnsBase base;
    private final ProductSums sums;

    /**
     * For an index of this shape.
     *
     * @param rows 1 to 10,000,000
     * @param dimension 1 to {@value Packing#DIMENSION_MAX}
     * @throws IllegalArgumentException if there is no such index
     */
    public IndexWriter(Preset preset, int rows, int dimension, RnsBackend backend) {
        IndexHeader.requireRows(rows);
        this.header = new IndexHeader(preset, Packing.of(preset.parameters().degree(), rows, dimension), rows);
        this.backend = backend;
        this.base = preset.parameters().ring().data(0);
        this.sums = Backends.productSums(backend, base.modulus(0));
    }

    /** How many bytes the file will have. */
    public long bytes() {
        return header.fileBytes();
    }

    /** How many bytes the rows have: that many are read, and there must not be more. */
    public long rowBytes() {
        return (long) header.rows() * header.packing().dimension() * Float.BYTES;
    }

    /**
     * Writes a new file. After a failure there is none.
     *
     * @param file does not exist
     * @param rows rows by dimension floats, least significant byte first; not closed
     * @throws InvalidRowsException if there are too few or too many bytes, or a row has a component that is not finite or a
     *     norm above {@link Packing#NORM_MAX}
     * @throws IOException if the rows cannot be read or the file cannot be written
     */
    public void write(Path file, InputStream rows) throws IOException, InvalidRowsException {
        boolean whole = false;
        FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try (channel;
                Arena arena = Arena.ofConfined()) {
            MemorySegment to = channel.map(FileChannel.MapMode.READ_WRITE, 0, header.fileBytes(), arena);
            float[] block =
                    new float[header.packing().rowsPerBlock() * header.packing().dimension()];
            for (int number = 0; number < header.blocks(); number++) {
                int count = header.packing().rowsIn(number, header.rows());
                Arrays.fill(block, 0);
                read(rows, block, count, number);
                writeBlock(to, block, number);
            }
            if (rows.read() >= 0) {
                throw new InvalidRowsException("more than " + rowBytes() + " bytes of rows; allowed are "
                        + header.rows() + " rows of " + header.packing().dimension() + " floats");
            }
            byte[] blank = header.encoded(new byte[IndexHeader.DIGEST_BYTES]);
            byte[] digest = SearchIndex.digest(blank, to);
            MemorySegment.copy(header.encoded(digest), 0, to, ValueLayout.JAVA_BYTE, 0, IndexHeader.BYTES);
            to.force();
            channel.force(true);
            whole = true;
        } finally {
            if (!whole) {
                Files.deleteIfExists(file);
            }
        }
    }

    private void read(InputStream rows, float[] block, int count, int number) throws IOException, InvalidRowsException {
        int dimension = header.packing().dimension();
        byte[] bytes = new byte[dimension * Float.BYTES];
        for (int row = 0; row < count; row++) {
            long place = (long) number * header.packing().rowsPerBlock() + row;
            int read = rows.readNBytes(bytes, 0, bytes.length);
            if (read < bytes.length) {
                throw new InvalidRowsException(
                        "the rows end in row " + place + " after " + read + " bytes; allowed are " + header.rows()
                                + " rows of " + dimension + " floats, " + rowBytes() + " bytes");
            }
            ByteBuffer.wrap(bytes)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .get(block, row * dimension, dimension);
            requireNorm(block, row * dimension, place);
        }
    }

    private void requireNorm(float[] block, int at, long place) throws InvalidRowsException {
        double square = 0;
        for (int k = at; k < at + header.packing().dimension(); k++) {
            square += (double) block[k] * block[k];
        }
        double norm = Math.sqrt(square);
        if (!(norm <= Packing.NORM_MAX)) {
            throw new InvalidRowsException("row " + place + " has norm " + norm
                    + "; allowed are finite components and norms up to " + Packing.NORM_MAX);
        }
    }

    /** The polynomials of a block, each in the places that its points have in the columns of the group. */
    private void writeBlock(MemorySegment to, float[] block, int number) {
        int first = number / IndexHeader.GROUP * IndexHeader.GROUP;
        int degree = header.packing().degree();
        int pieces = header.packing().pieces();
        long columnBytes = header.columnBytes(first);
        long pointBytes = (long) ProductSums.POINTS * Double.BYTES;
        long start = header.groupAt(first) + (long) (number - first) * pieces * pointBytes;
        long[] residues = new long[degree];
        double[] centred = new double[degree];
        try (Poly<Eval> values = backend.allocate(base)) {
            for (int piece = 0; piece < pieces; piece++) {
                coefficients(block, piece, residues);
                try (Poly<Coeff> polynomial = backend.upload(base, residues, 0)) {
                    backend.toEval(polynomial, values);
                }
                backend.download(values, residues, 0);
                long at = start + piece * pointBytes;
                for (int point = 0; point < degree; point += ProductSums.POINTS) {
                    sums.centre(residues, point, centred, point);
                    MemorySegment.copy(centred, point, to, IndexHeader.VALUE, at, ProductSums.POINTS);
                    at += columnBytes;
                }
            }
        }
    }

    private void coefficients(float[] block, int piece, long[] to) {
        Packing packing = header.packing();
        Modulus q = base.modulus(0);
        int from = piece * packing.span();
        int count = Math.min(packing.span(), packing.dimension() - from);
        Arrays.fill(to, 0);
        for (int row = 0; row < packing.rowsPerBlock(); row++) {
            for (int k = 0; k < count; k++) {
                double scaled = block[row * packing.dimension() + from + k] * Packing.ROW_SCALE;
                to[packing.rowExponent(row, k)] = q.reduceSigned((long) Math.rint(scaled));
            }
        }
    }
}
