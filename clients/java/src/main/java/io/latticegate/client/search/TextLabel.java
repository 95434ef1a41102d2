package io.latticegate.client.search;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is known of a text without reading it.
 *
 * @param id unique in its collection
 * @param metadata texts, numbers and truth values by name, of the application's own
 */
public record TextLabel(String id, Map<String, Object> metadata) {
    /** The longest id. */
    public static final int ID_LENGTH_MAX = 256;

    public TextLabel {
        if (id.isEmpty() || id.length() > ID_LENGTH_MAX) {
            throw new IllegalArgumentException(
                    "an id of " + id.length() + " characters; allowed are 1 to " + ID_LENGTH_MAX);
        }
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
        metadata.forEach((name, value) -> {
            if (!(value instanceof String || value instanceof Number || value instanceof Boolean)) {
                throw new IllegalArgumentException(
                        "metadata " + name + " is of " + value.getClass() + "; allowed: text, number, truth value");
            }
        });
    }
}
