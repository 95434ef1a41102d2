package io.latticegate.client.error;

/** There is no such thing, or it belongs to another project. */
public final class NotFoundException extends ServiceRefusalException {
    private static final long serialVersionUID = 1L;

    NotFoundException(int status, String code, String detail) {
        super(status, code, detail);
    }
}
