package io.latticegate.fhe.core.search;

/** The refusal of rows: which row, what is wrong with it, and what is allowed. */
public final class InvalidRowsException extends Exception {
    private static final long serialVersionUID = 1L;

    InvalidRowsException(String message) {
        super(message);
    }
}
