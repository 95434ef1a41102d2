package io.latticegate.client.sidecar;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * {@code /v1/files}: uploaded files, which stay in a folder of this machine. Each is two files there: its bytes, and what is
 * known of it, written last.
 */
final class LocalFiles {
    static final String PREFIX = "file-";

    /** Most files at a time. */
    private static final int COUNT_MAX = 10_000;

    private final Path folder;
    private final LocalIds ids;
    private final InstantSource clock;
    private final Map<String, ObjectNode> files = new TreeMap<>();

    LocalFiles(Path folder, LocalIds ids, InstantSource clock) throws IOException {
        this.folder = folder;
        this.ids = ids;
        this.clock = clock;
        PrivateFiles.folder(folder);
        try (Stream<Path> there = Files.list(folder)) {
            for (Path file :
                    there.filter(path -> path.toString().endsWith(".json")).toList()) {
                ObjectNode known = Json.stored(Files.readAllBytes(file));
                files.put(known.path("id").asText(), known);
            }
        }
    }

    synchronized ObjectNode add(String name, String purpose, byte[] bytes) {
        if (files.size() >= COUNT_MAX) {
            throw RefusedCall.invalid("file", "there are " + COUNT_MAX + " files already; delete some");
        }
        String id = ids.next(PREFIX);
        ObjectNode file = Json.object()
                .put("id", id)
                .put("object", "file")
                .put("bytes", bytes.length)
                .put("created_at", clock.instant().getEpochSecond())
                .put("filename", name)
                .put("purpose", purpose)
                .put("status", "processed");
        try {
            PrivateFiles.write(content(id), bytes);
            PrivateFiles.write(known(id), Json.bytes(file));
        } catch (IOException fault) {
            throw new UncheckedIOException("a file cannot be kept", fault);
        }
        files.put(id, file);
        return file.deepCopy();
    }

    private Path content(String id) {
        return folder.resolve(id + ".bin");
    }

    private Path known(String id) {
        return folder.resolve(id + ".json");
    }

    synchronized Optional<ObjectNode> find(String id) {
        return Optional.ofNullable(files.get(id)).map(ObjectNode::deepCopy);
    }

    ObjectNode require(String id) {
        return find(id).orElseThrow(() -> RefusedCall.notFound("there is no file of this id"));
    }

    /** All files, oldest first; with a purpose only its own. */
    synchronized List<ObjectNode> all(String purpose) {
        List<ObjectNode> all = new ArrayList<>(files.values());
        all.removeIf(
                file -> !purpose.isEmpty() && !file.path("purpose").asText().equals(purpose));
        all.sort(java.util.Comparator.comparingLong(
                file -> file.path("created_at").asLong()));
        return all;
    }

    byte[] bytes(String id) {
        require(id);
        try {
            return Files.readAllBytes(content(id));
        } catch (IOException fault) {
            throw new UncheckedIOException("a file cannot be read", fault);
        }
    }

    synchronized void delete(String id) {
        require(id);
        try {
            Files.deleteIfExists(known(id));
            Files.deleteIfExists(content(id));
        } catch (IOException fault) {
            throw new UncheckedIOException("a file cannot be deleted", fault);
        }
        files.remove(id);
    }
}
