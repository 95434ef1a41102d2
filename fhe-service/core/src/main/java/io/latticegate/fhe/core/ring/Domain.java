package io.latticegate.fhe.core.ring;

/** In which form a polynomial is held; a type parameter, so that mixing forms does not compile. */
public sealed interface Domain {
    /** By its coefficients, from that of X^0 on. */
    final class Coeff implements Domain {
        private Coeff() {}
    }

    /** By its values at the odd powers of the roots, in the order of {@link NttTables}. */
    final class Eval implements Domain {
        private Eval() {}
    }
}
