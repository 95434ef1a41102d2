package io.latticegate.fhe.app.session;

import io.latticegate.fhe.app.http.Refusal;
import java.util.Locale;

/** What evaluation keys are for. */
public enum KeyKind {
    /** Relinearisation: products back to two polynomials. */
    RELIN,
    /** Rotations and conjugation. */
    GALOIS;

    /** The lower-case word of the wire format. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws Refusal 404 */
    static KeyKind of(String name) {
        return switch (name) {
            case "relin" -> RELIN;
            case "galois" -> GALOIS;
            default -> throw Refusal.notFound("kind of keys; allowed are relin and galois");
        };
    }
}
