package io.latticegate.fhe.gpu;

/**
 * What a device is.
 *
 * @param name as its maker calls it
 * @param architecture such as sm_90
 * @param memoryBytes all of its memory
 * @param multiprocessors how many
 * @param fastDoubles whether it multiplies doubles at half the rate of floats, and not at a fraction of that
 */
public record Device(String name, String architecture, long memoryBytes, int multiprocessors, boolean fastDoubles) {}
