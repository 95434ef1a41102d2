package io.latticegate.fhe.core.head;

import java.util.Set;

/**
 * The evaluation keys that a head needs from a client.
 *
 * @param galois the Galois elements
 * @param relinearisation whether a relinearisation key is needed
 * @param galoisBytes of the container of the Galois keys, seeded and uncompressed
 * @param relinearisationBytes of that of the relinearisation key; 0 if none is needed
 */
public record KeyElements(Set<Integer> galois, boolean relinearisation, long galoisBytes, long relinearisationBytes) {}
