package io.latticegate.common.bus;

/**
 * A question that got no answer: nobody serves the address, the deadline passed, the server was overloaded or failed, or
 * an answer did not prove where it came from. Domain outcomes are values of the reply type and never this.
 */
public final class BusFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What went wrong, for metrics and for the decision to ask again. */
    public enum Kind {
        NO_HANDLERS,
        TIMEOUT,
        OVERLOADED,
        SERVER_FAILED,
        REFUSED,
        UNTRUSTED_REPLY
    }

    private final Kind kind;

    public BusFault(Kind kind, String message) {
        super(message, null, false, false);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
