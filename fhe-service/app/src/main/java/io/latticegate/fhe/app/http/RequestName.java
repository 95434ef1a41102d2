package io.latticegate.fhe.app.http;

/**
 * How a request is called.
 *
 * @param id ours, unique
 * @param correlation the client's, or empty
 */
record RequestName(String id, String correlation) {
    /** What the client is told. */
    String echoed() {
        return correlation.isEmpty() ? id : correlation;
    }
}
