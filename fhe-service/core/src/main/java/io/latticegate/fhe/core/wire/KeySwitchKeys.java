package io.latticegate.fhe.core.wire;

import io.latticegate.fhe.core.random.ParmsId;
import java.util.List;

/**
 * Relinearisation or Galois keys as a container holds them.
 *
 * @param parmsId the key level
 * @param keys by index, each a list of digits or, where there is no key, an empty list. Relinearisation keys have index 0
 *     alone; the Galois key of the element g has index (g - 1) / 2 of N.
 */
public record KeySwitchKeys(ParmsId parmsId, List<List<SealCiphertext>> keys) {
    /** Copies the outer list. */
    public KeySwitchKeys {
        keys = List.copyOf(keys);
    }

    /** The index of the key of a Galois element, which is odd and below 2N. */
    public static int galoisIndex(int element) {
        return (element - 1) / 2;
    }

    /** How many keys there are. */
    public int count() {
        return (int) keys.stream().filter(key -> !key.isEmpty()).count();
    }
}
