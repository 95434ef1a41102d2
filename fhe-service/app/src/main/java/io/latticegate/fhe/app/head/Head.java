package io.latticegate.fhe.app.head;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * One version of a head, without its weights.
 *
 * @param id 128 random bits in hexadecimal, of this version alone: what is cached under it never changes
 * @param owner the project that has it
 * @param version 1, or one more than that of the head it replaced
 * @param labels a name for each score, or none
 * @param readers other projects that may ask it
 */
record Head(
        String id,
        String owner,
        String name,
        int version,
        Instant createdAt,
        List<String> labels,
        List<String> readers,
        HeadShape shape) {
    Head {
        labels = List.copyOf(labels);
        readers = List.copyOf(readers);
    }

    boolean readableBy(String project) {
        return owner.equals(project) || readers.contains(project);
    }

    /** What a client sees. Only the owner is told who else may ask. */
    JsonObject toWire(String project) {
        boolean own = owner.equals(project);
        JsonObject wire = new JsonObject()
                .put("name", own ? name : owner + HeadCalls.OF_PROJECT + name)
                .put("version", version)
                .put("preset", HeadCalls.PRESET)
                .put("created_at", createdAt.toString())
                .put("labels", new JsonArray(labels));
        shape.writeTo(wire);
        return own ? wire.put("readers", new JsonArray(readers)) : wire;
    }

    JsonObject toJson() {
        return toWire(owner).put("id", id).put("owner", owner);
    }

    static Head from(JsonObject json) {
        return new Head(
                json.getString("id"),
                json.getString("owner"),
                json.getString("name"),
                json.getInteger("version"),
                Instant.parse(json.getString("created_at")),
                texts(json.getJsonArray("labels")),
                texts(json.getJsonArray("readers")),
                HeadShape.from(json));
    }

    private static List<String> texts(JsonArray array) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            texts.add(array.getString(i));
        }
        return texts;
    }
}
