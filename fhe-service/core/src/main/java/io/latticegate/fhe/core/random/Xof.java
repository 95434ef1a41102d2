package io.latticegate.fhe.core.random;

/** The extendable-output functions that a seed names, with their numbers in SEAL's {@code prng_type}. */
public enum Xof {
    /** BLAKE2Xb, keyed with the seed; the default of SEAL and of this library. */
    BLAKE2XB(1),
    /** SHAKE256 of the seed followed by the block's number. */
    SHAKE256(2);

    private final int number;

    Xof(int number) {
        this.number = number;
    }

    /** The byte that stands for this function in a container. */
    public int number() {
        return number;
    }
}
