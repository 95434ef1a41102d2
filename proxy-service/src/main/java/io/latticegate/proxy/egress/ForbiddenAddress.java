package io.latticegate.proxy.egress;

/** An upstream's name leads to an address that is not in its scope. Carries no trace; nothing is wrong with the code. */
public final class ForbiddenAddress extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ForbiddenAddress(String message) {
        super(message, null, false, false);
    }
}
