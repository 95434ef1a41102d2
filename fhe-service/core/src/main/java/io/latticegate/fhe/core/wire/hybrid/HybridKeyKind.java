package io.latticegate.fhe.core.wire.hybrid;

/** What a set of switching keys is for. */
public enum HybridKeyKind {
    /** One key, of the square of the secret, under the element 0. */
    RELINEARISATION(1),
    /** Keys of rotations and the conjugation, by their Galois elements. */
    GALOIS(2);

    private final int number;

    HybridKeyKind(int number) {
        this.number = number;
    }

    /** The byte that stands for it. */
    int number() {
        return number;
    }

    /** Whether there can be a key of this element. */
    boolean allows(int element, int degree) {
        return switch (this) {
            case RELINEARISATION -> element == 0;
            case GALOIS -> (element & 1) == 1 && element > 1 && element < 2 * degree;
        };
    }
}
