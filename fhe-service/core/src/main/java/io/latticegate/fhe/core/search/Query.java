package io.latticegate.fhe.core.search;

import io.latticegate.fhe.core.backend.Backends;
import io.latticegate.fhe.core.backend.ProductSums;
import io.latticegate.fhe.core.evaluate.Ciphertext;
import io.latticegate.fhe.core.privacy.ScoreNoise;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.ring.RnsBase;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A checked query in the order in which a scan reads it. It takes no keys and needs none. Immutable. */
public final class Query {
    private final SearchIndex index;
    private final double scale;
    private final @Nullable ScoreNoise noise;
    private final double[] pairs;

    private Query(SearchIndex index, double scale, @Nullable ScoreNoise noise, double[] pairs) {
        this.index = index;
        this.scale = scale;
        this.noise = noise;
        this.pairs = pairs;
    }

    /**
     * A query of an index whose scores are exact; the ciphertexts stay the caller's and are not needed afterwards.
     *
     * @param ciphertexts one for each piece of the packing, of scale {@link Packing#QUERY_SCALE}
     * @param backend whose memory they are in
     * @throws IllegalArgumentException if their number, parameters, level or scale does not fit the index
     */
    public static Query of(SearchIndex index, List<Ciphertext> ciphertexts, RnsBackend backend) {
        return of(index, ciphertexts, Packing.QUERY_SCALE, null, backend);
    }

    /**
     * A query of an index whose scores get noise.
     *
     * @param scores what the noise was made of; its scale is that of the ciphertexts
     * @param noise under the key of whoever asks
     * @throws IllegalArgumentException as {@link #of}, and for noise of other parameters
     */
    public static Query of(
            SearchIndex index, List<Ciphertext> ciphertexts, NoisyScores scores, ScoreNoise noise, RnsBackend backend) {
        if (noise.parameters() != index.parameters()) {
            throw new IllegalArgumentException("noise of " + noise.parameters() + "; allowed is " + index.parameters());
        }
        return of(index, ciphertexts, scores.queryScale(), noise, backend);
    }

    private static Query of(
            SearchIndex index,
            List<Ciphertext> ciphertexts,
            double scale,
            @Nullable ScoreNoise noise,
            RnsBackend backend) {
        Packing packing = index.packing();
        if (ciphertexts.size() != packing.pieces()) {
            throw new IllegalArgumentException(
                    "a query of " + ciphertexts.size() + " ciphertexts; this index takes " + packing.pieces());
        }
        for (int piece = 0; piece < ciphertexts.size(); piece++) {
            require(index, scale, ciphertexts.get(piece), piece);
        }
        RnsBase base = index.parameters().ring().data(0);
        ProductSums sums = Backends.productSums(backend, base.modulus(0));
        int pieces = packing.pieces();
        double[] pairs = new double[2 * pieces * packing.degree()];
        long[] residues = new long[base.words()];
        for (int piece = 0; piece < pieces; piece++) {
            for (int part = 0; part < 2; part++) {
                backend.download(ciphertexts.get(piece).parts().get(part), residues, 0);
                int to = (2 * piece + part) * ProductSums.POINTS;
                for (int point = 0; point < residues.length; point += ProductSums.POINTS) {
                    sums.centre(residues, point, pairs, to);
                    to += 2 * pieces * ProductSums.POINTS;
                }
            }
        }
        return new Query(index, scale, noise, pairs);
    }

    private static void require(SearchIndex index, double scale, Ciphertext ciphertext, int piece) {
        if (ciphertext.parameters() != index.parameters()) {
            throw new IllegalArgumentException("ciphertext " + piece + " of a query is of " + ciphertext.parameters()
                    + "; allowed is " + index.parameters());
        }
        if (ciphertext.level() != 0 || ciphertext.parts().size() != 2) {
            throw new IllegalArgumentException("ciphertext " + piece + " of a query has level " + ciphertext.level()
                    + " and " + ciphertext.parts().size() + " polynomials; allowed are 0 and 2");
        }
        if (ciphertext.scale() != scale) {
            throw new IllegalArgumentException(
                    "ciphertext " + piece + " of a query has scale " + ciphertext.scale() + "; allowed is " + scale);
        }
    }

    /** How many bytes of memory a query of an index takes while it waits. */
    public static long bytesFor(SearchIndex index) {
        return 2L * index.packing().pieces() * index.packing().degree() * Double.BYTES;
    }

    boolean isFor(SearchIndex other) {
        return index == other;
    }

    /** The scale of its scores. */
    double scoreScale() {
        return scale * Packing.ROW_SCALE;
    }

    /** Null: its scores are exact. */
    @Nullable
    ScoreNoise noise() {
        return noise;
    }

    double[] pairs() {
        return pairs;
    }
}
