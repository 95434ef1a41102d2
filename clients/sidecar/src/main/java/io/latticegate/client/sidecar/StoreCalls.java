package io.latticegate.client.sidecar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.latticegate.client.search.TextMatch;
import io.latticegate.common.embeddings.MiniLm;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** The calls below {@code /v1/vector_stores}, with OpenAI's requests and replies. */
final class StoreCalls {
    private static final int CHUNK_PIECES = 200;
    private static final int CHUNK_OVERLAP = 50;
    private static final int CHUNK_PIECES_MIN = 100;
    private static final int RESULTS = 10;
    private static final int RESULTS_MAX = 50;
    private static final int QUERIES_MAX = 8;
    private static final int CREATED_FILES_MAX = 100;

    private final VectorStores stores;
    private final LocalFiles files;
    private final MiniLm model;
    private final InstantSource clock;

    StoreCalls(VectorStores stores, LocalFiles files, MiniLm model, InstantSource clock) {
        this.stores = stores;
        this.files = files;
        this.model = model;
        this.clock = clock;
    }

    /** The answer, or nothing where there is no such call. */
    Optional<Answer> answer(Call call) {
        if (call.is("GET", 1)) {
            return json(Page.of(stores.all(), call));
        }
        if (call.is("POST", 1)) {
            return json(create(Json.request(call.body())));
        }
        if (call.path().size() < 2) {
            return Optional.empty();
        }
        VectorStore store = stores.require(call.segment(1));
        if (call.is("GET", 2)) {
            return json(store.shown());
        }
        if (call.is("POST", 2)) {
            VectorStores.change(store, Json.request(call.body()));
            return json(store.shown());
        }
        if (call.is("DELETE", 2)) {
            stores.delete(call.segment(1));
            return json(deleted(call.segment(1), "vector_store.deleted"));
        }
        if (call.is("POST", 3, "*", "*", "search")) {
            return json(search(store, Json.request(call.body())));
        }
        return call.path().size() >= 3 && call.segment(2).equals("files") ? ofFiles(store, call) : Optional.empty();
    }

    private Optional<Answer> ofFiles(VectorStore store, Call call) {
        if (call.is("GET", 3)) {
            Optional<String> status = call.parameter("filter");
            return json(Page.of(
                    store.files().stream()
                            .filter(file -> status.isEmpty()
                                    || file.path("status").asText().equals(status.get()))
                            .toList(),
                    call));
        }
        if (call.is("POST", 3)) {
            return json(attach(store, Json.request(call.body())));
        }
        if (call.path().size() < 4) {
            return Optional.empty();
        }
        String id = call.segment(3);
        ObjectNode file = store.requireFile(id);
        if (call.is("GET", 4)) {
            return json(file);
        }
        if (call.is("POST", 4)) {
            ObjectNode attributes =
                    VectorStores.pairs(Json.request(call.body()).path("attributes"), "attributes", true);
            store.change(known -> ((ObjectNode) known.path("files").path(id)).set("attributes", attributes));
            return json(store.requireFile(id));
        }
        if (call.is("DELETE", 4)) {
            store.remove(id);
            return json(deleted(id, "vector_store.file.deleted"));
        }
        return call.is("GET", 5, "*", "*", "*", "*", "content") ? json(content(store, id)) : Optional.empty();
    }

    private static Optional<Answer> json(JsonNode body) {
        return Optional.of(Answer.json(body));
    }

    static ObjectNode deleted(String id, String object) {
        return Json.object().put("id", id).put("object", object).put("deleted", true);
    }

    private static ObjectNode content(VectorStore store, String id) {
        ObjectNode page = Json.object().put("object", "vector_store.file_content.page");
        ArrayNode data = page.putArray("data");
        store.chunks(id).forEach(chunk -> data.addObject().put("type", "text").put("text", chunk));
        return page.put("has_more", false).putNull("next_page");
    }

    private ObjectNode create(ObjectNode request) {
        List<ObjectNode> wanted = new ArrayList<>();
        JsonNode fileIds = request.path("file_ids");
        if (fileIds.size() > CREATED_FILES_MAX) {
            throw RefusedCall.invalid("file_ids", "a store is created with at most " + CREATED_FILES_MAX + " files");
        }
        fileIds.forEach(id -> wanted.add(files.require(id.asText())));
        VectorStore store = stores.create(request);
        wanted.forEach(file ->
                attach(store, Json.object().put("file_id", file.path("id").asText())));
        return store.shown();
    }

    /** Cuts and embeds a file here, at once: the reply says completed, or failed and why. */
    private ObjectNode attach(VectorStore store, ObjectNode request) {
        String id = request.path("file_id").asText();
        ObjectNode source = files.require(id);
        if (store.file(id) != null) {
            throw RefusedCall.invalid("file_id", "the file is in this vector store already; delete it there first");
        }
        int piecesMax = CHUNK_PIECES;
        int overlap = CHUNK_OVERLAP;
        JsonNode strategy = request.path("chunking_strategy");
        if (strategy.path("type").asText("auto").equals("static")) {
            piecesMax = strategy.path("static").path("max_chunk_size_tokens").asInt();
            overlap = strategy.path("static").path("chunk_overlap_tokens").asInt();
            if (piecesMax < CHUNK_PIECES_MIN
                    || piecesMax > MiniLm.PIECES_MAX
                    || overlap < 0
                    || overlap > piecesMax / 2) {
                throw RefusedCall.invalid(
                        "chunking_strategy",
                        "the model reads " + MiniLm.PIECES_MAX + " word pieces at a time: max_chunk_size_tokens is "
                                + CHUNK_PIECES_MIN + " to " + MiniLm.PIECES_MAX
                                + ", and chunk_overlap_tokens at most half of it");
            }
        } else if (!strategy.path("type").asText("auto").equals("auto")) {
            throw RefusedCall.invalid("chunking_strategy", "the type of a chunking strategy is auto or static");
        }
        ObjectNode file = Json.object()
                .put("id", id)
                .put("object", "vector_store.file")
                .put("created_at", clock.instant().getEpochSecond())
                .put("vector_store_id", store.shown().path("id").asText())
                .put("filename", source.path("filename").asText());
        file.set("attributes", VectorStores.pairs(request.path("attributes"), "attributes", true));
        file.putObject("chunking_strategy")
                .put("type", "static")
                .putObject("static")
                .put("max_chunk_size_tokens", piecesMax)
                .put("chunk_overlap_tokens", overlap);
        List<String> chunks = new ArrayList<>();
        List<float[]> vectors = new ArrayList<>();
        try {
            chunks.addAll(new TextChunks(model::countPieces, piecesMax, overlap).of(text(files.bytes(id))));
            chunks.forEach(chunk -> vectors.add(model.embed(chunk)));
            file.put("status", "completed").put("usage_bytes", bytes(chunks)).putNull("last_error");
        } catch (CharacterCodingException | IllegalArgumentException notText) {
            chunks.clear();
            vectors.clear();
            file.put("status", "failed").put("usage_bytes", 0);
            file.putObject("last_error")
                    .put("code", "unsupported_file")
                    .put(
                            "message",
                            "The file is not a text in UTF-8 that can be embedded; other kinds are not read here");
        }
        store.add(file, chunks, vectors);
        return store.requireFile(id);
    }

    private static long bytes(List<String> chunks) {
        long text = chunks.stream()
                .mapToLong(chunk -> chunk.getBytes(StandardCharsets.UTF_8).length)
                .sum();
        return text + (long) chunks.size() * MiniLm.DIMENSION * Float.BYTES;
    }

    private static String text(byte[] bytes) throws CharacterCodingException {
        String text = StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes))
                .toString();
        if (text.indexOf('\0') >= 0 || text.isBlank()) {
            throw new CharacterCodingException();
        }
        return text;
    }

    private ObjectNode search(VectorStore store, ObjectNode request) {
        if (request.path("rewrite_query").asBoolean()) {
            throw RefusedCall.unsupported("rewrite_query", "queries are not rewritten: no model is asked");
        }
        JsonNode ranking = request.path("ranking_options");
        String ranker = ranking.path("ranker").asText("auto");
        if (!ranker.equals("auto") && !ranker.equals("none")) {
            throw RefusedCall.unsupported("ranking_options", "the ranker is auto or none: scores are cosines");
        }
        double least = ranking.path("score_threshold").asDouble(0);
        int count = request.path("max_num_results").asInt(RESULTS);
        if (count < 1 || count > RESULTS_MAX) {
            throw RefusedCall.invalid("max_num_results", "max_num_results is 1 to " + RESULTS_MAX);
        }
        Predicate<JsonNode> attributes = AttributeFilter.of(request.path("filters"));
        List<String> queries = queries(request.path("query"));
        List<float[]> vectors = queries.stream().map(this::embed).toList();
        Map<String, TextMatch> best = new LinkedHashMap<>();
        for (float[] vector : vectors) {
            for (TextMatch match : store.search(vector, count, least, attributes)) {
                best.merge(
                        match.entry().label().id(), match, (one, other) -> one.score() >= other.score() ? one : other);
            }
        }
        store.change(known -> known.put("last_active_at", clock.instant().getEpochSecond()));
        ObjectNode page = Json.object().put("object", "vector_store.search_results.page");
        ArrayNode asked = page.putArray("search_query");
        queries.forEach(asked::add);
        ArrayNode data = page.putArray("data");
        best.values().stream()
                .sorted(Comparator.comparingDouble(TextMatch::score).reversed())
                .limit(count)
                .forEach(match -> data.add(result(store, match)));
        return page.put("has_more", false).putNull("next_page");
    }

    private static List<String> queries(JsonNode query) {
        List<String> queries = new ArrayList<>();
        if (query.isTextual()) {
            queries.add(query.textValue());
        }
        query.forEach(one -> queries.add(one.asText()));
        if (queries.isEmpty()
                || queries.size() > QUERIES_MAX
                || queries.stream().anyMatch(String::isBlank)) {
            throw RefusedCall.invalid("query", "query is a text, or a list of 1 to " + QUERIES_MAX + ", none blank");
        }
        return queries;
    }

    private float[] embed(String query) {
        try {
            return model.embed(query);
        } catch (IllegalArgumentException tooLong) {
            throw RefusedCall.invalid("query", "the query is " + tooLong.getMessage());
        }
    }

    private static ObjectNode result(VectorStore store, TextMatch match) {
        String fileId = String.valueOf(match.entry().label().metadata().get("file_id"));
        ObjectNode file = store.file(fileId);
        ObjectNode result = Json.object()
                .put("file_id", fileId)
                .put("filename", file == null ? "" : file.path("filename").asText())
                .put("score", Math.clamp(match.score(), 0.0, 1.0));
        result.set("attributes", file == null ? Json.object() : file.path("attributes"));
        result.putArray("content")
                .addObject()
                .put("type", "text")
                .put("text", match.entry().text());
        return result;
    }
}
