package io.latticegate.client.error;

import org.jspecify.annotations.Nullable;

/** A call of encrypted compute has no result; the subtype says on which side. */
public abstract sealed class FheClientException extends RuntimeException
        permits BrokenReplyException,
                LocalStoreException,
                ServiceRefusalException,
                ServiceUnreachableException,
                StaleVersionException {
    private static final long serialVersionUID = 1L;

    FheClientException(String message) {
        super(message);
    }

    FheClientException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
