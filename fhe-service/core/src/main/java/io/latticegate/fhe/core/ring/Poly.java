package io.latticegate.fhe.core.ring;

/**
 * A polynomial modulo X^N + 1, by its canonical residues modulo each prime of a base. Whoever allocated it closes it.
 *
 * @param <D> the form, which only the compiler sees
 * @param base the primes, in the order of the residues
 * @param buffer the residues: N for the first prime, then N for the second, and so on
 */
@SuppressWarnings("UnusedTypeParameter")
public record Poly<D extends Domain>(RnsBase base, RnsBuffer buffer) implements AutoCloseable {
    @Override
    public void close() {
        buffer.close();
    }
}
