package io.latticegate.client.error;

import org.jspecify.annotations.Nullable;

/** A file of the client (its seed, its texts) cannot be read, written or trusted. */
public final class LocalStoreException extends FheClientException {
    private static final long serialVersionUID = 1L;

    public LocalStoreException(String message) {
        super(message);
    }

    public LocalStoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
