package io.latticegate.bench.load;

/** A server sent bytes that are no framed HTTP/1.1 response. */
final class MalformedResponseException extends Exception {
    private static final long serialVersionUID = 1;

    MalformedResponseException(String what) {
        super(what);
    }
}
