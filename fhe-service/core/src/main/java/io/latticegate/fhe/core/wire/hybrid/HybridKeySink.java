package io.latticegate.fhe.core.wire.hybrid;

import io.latticegate.fhe.core.random.PublicSeed;
import io.latticegate.fhe.core.wire.ResidueSink;
import java.io.IOException;

/** Takes keys digit by digit while they are read, so that a set of any size needs a small buffer only. */
@FunctionalInterface
public interface HybridKeySink {
    /**
     * Names the place for the residues of a digit's body, over all primes.
     *
     * @param element the Galois element, 0 for relinearisation; greater than the last one's
     * @param digit from 0 on, in order
     * @param seed that of the mask
     */
    ResidueSink digit(int element, int digit, PublicSeed seed) throws IOException;
}
