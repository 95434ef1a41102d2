package io.latticegate.fhe.app.http;

/** The client closed its connection before it had sent or read everything; there is nobody to answer. */
public final class ClientGone extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ClientGone() {
        super("the client closed its connection", null, false, false);
    }
}
