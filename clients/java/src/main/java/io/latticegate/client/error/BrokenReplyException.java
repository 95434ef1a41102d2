package io.latticegate.client.error;

import org.jspecify.annotations.Nullable;

/** A reply that is not what the contract says, or that ends before its end; nothing of it may be trusted. */
public final class BrokenReplyException extends FheClientException {
    private static final long serialVersionUID = 1L;

    public BrokenReplyException(String message) {
        super(message);
    }

    public BrokenReplyException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
