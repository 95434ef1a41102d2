package io.latticegate.fhe.app.search;

import io.latticegate.common.config.FheConfig;
import io.latticegate.fhe.app.http.Refusal;
import io.latticegate.fhe.app.store.Folder;
import io.latticegate.fhe.core.preset.Preset;
import io.latticegate.fhe.core.ring.RnsBackend;
import io.latticegate.fhe.core.search.IndexWriter;
import io.latticegate.fhe.core.search.InvalidRowsException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Indexes in a {@link Folder}: {@code owners/<project>/indexes/<name>/index.json} names the file beside it that is the index.
 * Rows pass from the network to a file that nobody knows; writing the JSON makes it known in one move. A file that no JSON names
 * is a leftover.
 */
final class IndexFiles {
    private static final Path OWNERS = Path.of("owners");
    private static final String INDEXES = "indexes";
    private static final String LOCK = "indexes.lock";
    private static final String JSON = "index.json";
    private static final String SUFFIX = ".index";
    private static final Duration ORPHAN = Duration.ofHours(1);

    private final Folder folder;
    private final FheConfig config;
    private final RnsBackend backend;
    private final InstantSource clock;
    private final Map<String, Long> beingWritten = new HashMap<>();

    /**
     * An index that is to be made.
     *
     * @param rows 1 to 10,000,000, as the writer checks
     */
    record Shape(int rows, int dimension, Preset preset) {}

    /** @param old what the new version took the place of, or null */
    record Put(StoredIndex index, @Nullable StoredIndex old) {}

    IndexFiles(Folder folder, FheConfig config, RnsBackend backend, InstantSource clock) {
        this.folder = folder;
        this.config = config;
        this.backend = backend;
        this.clock = clock;
    }

    private static Path place(String owner) {
        return OWNERS.resolve(owner).resolve(INDEXES);
    }

    private static Path place(IndexName name) {
        return place(name.owner()).resolve(name.name());
    }

    /** Where the rows of an index lie. */
    Path path(StoredIndex index) {
        return folder.resolve(place(index.name()).resolve(index.file()));
    }

    @Nullable
    StoredIndex find(IndexName name) throws IOException {
        JsonObject json = folder.read(place(name).resolve(JSON));
        return json == null ? null : StoredIndex.from(name, json);
    }

    /** An index that a project may search. @throws Refusal 404 where there is none, or it may not */
    StoredIndex require(String project, IndexName name) throws IOException {
        StoredIndex index = find(name);
        if (index == null || !index.readableBy(project)) {
            throw Refusal.notFound("index");
        }
        return index;
    }

    /** A project's own indexes, by name. */
    List<StoredIndex> list(String owner) throws IOException {
        List<StoredIndex> found = new ArrayList<>();
        for (String name : folder.names(place(owner))) {
            StoredIndex index = find(new IndexName(owner, name));
            if (index != null) {
                found.add(index);
            }
        }
        return found;
    }

    /**
     * What writes an index of this shape.
     *
     * @throws Refusal 422 where there is no such index
     */
    IndexWriter writer(Shape shape) {
        try {
            return new IndexWriter(shape.preset(), shape.rows(), shape.dimension(), backend);
        } catch (IllegalArgumentException refused) {
            throw invalidRows(refused.getMessage());
        }
    }

    static Refusal invalidRows(@Nullable String message) {
        return Refusal.of(422, "invalid_rows", "The rows cannot be an index: " + message);
    }

    /**
     * Writes and keeps an index, in place of the version before it, whose running searches end as they began.
     *
     * @param rows bounded by {@link IndexWriter#rowBytes}
     * @throws Refusal 429 beyond the owner's quota, 422 where the rows are refused
     */
    Put put(IndexName name, Shape shape, IndexOptions options, IndexWriter writer, InputStream rows)
            throws IOException {
        Path place = place(name);
        reserve(name, writer.bytes());
        try {
            String file = folder.freshName() + SUFFIX;
            Path path = folder.resolve(place.resolve(file));
            Files.createDirectories(folder.resolve(place));
            write(writer, path, rows);
            try {
                return change(name.owner(), () -> commit(name, shape, options, writer.bytes(), file));
            } catch (IOException | RuntimeException fault) {
                Files.deleteIfExists(path);
                throw fault;
            }
        } finally {
            written(name.owner(), writer.bytes());
        }
    }

    private static void write(IndexWriter writer, Path path, InputStream rows) throws IOException {
        try {
            writer.write(path, rows);
        } catch (InvalidRowsException refused) {
            throw invalidRows(refused.getMessage());
        } catch (InternalError unwritable) {
            throw new IOException("a mapped index cannot be written; the disk may be full", unwritable);
        }
    }

    private synchronized void reserve(IndexName name, long bytes) throws IOException {
        FheConfig.Indexes limits = config.indexes();
        long taken = beingWritten.getOrDefault(name.owner(), 0L) + bytes;
        int count = 1;
        for (StoredIndex other : list(name.owner())) {
            if (!other.name().equals(name)) {
                taken += other.bytes();
                count++;
            }
        }
        if (taken > limits.storageBytes()) {
            throw Refusal.quota("The index takes " + bytes + " bytes, and the project's indexes would take " + taken
                    + "; allowed are " + limits.storageBytes());
        }
        if (count > limits.perProject()) {
            throw Refusal.quota("The project has " + (count - 1) + " indexes; allowed are " + limits.perProject());
        }
        beingWritten.merge(name.owner(), bytes, Long::sum);
    }

    private synchronized void written(String owner, long bytes) {
        beingWritten.computeIfPresent(owner, (_, all) -> all == bytes ? null : all - bytes);
    }

    private <T> T change(String owner, Folder.Change<T> change) throws IOException {
        return folder.changing(OWNERS.resolve(owner).resolve(LOCK), change);
    }

    private Put commit(IndexName name, Shape shape, IndexOptions options, long bytes, String file) throws IOException {
        StoredIndex old = find(name);
        StoredIndex index = new StoredIndex(
                name,
                old == null ? 1 : old.version() + 1,
                shape.rows(),
                shape.dimension(),
                shape.preset(),
                bytes,
                file,
                clock.instant().truncatedTo(ChronoUnit.MILLIS),
                options);
        folder.write(place(name).resolve(JSON), index.toJson());
        if (old != null) {
            folder.deleteFile(place(name).resolve(old.file()));
        }
        return new Put(index, old);
    }

    /** Deletes an index of an owner; its running searches end as they began. @throws Refusal 404 where there is none */
    StoredIndex delete(IndexName name) throws IOException {
        return change(name.owner(), () -> {
            StoredIndex index = find(name);
            if (index == null) {
                throw Refusal.notFound("index");
            }
            folder.deleteFile(place(name).resolve(JSON));
            folder.deleteFile(place(name).resolve(index.file()));
            return index;
        });
    }

    /** Deletes what killed processes have left. */
    void sweep() throws IOException {
        Instant limit = clock.instant().minus(ORPHAN.plus(config.uploads().timeout()));
        for (String owner : folder.names(OWNERS)) {
            for (String name : folder.names(place(owner))) {
                Path place = place(owner).resolve(name);
                StoredIndex index = find(new IndexName(owner, name));
                for (String file : folder.names(place)) {
                    Instant changed = folder.changedAt(place.resolve(file));
                    boolean named = index != null && index.file().equals(file);
                    if (file.endsWith(SUFFIX) && !named && changed != null && changed.isBefore(limit)) {
                        folder.deleteFile(place.resolve(file));
                    }
                }
                folder.deleteDrafts(place, limit);
            }
        }
    }
}
