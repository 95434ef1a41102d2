package io.latticegate.fhe.core.client.head;

import io.latticegate.fhe.core.encode.Encoder;
import io.latticegate.fhe.core.encode.Plaintext;
import io.latticegate.fhe.core.head.HeadModel;
import io.latticegate.fhe.core.head.InputPacking;

/** Lays an embedding over the slots as a head takes it. Safe for use by several threads. */
public final class EmbeddingEncoder {
    private final Encoder encoder;
    private final InputPacking packing;
    private final int level;
    private final double scale;

    /** @param packing with {@code level} and {@code scale} what the service says that the head takes */
    public EmbeddingEncoder(Encoder encoder, InputPacking packing, int level, double scale) {
        this.encoder = encoder;
        this.packing = packing;
        this.level = level;
        this.scale = scale;
    }

    /**
     * The plaintext of an embedding, to be encrypted.
     *
     * @throws IllegalArgumentException for another number of numbers, one that is not finite, or a length above
     *     {@link HeadModel#NORM_MAX}, for which the head's bounds do not hold
     */
    public Plaintext encode(double[] embedding) {
        double squares = 0;
        for (int i = 0; i < embedding.length; i++) {
            if (!Double.isFinite(embedding[i])) {
                throw new IllegalArgumentException("number " + i + " of the embedding is not finite");
            }
            squares += embedding[i] * embedding[i];
        }
        if (Math.sqrt(squares) > HeadModel.NORM_MAX) {
            throw new IllegalArgumentException("an embedding of length " + Math.sqrt(squares) + "; allowed is up to "
                    + HeadModel.NORM_MAX + ": scale it to length 1");
        }
        return encoder.encode(packing.pack(embedding), level, scale);
    }
}
