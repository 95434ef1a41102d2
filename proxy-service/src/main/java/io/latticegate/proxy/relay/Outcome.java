package io.latticegate.proxy.relay;

/** How a request ended. */
public enum Outcome {
    SUCCESS,
    DENIED,
    FAILURE,
    ERROR
}
