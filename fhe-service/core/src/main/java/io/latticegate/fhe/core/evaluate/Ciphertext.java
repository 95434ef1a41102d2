package io.latticegate.fhe.core.evaluate;

import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.Poly;
import io.latticegate.fhe.core.ring.RnsBase;
import java.util.List;

/**
 * An encrypted vector: c_0 + c_1·s (+ c_2·s²) is the scaled vector and noise.
 *
 * @param scale by what the vector was multiplied
 * @param parts c_0, c_1 and, between a multiplication and its relinearisation, c_2, over the data base of one level
 */
public record Ciphertext(CkksParameters parameters, double scale, List<Poly<Eval>> parts) implements AutoCloseable {
    static final int PARTS = 2;
    static final int PARTS_OF_PRODUCT = 3;

    public Ciphertext {
        parts = List.copyOf(parts);
        if (parts.size() != PARTS && parts.size() != PARTS_OF_PRODUCT) {
            throw new IllegalArgumentException("a ciphertext of " + parts.size() + " polynomials; allowed are 2 and 3");
        }
        RnsBase base = parts.getFirst().base();
        if (base.ring() != parameters.ring()
                || base.extended()
                || parts.stream().anyMatch(part -> part.base() != base)) {
            throw new IllegalArgumentException(
                    "the polynomials of a ciphertext are not over one level of " + parameters);
        }
        parameters.requireScale(scale, base.level());
    }

    public int level() {
        return parts.getFirst().base().level();
    }

    Poly<Eval> part(int i) {
        return parts.get(i);
    }

    @Override
    public void close() {
        parts.forEach(Poly::close);
    }

    @Override
    public String toString() {
        return "Ciphertext[" + parameters + ", level " + level() + ", scale 2^" + Math.log(scale) / Math.log(2) + ", "
                + parts.size() + " parts]";
    }
}
