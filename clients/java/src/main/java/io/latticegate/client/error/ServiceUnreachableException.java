package io.latticegate.client.error;

import org.jspecify.annotations.Nullable;

/** The service cannot be reached, or did not answer in time. */
public final class ServiceUnreachableException extends FheClientException {
    private static final long serialVersionUID = 1L;

    public ServiceUnreachableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
