package io.latticegate.fhe.core.client.search;

import io.latticegate.fhe.core.client.Encryptor;
import io.latticegate.fhe.core.client.SecretKey;
import io.latticegate.fhe.core.encode.Plaintext;
import io.latticegate.fhe.core.evaluate.SeededCiphertext;
import io.latticegate.fhe.core.modular.Modulus;
import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.ring.Domain.Coeff;
import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.ring.RnsBase;
import io.latticegate.fhe.core.search.Packing;
import java.util.ArrayList;
import java.util.List;

/** Encrypts queries of one packing, with fresh randomness each time, at level 0. Not in constant time in the query. */
public final class QueryEncoder {
    private final CkksParameters parameters;
    private final RnsBackend backend;
    private final Packing packing;
    private final Encryptor encryptor;
    private final SecretKey secret;
    private final double scale;

    /** For scores without noise. @throws IllegalArgumentException if the packing is of another degree than the parameters */
    public QueryEncoder(
            CkksParameters parameters, RnsBackend backend, Packing packing, Encryptor encryptor, SecretKey secret) {
        this(parameters, backend, packing, encryptor, secret, Packing.QUERY_SCALE);
    }

    /**
     * For scores with noise too.
     *
     * @param scale what the service says of the index: a power of two up to {@link Packing#QUERY_SCALE}
     * @throws IllegalArgumentException if the packing is of another degree than the parameters, or for another scale
     */
    public QueryEncoder(
            CkksParameters parameters,
            RnsBackend backend,
            Packing packing,
            Encryptor encryptor,
            SecretKey secret,
            double scale) {
        requireDegree(parameters, packing);
        this.parameters = parameters;
        this.backend = backend;
        this.packing = packing;
        this.encryptor = encryptor;
        this.secret = secret;
        this.scale = requireScale(scale);
    }

    static double requireScale(double scale) {
        if (!(scale >= 1 && scale <= Packing.QUERY_SCALE && Math.scalb(1.0, Math.getExponent(scale)) == scale)) {
            throw new IllegalArgumentException(
                    "queries of scale " + scale + "; allowed are powers of two up to " + Packing.QUERY_SCALE);
        }
        return scale;
    }

    static void requireDegree(CkksParameters parameters, Packing packing) {
        if (parameters.degree() != packing.degree()) {
            throw new IllegalArgumentException(
                    "a packing of degree " + packing.degree() + "; " + parameters + " has " + parameters.degree());
        }
    }

    /**
     * One ciphertext for each piece, to be sent with its seed.
     *
     * @throws IllegalArgumentException for another number of components, one that is not finite, or a norm above
     *     {@link Packing#NORM_MAX}
     */
    public List<SeededCiphertext> encrypt(float[] query) {
        requireQuery(query);
        List<SeededCiphertext> pieces = new ArrayList<>();
        for (int piece = 0; piece < packing.pieces(); piece++) {
            try (Plaintext plain = encode(query, piece)) {
                pieces.add(encryptor.encrypt(plain, secret));
            }
        }
        return pieces;
    }

    private void requireQuery(float[] query) {
        if (query.length != packing.dimension()) {
            throw new IllegalArgumentException(
                    "a query of " + query.length + " components; the index has " + packing.dimension());
        }
        double square = 0;
        for (float component : query) {
            square += (double) component * component;
        }
        double norm = Math.sqrt(square);
        if (!(norm <= Packing.NORM_MAX)) {
            throw new IllegalArgumentException(
                    "a query of norm " + norm + "; allowed are finite components and norms up to " + Packing.NORM_MAX);
        }
    }

    private Plaintext encode(float[] query, int piece) {
        RnsBase base = parameters.ring().data(0);
        Modulus q = base.modulus(0);
        long[] residues = new long[base.words()];
        int from = piece * packing.span();
        int count = Math.min(packing.span(), packing.dimension() - from);
        for (int k = 0; k < count; k++) {
            residues[k] = q.reduceSigned((long) Math.rint(query[from + k] * scale));
        }
        Poly<Eval> values = backend.allocate(base);
        try (Poly<Coeff> coefficients = backend.upload(base, residues, 0)) {
            backend.toEval(coefficients, values);
        }
        return new Plaintext(parameters, scale, values);
    }
}
