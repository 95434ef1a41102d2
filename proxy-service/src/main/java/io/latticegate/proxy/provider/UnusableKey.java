package io.latticegate.proxy.provider;

/** A stored key that is not what its provider's credentials look like; the request was not sent. */
public final class UnusableKey extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param expected the form that it should have; nothing of the key */
    UnusableKey(String expected) {
        super(expected, null, false, false);
    }
}
