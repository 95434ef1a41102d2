package io.latticegate.client.sidecar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.latticegate.client.FheClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** {@code /v1/vector_stores}: the stores of this machine, each in a folder of its own. */
final class VectorStores implements AutoCloseable {
    static final String PREFIX = "vs_";

    private static final int COUNT_MAX = 1_000;
    private static final int NAME_LENGTH_MAX = 256;
    private static final int METADATA_MAX = 16;
    private static final int KEY_LENGTH_MAX = 64;
    private static final int VALUE_LENGTH_MAX = 512;

    private final Path folder;
    private final FheClient client;
    private final LocalIds ids;
    private final InstantSource clock;
    private final Map<String, VectorStore> stores = new TreeMap<>();

    VectorStores(Path folder, FheClient client, LocalIds ids, InstantSource clock) throws IOException {
        this.folder = folder;
        this.client = client;
        this.ids = ids;
        this.clock = clock;
        PrivateFiles.folder(folder);
        try (Stream<Path> there = Files.list(folder)) {
            for (Path store : there.toList()) {
                String id = store.getFileName().toString();
                if (LocalIds.matches(PREFIX, id) && Files.exists(store.resolve("store.json"))) {
                    stores.put(id, VectorStore.open(store, client));
                }
            }
        }
    }

    synchronized VectorStore create(ObjectNode request) {
        for (String param : List.of("expires_after", "chunking_strategy")) {
            if (!request.path(param).isMissingNode() && !request.path(param).isNull()) {
                throw RefusedCall.unsupported(
                        param,
                        param + " is not taken here; stores stay until they are deleted, and"
                                + " chunking is said with each file");
            }
        }
        if (stores.size() >= COUNT_MAX) {
            throw RefusedCall.invalid(null, "there are " + COUNT_MAX + " vector stores already; delete some");
        }
        String id = ids.next(PREFIX);
        long now = clock.instant().getEpochSecond();
        ObjectNode known = Json.object()
                .put("id", id)
                .put("object", "vector_store")
                .put("created_at", now)
                .put("name", name(request))
                .put("status", "completed")
                .put("last_active_at", now);
        known.set("metadata", metadata(request));
        known.putObject("files");
        try {
            VectorStore store = VectorStore.create(folder.resolve(id), known, client);
            stores.put(id, store);
            return store;
        } catch (IOException fault) {
            throw new UncheckedIOException("a vector store cannot be made", fault);
        }
    }

    static void change(VectorStore store, ObjectNode request) {
        if (!request.path("expires_after").isMissingNode()
                && !request.path("expires_after").isNull()) {
            throw RefusedCall.unsupported("expires_after", "stores stay until they are deleted");
        }
        store.change(known -> {
            if (request.hasNonNull("name")) {
                known.put("name", name(request));
            }
            if (request.has("metadata")) {
                known.set("metadata", metadata(request));
            }
        });
    }

    private static String name(ObjectNode request) {
        JsonNode name = request.path("name");
        if (name.isMissingNode() || name.isNull()) {
            return "";
        }
        if (!name.isTextual() || name.textValue().length() > NAME_LENGTH_MAX) {
            throw RefusedCall.invalid("name", "name is a text of at most " + NAME_LENGTH_MAX + " characters");
        }
        return name.textValue();
    }

    private static ObjectNode metadata(ObjectNode request) {
        return pairs(request.path("metadata"), "metadata", false);
    }

    /** Up to 16 pairs, as OpenAI bounds them. */
    static ObjectNode pairs(JsonNode given, String param, boolean scalars) {
        if (given.isMissingNode() || given.isNull()) {
            return Json.object();
        }
        if (!(given instanceof ObjectNode pairs) || pairs.size() > METADATA_MAX) {
            throw RefusedCall.invalid(param, param + " holds at most " + METADATA_MAX + " pairs");
        }
        pairs.properties().forEach(pair -> {
            JsonNode value = pair.getValue();
            boolean allowed = value.isTextual() && value.textValue().length() <= VALUE_LENGTH_MAX
                    || scalars && (value.isNumber() || value.isBoolean());
            if (pair.getKey().length() > KEY_LENGTH_MAX || !allowed) {
                throw RefusedCall.invalid(
                        param,
                        param + " has names of at most " + KEY_LENGTH_MAX + " characters and values of at most "
                                + VALUE_LENGTH_MAX);
            }
        });
        return pairs.deepCopy();
    }

    synchronized VectorStore require(String id) {
        VectorStore store = stores.get(id);
        if (store == null) {
            throw RefusedCall.notFound("there is no vector store of this id");
        }
        return store;
    }

    /** All stores, oldest first. */
    synchronized List<ObjectNode> all() {
        return stores.values().stream()
                .map(VectorStore::shown)
                .sorted(Comparator.comparingLong(
                        store -> store.path("created_at").asLong()))
                .toList();
    }

    void delete(String id) {
        VectorStore store = require(id);
        store.delete();
        synchronized (this) {
            stores.remove(id);
        }
    }

    /** Takes a file out of every store. */
    void forgetFile(String fileId) {
        List<VectorStore> all;
        synchronized (this) {
            all = List.copyOf(stores.values());
        }
        all.stream().filter(store -> store.file(fileId) != null).forEach(store -> store.remove(fileId));
    }

    @Override
    public synchronized void close() {
        stores.values().forEach(VectorStore::close);
    }
}
