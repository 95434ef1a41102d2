package io.latticegate.client;

import java.util.Set;
import java.util.TreeSet;

/**
 * The evaluation keys that a computation needs.
 *
 * @param relinearisation whether it multiplies ciphertexts
 * @param publicKey whether what comes back is made fresh by adding an encryption of zero
 * @param elements Galois elements of its rotations and conjugations
 */
public record KeyNeeds(boolean relinearisation, boolean publicKey, Set<Integer> elements) {
    /** The public key alone. */
    public static final KeyNeeds PUBLIC_KEY = new KeyNeeds(false, true, Set.of());

    /** No keys at all. */
    public static final KeyNeeds NONE = new KeyNeeds(false, false, Set.of());

    public KeyNeeds {
        elements = Set.copyOf(elements);
    }

    KeyNeeds and(KeyNeeds others) {
        Set<Integer> all = new TreeSet<>(elements);
        all.addAll(others.elements);
        return new KeyNeeds(relinearisation || others.relinearisation, publicKey || others.publicKey, all);
    }

    boolean covers(KeyNeeds others) {
        return (relinearisation || !others.relinearisation)
                && (publicKey || !others.publicKey)
                && elements.containsAll(others.elements);
    }
}
