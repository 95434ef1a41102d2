package io.latticegate.fhe.core.ring;

/** A backend that cannot take an operation now: its memory or its queue is full, or its device is lost. Nothing came of it. */
public final class BackendUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BackendUnavailableException(String message) {
        super(message);
    }

    public BackendUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
