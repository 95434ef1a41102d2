package io.latticegate.fhe.core.wire;

import java.io.IOException;

/** Takes keys digit by digit while they are read, so that a set of any size needs a small buffer only. */
@FunctionalInterface
public interface KeySink {
    /**
     * Names the place for all residues of a digit: both polynomials, the second expanded where the container holds a seed.
     *
     * @param index 0 for a relinearisation key, (g - 1) / 2 for the Galois key of the element g; never less than the last
     * @param digit 0 to the number of digits, in order
     */
    ResidueSink digit(int index, int digit, CiphertextShape shape) throws IOException;
}
