package io.latticegate.fhe.core.key;

import io.latticegate.fhe.core.preset.CkksParameters;
import java.util.Map;

/** Switching keys by Galois element. */
public record GaloisKeys(CkksParameters parameters, Map<Integer, SwitchingKey> byElement) implements AutoCloseable {
    public GaloisKeys {
        byElement = Map.copyOf(byElement);
        for (var entry : byElement.entrySet()) {
            if ((entry.getKey() & 1) == 0 || entry.getKey() < 1 || entry.getKey() >= 2 * parameters.degree()) {
                throw new IllegalArgumentException("Galois element " + entry.getKey());
            }
            if (entry.getValue().parameters() != parameters) {
                throw new IllegalArgumentException("the key of element " + entry.getKey() + " is of "
                        + entry.getValue().parameters() + ", not of " + parameters);
            }
        }
    }

    /** @throws IllegalArgumentException if there is none */
    public SwitchingKey require(int element) {
        SwitchingKey key = byElement.get(element);
        if (key == null) {
            throw new IllegalArgumentException("there is no Galois key for element " + element);
        }
        return key;
    }

    @Override
    public void close() {
        byElement.values().forEach(SwitchingKey::close);
    }
}
