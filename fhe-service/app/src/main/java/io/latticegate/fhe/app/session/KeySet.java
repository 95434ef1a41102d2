package io.latticegate.fhe.app.session;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys of one kind as they lie on disk.
 *
 * @param bytes of the container that was sent
 * @param storedBytes of the file, seeds expanded
 * @param indices 0 for relinearisation and for a public key, (g - 1) / 2 for the Galois element g
 * @param sha256 of the container, in hexadecimal
 * @param file name of the file in the session's folder
 */
public record KeySet(KeyKind kind, long bytes, long storedBytes, List<Integer> indices, String sha256, String file) {
    public KeySet {
        indices = List.copyOf(indices);
    }

    /** The Galois elements; none for other kinds. */
    public List<Integer> elements() {
        return kind == KeyKind.GALOIS
                ? indices.stream().map(index -> 2 * index + 1).toList()
                : List.of();
    }

    /** What a client sees. */
    public JsonObject toWire() {
        JsonObject wire = new JsonObject()
                .put("kind", kind.wireName())
                .put("bytes", bytes)
                .put("stored_bytes", storedBytes)
                .put("keys", indices.size());
        if (kind == KeyKind.GALOIS) {
            wire.put("elements", new JsonArray(elements()));
        }
        return wire.put("sha256", sha256);
    }

    JsonObject toJson() {
        return new JsonObject()
                .put("kind", kind.wireName())
                .put("bytes", bytes)
                .put("stored_bytes", storedBytes)
                .put("indices", new JsonArray(indices))
                .put("sha256", sha256)
                .put("file", file);
    }

    static KeySet from(JsonObject json) {
        JsonArray array = json.getJsonArray("indices");
        List<Integer> indices = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            indices.add(array.getInteger(i));
        }
        return new KeySet(
                KeyKind.of(json.getString("kind")),
                json.getLong("bytes"),
                json.getLong("stored_bytes"),
                indices,
                json.getString("sha256"),
                json.getString("file"));
    }
}
