package io.latticegate.fhe.app.describe;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** What the service can do and what it hides, put together from the endpoints that are there. */
public final class Abilities {
    private final JsonArray encrypted = new JsonArray();
    private final JsonArray notEncrypted = new JsonArray();
    private final JsonArray operations = new JsonArray();
    private final JsonObject limits = new JsonObject();

    /** Something that the service computes with and cannot read. */
    public void encrypted(String what) {
        encrypted.add(what);
    }

    /** Something that the service can read. */
    public void notEncrypted(String what) {
        notEncrypted.add(what);
    }

    /** Something that the service computes. */
    public void operation(String name) {
        operations.add(name);
    }

    /** A bound, its unit in the name. */
    public void limit(String name, long value) {
        limits.put(name, value);
    }

    void writeTo(JsonObject document) {
        document.put("encrypted", encrypted)
                .put("not_encrypted", notEncrypted)
                .put("operations", operations)
                .put("limits", limits);
    }
}
