package io.latticegate.fhe.app.session;

import io.latticegate.fhe.app.http.Refusal;
import java.util.Locale;

/** What keys are for. None of them is secret. */
public enum KeyKind {
    /** Relinearisation: products back to two polynomials. */
    RELIN,
    /** Rotations and conjugation. */
    GALOIS,
    /** A public encryption key, with which the service makes encryptions of zero that hide rows from a reader. */
    PUBLIC;

    /** The lower-case word of the wire format. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws Refusal 404 */
    static KeyKind of(String name) {
        return switch (name) {
            case "relin" -> RELIN;
            case "galois" -> GALOIS;
            case "public" -> PUBLIC;
            default -> throw Refusal.notFound("kind of keys; allowed are relin, galois and public");
        };
    }
}
