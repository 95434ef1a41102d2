package io.latticegate.fhe.gpu;

/**
 * A piece of an engine's memory.
 *
 * @param offset in the engine's slab
 * @param address on the device
 * @param bytes at least as many as were asked for
 */
record Block(long offset, long address, long bytes) {}
