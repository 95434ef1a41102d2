package io.latticegate.fhe.core.encode;

import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.Poly;

/**
 * An encoded vector.
 *
 * @param scale by what the vector was multiplied before rounding
 * @param poly over the data base of its level
 */
public record Plaintext(CkksParameters parameters, double scale, Poly<Eval> poly) implements AutoCloseable {
    public Plaintext {
        if (poly.base().ring() != parameters.ring() || poly.base().extended()) {
            throw new IllegalArgumentException("a plaintext of " + parameters + " over the " + poly.base());
        }
        parameters.requireScale(scale, poly.base().level());
    }

    public int level() {
        return poly.base().level();
    }

    @Override
    public void close() {
        poly.close();
    }
}
