package io.latticegate.client.error;

/** The service's index or head is another version than the one that is known here, so an answer would mean something else. */
public final class StaleVersionException extends FheClientException {
    private static final long serialVersionUID = 1L;

    public StaleVersionException(String message) {
        super(message);
    }
}
