package io.latticegate.client.sidecar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.latticegate.client.FheClient;
import io.latticegate.client.search.EncryptedCollection;
import io.latticegate.client.search.TextEntry;
import io.latticegate.client.search.TextMatch;
import io.latticegate.common.embeddings.MiniLm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * One vector store: what is known of it and its files in {@code store.json}, chunks and vectors in an
 * {@link EncryptedCollection}. The file is written before chunks are added and after they are removed, so that every chunk
 * there belongs to a file that is known. Safe for use by several threads.
 */
final class VectorStore implements AutoCloseable {
    private static final String FILE = "store.json";

    private final Path folder;
    private final EncryptedCollection collection;
    private ObjectNode known;

    private VectorStore(Path folder, ObjectNode known, FheClient client) {
        this.folder = folder;
        this.known = known;
        this.collection = EncryptedCollection.open(client, folder.getFileName().toString(), folder, MiniLm.DIMENSION);
    }

    static VectorStore create(Path folder, ObjectNode known, FheClient client) throws IOException {
        PrivateFiles.folder(folder);
        PrivateFiles.write(folder.resolve(FILE), Json.bytes(known));
        return new VectorStore(folder, known, client);
    }

    static VectorStore open(Path folder, FheClient client) throws IOException {
        return new VectorStore(folder, Json.stored(Files.readAllBytes(folder.resolve(FILE))), client);
    }

    /** The store as the API shows it. */
    synchronized ObjectNode shown() {
        ObjectNode shown = known.deepCopy();
        shown.remove("files");
        long bytes = 0;
        int failed = 0;
        for (JsonNode file : known.path("files")) {
            bytes += file.path("usage_bytes").asLong();
            failed += file.path("status").asText().equals("failed") ? 1 : 0;
        }
        int total = known.path("files").size();
        shown.put("usage_bytes", bytes);
        shown.putObject("file_counts")
                .put("in_progress", 0)
                .put("completed", total - failed)
                .put("failed", failed)
                .put("cancelled", 0)
                .put("total", total);
        return shown;
    }

    /** Changes what is known, on disk before anybody sees it. */
    synchronized void change(java.util.function.Consumer<ObjectNode> change) {
        ObjectNode changed = known.deepCopy();
        change.accept(changed);
        try {
            PrivateFiles.write(folder.resolve(FILE), Json.bytes(changed));
        } catch (IOException fault) {
            throw new UncheckedIOException("a vector store cannot be kept", fault);
        }
        known = changed;
    }

    /** The files, oldest first, as the API shows them. */
    synchronized List<ObjectNode> files() {
        return StreamSupport.stream(known.path("files").spliterator(), false)
                .map(file -> (ObjectNode) file.deepCopy())
                .toList();
    }

    synchronized @Nullable ObjectNode file(String id) {
        return known.path("files").path(id) instanceof ObjectNode file ? file.deepCopy() : null;
    }

    ObjectNode requireFile(String id) {
        ObjectNode file = file(id);
        if (file == null) {
            throw RefusedCall.notFound("the vector store has no file of this id");
        }
        return file;
    }

    /** Adds a file and its chunks. */
    synchronized void add(ObjectNode file, List<String> chunks, List<float[]> vectors) {
        String id = file.path("id").asText();
        change(store -> ((ObjectNode) store.path("files")).set(id, file));
        List<TextEntry> entries = new ArrayList<>();
        for (int i = 0; i < chunks.size(); i++) {
            Map<String, Object> metadata = new LinkedHashMap<>();
            metadata.put("file_id", id);
            metadata.put("chunk", i);
            entries.add(TextEntry.of(id + "/" + i, chunks.get(i), metadata));
        }
        collection.add(entries, vectors);
    }

    synchronized void remove(String fileId) {
        collection.removeIf(label -> fileId.equals(label.metadata().get("file_id")));
        change(store -> ((ObjectNode) store.path("files")).remove(fileId));
    }

    /** A file's chunks in their order. */
    List<String> chunks(String fileId) {
        return collection.entries(label -> fileId.equals(label.metadata().get("file_id"))).stream()
                .map(TextEntry::text)
                .toList();
    }

    /** The best chunks of files whose attributes pass. */
    List<TextMatch> search(float[] query, int count, double least, Predicate<JsonNode> attributes) {
        Map<String, Boolean> passes = new LinkedHashMap<>();
        for (ObjectNode file : files()) {
            passes.put(file.path("id").asText(), attributes.test(file.path("attributes")));
        }
        return collection.search(
                query,
                count,
                least,
                label -> passes.getOrDefault(String.valueOf(label.metadata().get("file_id")), false));
    }

    /** Deletes the store here and its index at the service. */
    synchronized void delete() {
        collection.clear();
        close();
        try {
            PrivateFiles.deleteTree(folder);
        } catch (IOException fault) {
            throw new UncheckedIOException("a vector store cannot be deleted", fault);
        }
    }

    @Override
    public void close() {
        collection.close();
    }
}
