package io.latticegate.fhe.core.client.search;

import io.latticegate.fhe.core.client.Decryptor;
import io.latticegate.fhe.core.encode.Plaintext;
import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.ring.Domain.Coeff;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.ring.RnsBase;
import io.latticegate.fhe.core.search.Packing;

/** Decrypts the blocks of replies from an index of one shape. Safe for use by several threads. */
public final class ScoreDecoder {
    private final CkksParameters parameters;
    private final RnsBackend backend;
    private final Packing packing;
    private final int rows;
    private final Decryptor decryptor;
    private final double scale;

    /**
     * For scores without noise from an index of this shape.
     *
     * @param rows of the index
     * @throws IllegalArgumentException if the packing is of another degree than the parameters, or there is no row
     */
    public ScoreDecoder(CkksParameters parameters, RnsBackend backend, Packing packing, int rows, Decryptor decryptor) {
        this(parameters, backend, packing, rows, decryptor, Packing.QUERY_SCALE);
    }

    /**
     * For scores with noise too.
     *
     * @param queryScale that of the queries
     * @throws IllegalArgumentException if the packing is of another degree than the parameters, there is no row, or no such
     *     scale
     */
    public ScoreDecoder(
            CkksParameters parameters,
            RnsBackend backend,
            Packing packing,
            int rows,
            Decryptor decryptor,
            double queryScale) {
        QueryEncoder.requireDegree(parameters, packing);
        if (rows < 1) {
            throw new IllegalArgumentException("an index of " + rows + " rows; allowed are 1 or more");
        }
        this.parameters = parameters;
        this.backend = backend;
        this.packing = packing;
        this.rows = rows;
        this.decryptor = decryptor;
        this.scale = QueryEncoder.requireScale(queryScale) * Packing.ROW_SCALE;
    }

    /** How many blocks a whole reply has. */
    public int blocks() {
        return packing.blocks(rows);
    }

    /** The row of the first score of a block. */
    public int firstRow(int block) {
        return block * packing.rowsPerBlock();
    }

    /**
     * The scores of the rows of a block, in their order.
     *
     * @throws IllegalArgumentException if there is no such block, or the ciphertext has another level or scale than a reply
     */
    public double[] decode(int block, Ciphertext scores) {
        if (block < 0 || block >= blocks()) {
            throw new IllegalArgumentException("block " + block + "; allowed are 0 to " + (blocks() - 1));
        }
        if (scores.level() != 0 || scores.scale() != scale) {
            throw new IllegalArgumentException("scores of level " + scores.level() + " and scale " + scores.scale()
                    + "; allowed are 0 and " + scale);
        }
        RnsBase base = parameters.ring().data(0);
        long[] residues = new long[base.words()];
        try (Plaintext plain = decryptor.decrypt(scores);
                Poly<Coeff> coefficients = backend.allocate(base)) {
            backend.toCoeff(plain.poly(), coefficients);
            backend.download(coefficients, residues, 0);
        }
        long q = base.modulus(0).value();
        double[] decoded = new double[packing.rowsIn(block, rows)];
        for (int row = 0; row < decoded.length; row++) {
            long residue = residues[packing.position(row)];
            decoded[row] = (residue - (q & ((q / 2 - residue) >> 63))) / scale;
        }
        return decoded;
    }

    /** Offers all scores of a block. */
    public void decode(int block, Ciphertext scores, TopK best) {
        double[] decoded = decode(block, scores);
        for (int row = 0; row < decoded.length; row++) {
            best.offer(firstRow(block) + row, decoded[row]);
        }
    }
}
