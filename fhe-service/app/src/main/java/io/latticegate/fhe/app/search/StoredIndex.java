package io.latticegate.fhe.app.search;

import io.latticegate.fhe.app.privacy.PrivacyJson;
import io.latticegate.fhe.core.modular.Modulus;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.privacy.PrivacyTerms;
import io.latticegate.fhe.core.search.NoisyScores;
import io.latticegate.fhe.core.search.Packing;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One version of an index as it lies on disk.
 *
 * @param version 1, and one more with each replacement
 * @param bytes of the file
 * @param file its name in the folder of the index, which no other version ever has
 */
record StoredIndex(
        IndexName name,
        int version,
        int rows,
        int dimension,
        Preset preset,
        long bytes,
        String file,
        Instant createdAt,
        IndexOptions options) {

    Packing packing() {
        return Packing.of(preset.parameters().degree(), rows, dimension);
    }

    /** How many ciphertexts a reply has. */
    int blocks() {
        return packing().blocks(rows);
    }

    boolean readableBy(String project) {
        return project.equals(name.owner()) || options.readers().contains(project);
    }

    /** The terms under which a project searches; null: scores are exact and free. */
    @Nullable
    PrivacyTerms termsFor(String project) {
        return options.termsFor(project, name.owner());
    }

    /** How scores are released to a project; null: as they are. */
    @Nullable
    NoisyScores noiseFor(String project) {
        PrivacyTerms terms = termsFor(project);
        return terms == null ? null : NoisyScores.of(packing(), prime(), terms);
    }

    private Modulus prime() {
        return preset.parameters().ring().data(0).modulus(0);
    }

    /** What a project is told: its owner who may read it too, and all what their queries have to be. */
    JsonObject toWire(String project) {
        boolean owner = project.equals(name.owner());
        JsonObject wire = new JsonObject()
                .put("name", owner ? name.name() : name.qualified())
                .put("version", version)
                .put("rows", rows)
                .put("dimension", dimension)
                .put("preset", preset.name())
                .put("bytes", bytes)
                .put("created_at", createdAt.toString());
        PrivacyTerms terms = options.terms();
        if (terms != null) {
            wire.put("privacy", PrivacyJson.terms(terms).put("apply_to_owner", options.appliesToOwner()));
        }
        if (owner) {
            wire.put("readers", new JsonArray(options.readers()));
        }
        NoisyScores noise = noiseFor(project);
        double scale = noise == null ? Packing.QUERY_SCALE : noise.queryScale();
        wire.put(
                "query",
                new JsonObject()
                        .put("ciphertexts", packing().pieces())
                        .put("elements", new JsonArray())
                        .put("keys", noise == null ? new JsonArray() : new JsonArray().add("public"))
                        .put("level", 0)
                        .put("scale", scale)
                        .put("seeded", noise != null)
                        .put("packing", packing().layout()));
        JsonObject scores =
                new JsonObject().put("blocks", blocks()).put("level", 0).put("scale", scale * Packing.ROW_SCALE);
        if (noise != null) {
            scores.put("sigma", noise.sigma());
        }
        return wire.put("scores", scores);
    }

    JsonObject toJson() {
        JsonObject json = new JsonObject()
                .put("version", version)
                .put("rows", rows)
                .put("dimension", dimension)
                .put("preset", preset.name())
                .put("bytes", bytes)
                .put("file", file)
                .put("created_at", createdAt.toString())
                .put("readers", new JsonArray(options.readers()))
                .put("apply_to_owner", options.appliesToOwner());
        PrivacyTerms terms = options.terms();
        if (terms != null) {
            json.put(
                    "privacy",
                    new JsonObject()
                            .put("epsilon_per_query_micros", terms.epsilonPerQueryMicros())
                            .put("epsilon_budget_micros", terms.epsilonBudgetMicros())
                            .put("delta", terms.delta())
                            .put("composition", terms.composition().name()));
        }
        return json;
    }

    static StoredIndex from(IndexName name, JsonObject json) {
        JsonArray array = json.getJsonArray("readers");
        List<String> readers = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            readers.add(array.getString(i));
        }
        JsonObject privacy = json.getJsonObject("privacy");
        PrivacyTerms terms = privacy == null
                ? null
                : new PrivacyTerms(
                        privacy.getLong("epsilon_per_query_micros"),
                        privacy.getLong("epsilon_budget_micros"),
                        privacy.getDouble("delta"),
                        PrivacyTerms.Composition.valueOf(privacy.getString("composition")));
        return new StoredIndex(
                name,
                json.getInteger("version"),
                json.getInteger("rows"),
                json.getInteger("dimension"),
                Preset.valueOf(json.getString("preset")),
                json.getLong("bytes"),
                json.getString("file"),
                Instant.parse(json.getString("created_at")),
                new IndexOptions(readers, terms, json.getBoolean("apply_to_owner")));
    }
}
