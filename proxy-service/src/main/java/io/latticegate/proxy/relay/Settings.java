package io.latticegate.proxy.relay;

import java.time.Duration;

/**
 * Bounds of the walk.
 *
 * @param bodyMax largest request body, in bytes
 * @param concurrentMax most requests in progress per edge verticle
 * @param firstTokenTimeout from the head of a stream to its first bytes
 * @param idleTimeout longest pause between bytes of an answer, and longest time that a client may stop reading
 * @param bodyTimeout longest time for a request body to arrive
 * @param uploads bounds of requests that carry files
 */
public record Settings(
        int bodyMax,
        int concurrentMax,
        Duration firstTokenTimeout,
        Duration idleTimeout,
        Duration bodyTimeout,
        Uploads uploads) {

    /**
     * Bounds of requests that carry files.
     *
     * @param bodyMax largest body, in bytes
     * @param concurrentMax most of them in progress per edge verticle, each of which is held in memory
     * @param bodyTimeout longest time for a body to arrive
     */
    public record Uploads(int bodyMax, int concurrentMax, Duration bodyTimeout) {}
}
