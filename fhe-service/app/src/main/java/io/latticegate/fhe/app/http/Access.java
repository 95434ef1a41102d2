package io.latticegate.fhe.app.http;

/** Who may call a route, and what it costs. */
public enum Access {
    /** Everybody. */
    OPEN,
    /** A project token, of whose limit nothing is taken. */
    TOKEN,
    /** A project token, of whose limit one request is taken. */
    COUNTED
}
