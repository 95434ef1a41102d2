package io.latticegate.fhe.core.search;

import java.io.IOException;

/** The refusal of a file as an index: what was found, and what is allowed. */
public final class IndexFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    IndexFormatException(String message) {
        super(message);
    }
}
