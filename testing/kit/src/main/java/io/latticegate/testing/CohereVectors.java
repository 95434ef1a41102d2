package io.latticegate.testing;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** {@code POST /v2/embed} for texts as {@code float}, and {@code POST /v2/rerank} by the likeness of the same vectors. */
final class CohereVectors {
    private static final int DIMENSIONS = 1536;
    private static final int TEXTS_MAX = 96;

    private record Ranked(int index, double score) {}

    static Reply embedding(JsonObject body, Script script) {
        if (!(body.getValue("input_type") instanceof String)) {
            throw new Refusal(400, "invalid request: valid input_type must be provided with the provided model");
        }
        if (!body.getJsonArray("embedding_types", JsonArray.of("float")).equals(JsonArray.of("float"))) {
            throw new Refusal(400, "this stand-in embeds as float only");
        }
        List<String> texts = texts(body.getJsonArray("texts", new JsonArray()));
        if (texts.isEmpty() || texts.size() > TEXTS_MAX) {
            throw new Refusal(400, "invalid request: valid texts must be provided, at most " + TEXTS_MAX);
        }
        JsonArray vectors = new JsonArray();
        int tokens = 0;
        for (String text : texts) {
            JsonArray vector = new JsonArray();
            for (float component : Embedding.of(text, body.getInteger("output_dimension", DIMENSIONS))) {
                vector.add(component);
            }
            vectors.add(vector);
            tokens += Math.max(1, Tokens.of(text));
        }
        JsonObject meta = JsonObject.of("api_version", JsonObject.of("version", "2"));
        if (!script.usageOmitted()) {
            meta.put("billed_units", JsonObject.of("input_tokens", tokens));
        }
        return Reply.json(
                200,
                JsonObject.of(
                        "id",
                        Ids.of("embed", body.getString("model")),
                        "embeddings",
                        JsonObject.of("float", vectors),
                        "texts",
                        new JsonArray(texts),
                        "meta",
                        meta,
                        "response_type",
                        "embeddings_by_type"));
    }

    static Reply ranking(JsonObject body) {
        if (!(body.getValue("query") instanceof String query)) {
            throw new Refusal(400, "invalid request: query must be provided");
        }
        List<String> documents = texts(body.getJsonArray("documents", new JsonArray()));
        if (documents.isEmpty()) {
            throw new Refusal(400, "invalid request: list of documents must not be empty");
        }
        float[] wanted = Embedding.of(query, DIMENSIONS);
        List<Ranked> ranked = new ArrayList<>();
        for (int i = 0; i < documents.size(); i++) {
            ranked.add(new Ranked(i, likeness(wanted, Embedding.of(documents.get(i), DIMENSIONS))));
        }
        ranked.sort(Comparator.comparingDouble(Ranked::score).reversed());
        JsonArray results = new JsonArray();
        int most = Math.clamp(body.getInteger("top_n", ranked.size()), 1, ranked.size());
        for (Ranked one : ranked.subList(0, most)) {
            results.add(JsonObject.of("index", one.index(), "relevance_score", one.score()));
        }
        return Reply.json(
                200,
                JsonObject.of(
                        "id",
                        Ids.of("rerank", query),
                        "results",
                        results,
                        "meta",
                        JsonObject.of(
                                "api_version",
                                JsonObject.of("version", "2"),
                                "billed_units",
                                JsonObject.of("search_units", 1))));
    }

    private static double likeness(float[] one, float[] other) {
        double product = 0;
        for (int i = 0; i < one.length; i++) {
            product += one[i] * other[i];
        }
        return Math.clamp((product + 1) / 2, 0, 1);
    }

    private static List<String> texts(JsonArray texts) {
        return texts.stream().map(String::valueOf).toList();
    }

    private CohereVectors() {}
}
