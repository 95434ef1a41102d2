package io.latticegate.fhe.core.head;

/** A model that does not fit the parameter set; the message names the layer and what is allowed. */
public final class HeadRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    HeadRefusedException(String message) {
        super(message);
    }

    HeadRefusedException(String message, IllegalArgumentException cause) {
        super(message, cause);
    }
}
