package io.latticegate.fhe.core.ring;

import io.latticegate.fhe.core.modular.Modulus;

/**
 * The primes q_0 … q_level of a {@link Ring}, with or without its special primes behind them. There is one object for
 * each such choice in a ring, so that bases are compared by identity.
 */
public final class RnsBase {
    private final Ring ring;
    private final int level;
    private final boolean extended;

    RnsBase(Ring ring, int level, boolean extended) {
        this.ring = ring;
        this.level = level;
        this.extended = extended;
    }

    public Ring ring() {
        return ring;
    }

    /** The index of the last data prime. */
    public int level() {
        return level;
    }

    /** Whether the special primes belong to this base. */
    public boolean extended() {
        return extended;
    }

    /** The number of primes. */
    public int size() {
        return level + 1 + (extended ? ring.specialCount() : 0);
    }

    /** The number in the ring of the prime at a position: data primes count from 0, special primes follow the last. */
    public int prime(int position) {
        return position <= level ? position : ring.dataCount() + position - level - 1;
    }

    /** The position of a prime of the ring in this base. @throws IllegalArgumentException if it has none */
    public int position(int prime) {
        if (prime <= level) {
            return prime;
        }
        if (!extended || prime < ring.dataCount()) {
            throw new IllegalArgumentException(this + " lacks prime " + prime + " of its ring");
        }
        return prime - ring.dataCount() + level + 1;
    }

    public Modulus modulus(int position) {
        return ring.tables(prime(position)).modulus();
    }

    public NttTables tables(int position) {
        return ring.tables(prime(position));
    }

    /** The number of residues of one polynomial. */
    public int words() {
        return size() * ring.degree();
    }

    @Override
    public String toString() {
        return "base of q_0…q_" + level + (extended ? " and the special primes" : "");
    }
}
