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
 */
public record Settings(
        int bodyMax, int concurrentMax, Duration firstTokenTimeout, Duration idleTimeout, Duration bodyTimeout) {}
