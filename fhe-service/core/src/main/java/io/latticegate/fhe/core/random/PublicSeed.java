package io.latticegate.fhe.core.random;

import java.util.Arrays;

/**
 * The seed that stands for the uniform polynomial of a ciphertext or key in a container. It is published with the object and
 * must never have served, nor ever serve, for noise or for a secret.
 */
public final class PublicSeed {
    private final Xof xof;
    private final byte[] bytes;

    /**
     * A seed and the function that expands it.
     *
     * @param bytes {@value SeedStream#SEED_BYTES} bytes, copied
     */
    public PublicSeed(Xof xof, byte[] bytes) {
        if (bytes.length != SeedStream.SEED_BYTES) {
            throw new IllegalArgumentException("seed of " + bytes.length + " bytes; allowed: " + SeedStream.SEED_BYTES);
        }
        this.xof = xof;
        this.bytes = bytes.clone();
    }

    /** The function that expands the seed. */
    public Xof xof() {
        return xof;
    }

    /** A copy of the seed. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** The stream that the seed stands for, at its start. */
    public SeedStream stream() {
        return new SeedStream(xof, bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PublicSeed that && xof == that.xof && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }
}
