package io.latticegate.client.search;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.client.FheClient;
import io.latticegate.client.IndexInfo;
import io.latticegate.client.SearchIndexes;
import io.latticegate.client.error.LocalStoreException;
import io.latticegate.client.error.NotFoundException;
import io.latticegate.client.error.StaleVersionException;
import io.latticegate.fhe.core.client.search.TopK;
import io.latticegate.fhe.core.preset.Preset;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Texts in a folder of this machine, and the index of their vectors at the service. Adding and removing change the folder
 * only; the index is loaded anew, as a whole, by the next search or by {@link #upload}. Texts and ids never leave the folder;
 * vectors do, in plaintext, when the index is loaded. Filters are applied here, to the decrypted scores of all rows.
 *
 * <p>Safe for use by several threads: searches run side by side, changes wait for them.
 */
public final class EncryptedCollection implements AutoCloseable {
    /** The set whose ciphertexts are the shortest; a search needs no rotations and no products of ciphertexts. */
    public static final Preset PRESET = Preset.S12;

    private final SearchIndexes indexes;
    private final String index;
    private final int dimension;
    private final Path stateFile;
    private final TextFile texts;
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private @Nullable IndexInfo loaded;
    private String loadedRevision = "";

    private EncryptedCollection(SearchIndexes indexes, String index, int dimension, Path folder, TextFile texts) {
        this.indexes = indexes;
        this.index = index;
        this.dimension = dimension;
        this.stateFile = folder.resolve("loaded.json");
        this.texts = texts;
    }

    /**
     * Opens a folder's texts, or begins them.
     *
     * @param index the name of the index at the service, which belongs to this folder alone
     * @param folder made where it is missing, for its owner only
     * @throws LocalStoreException where the folder cannot be used
     */
    public static EncryptedCollection open(FheClient client, String index, Path folder, int dimension) {
        return new EncryptedCollection(client.indexes(), index, dimension, folder, TextFile.open(folder, dimension));
    }

    /**
     * Adds texts.
     *
     * @param vectors one for each text; only their directions count
     * @throws IllegalArgumentException for an id that is there already, a vector of another dimension, or one without a
     *     direction; nothing is added then
     */
    public void add(List<TextEntry> entries, List<float[]> vectors) {
        List<float[]> directions = vectors.stream().map(this::direction).toList();
        lock.writeLock().lock();
        try {
            texts.add(entries, directions);
        } finally {
            lock.writeLock().unlock();
        }
    }

    private float[] direction(float[] vector) {
        if (vector.length != dimension) {
            throw new IllegalArgumentException("a vector of " + vector.length + " numbers; allowed are " + dimension);
        }
        double squares = 0;
        for (float component : vector) {
            squares += (double) component * component;
        }
        double norm = Math.sqrt(squares);
        if (!(norm > 0) || Double.isInfinite(norm)) {
            throw new IllegalArgumentException("a vector of length " + norm + " has no direction");
        }
        float[] direction = new float[vector.length];
        for (int i = 0; i < vector.length; i++) {
            direction[i] = (float) (vector[i] / norm);
        }
        return direction;
    }

    /** Removes texts, and from the service too with the next search or upload. Returns how many there were. */
    public int removeIf(Predicate<TextLabel> gone) {
        lock.writeLock().lock();
        try {
            return texts.removeIf(gone);
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** How many texts there are. */
    public int size() {
        lock.readLock().lock();
        try {
            return texts.size();
        } finally {
            lock.readLock().unlock();
        }
    }

    /** The texts whose labels pass, in the order of the rows. */
    public List<TextEntry> entries(Predicate<TextLabel> wanted) {
        lock.readLock().lock();
        try {
            List<TextEntry> entries = new ArrayList<>();
            for (int row = 0; row < texts.size(); row++) {
                if (wanted.test(texts.label(row))) {
                    entries.add(texts.entry(row));
                }
            }
            return entries;
        } finally {
            lock.readLock().unlock();
        }
    }

    /** Brings the service's index up to date now. */
    public void upload() {
        lock.writeLock().lock();
        try {
            loadIfChanged();
        } finally {
            lock.writeLock().unlock();
        }
    }

    /**
     * The texts that are nearest to a query, the best first.
     *
     * @param query only its direction counts
     * @param count how many at most
     * @param least the lowest score that counts
     * @param filter what labels must pass
     */
    public List<TextMatch> search(float[] query, int count, double least, Predicate<TextLabel> filter) {
        float[] direction = direction(query);
        try {
            return searchLoaded(direction, count, least, filter);
        } catch (NotFoundException deletedThere) {
            forget();
            return searchLoaded(direction, count, least, filter);
        }
    }

    private List<TextMatch> searchLoaded(float[] direction, int count, double least, Predicate<TextLabel> filter) {
        Lock held = loadedLock();
        try {
            IndexInfo current = loaded;
            return current == null ? List.of() : search(current, direction, count, least, filter);
        } finally {
            held.unlock();
        }
    }

    /** The read lock, held once the index is what the texts are; who had to load it gives way to no other writer meanwhile. */
    private Lock loadedLock() {
        Lock reading = lock.readLock();
        boolean current = false;
        reading.lock();
        try {
            current = loadedRevision.equals(texts.revision());
        } finally {
            if (!current) {
                reading.unlock();
            }
        }
        if (current) {
            return reading;
        }
        lock.writeLock().lock();
        try {
            loadIfChanged();
            reading.lock();
            return reading;
        } finally {
            lock.writeLock().unlock();
        }
    }

    private List<TextMatch> search(
            IndexInfo current, float[] direction, int count, double least, Predicate<TextLabel> filter) {
        TopK best = new TopK(count);
        indexes.search(current, direction, (row, score) -> {
            if (score >= least && filter.test(texts.label(row))) {
                best.offer(row, score);
            }
        });
        return best.best().stream()
                .map(hit -> new TextMatch(texts.entry(hit.row()), texts.vector(hit.row()), hit.score()))
                .toList();
    }

    private void forget() {
        lock.writeLock().lock();
        try {
            loadedRevision = "";
        } finally {
            lock.writeLock().unlock();
        }
    }

    private void loadIfChanged() {
        String revision = texts.revision();
        if (loadedRevision.equals(revision)) {
            return;
        }
        if (texts.size() == 0) {
            deleteThere();
            loaded = null;
            loadedRevision = revision;
            return;
        }
        IndexInfo info = loadedBefore(revision);
        if (info == null) {
            keep("", 0);
            info = indexes.put(index, texts.size(), dimension, PRESET, texts::vectors);
            keep(revision, info.version());
        }
        loaded = info;
        loadedRevision = revision;
    }

    private void deleteThere() {
        if (!Files.exists(stateFile)) {
            return;
        }
        try {
            indexes.delete(index);
        } catch (NotFoundException deletedBefore) {
            loadedRevision = "";
        }
        try {
            Files.deleteIfExists(stateFile);
        } catch (IOException fault) {
            throw new LocalStoreException(stateFile + " cannot be deleted", fault);
        }
    }

    /** The service's index, where an earlier process has loaded just these rows and nobody has replaced them since. */
    private @Nullable IndexInfo loadedBefore(String revision) {
        try {
            if (!Files.exists(stateFile)) {
                return null;
            }
            JsonNode state = TextLine.JSON.readTree(Files.readAllBytes(stateFile));
            if (!state.path("index").asText().equals(index)
                    || !state.path("revision").asText().equals(revision)) {
                return null;
            }
            IndexInfo there = indexes.get(index);
            if (there.version() != state.path("version").asLong() || there.rows() != texts.size()) {
                throw new StaleVersionException("the index " + index + " at the service is version " + there.version()
                        + ", loaded by somebody else; delete it there, or open this folder under another name");
            }
            return there;
        } catch (NotFoundException deletedThere) {
            return null;
        } catch (JsonProcessingException malformed) {
            throw new LocalStoreException(stateFile + " is no JSON", malformed);
        } catch (IOException fault) {
            throw new LocalStoreException(stateFile + " cannot be read", fault);
        }
    }

    /** Written before the index is loaded and after: what may lie at the service is known here, whenever the process dies. */
    private void keep(String revision, long version) {
        byte[] state = TextLine.JSON
                .createObjectNode()
                .put("index", index)
                .put("revision", revision)
                .put("version", version)
                .toString()
                .getBytes(StandardCharsets.UTF_8);
        try {
            Path fresh = Files.createTempFile(
                    stateFile.toAbsolutePath().getParent(),
                    "loaded-",
                    ".tmp",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.write(fresh, state);
            Files.move(fresh, stateFile, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException fault) {
            throw new LocalStoreException(stateFile + " cannot be written", fault);
        }
    }

    /** Deletes the service's index and all texts. The folder stays, empty of texts. */
    public void clear() {
        removeIf(_ -> true);
        upload();
    }

    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            texts.close();
        } finally {
            lock.writeLock().unlock();
        }
    }
}
