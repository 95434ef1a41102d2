package io.latticegate.fhe.app.search;

import io.latticegate.fhe.core.search.SearchIndex;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Index files that are mapped, up to a number; the least recently used is let go first. A file never changes under its name, and
 * a search that has begun keeps its mapping.
 */
final class OpenIndexes {
    private static final int TRIES = 3;

    private final IndexFiles files;
    private final int openMax;
    private final LinkedHashMap<Path, Opening> open = new LinkedHashMap<>(16, 0.75f, true);

    /** A version of an index, ready to be searched. */
    record Opened(StoredIndex stored, SearchIndex index) {}

    /** A file that is opened once, by whoever comes first; others wait for it. */
    private static final class Opening {
        private final ReentrantLock lock = new ReentrantLock();
        private @Nullable SearchIndex index;

        SearchIndex get(Path path) throws IOException {
            lock.lock();
            try {
                SearchIndex opened = index;
                if (opened == null) {
                    opened = SearchIndex.open(path);
                    index = opened;
                }
                return opened;
            } finally {
                lock.unlock();
            }
        }
    }

    OpenIndexes(IndexFiles files, int openMax) {
        this.files = files;
        this.openMax = openMax;
    }

    /**
     * The newest version of an index that a project may search.
     *
     * @throws io.latticegate.fhe.app.http.Refusal 404
     * @throws IOException when the store does not answer, or the file is damaged
     */
    Opened open(String project, IndexName name) throws IOException {
        for (int attempt = 1; ; attempt++) {
            StoredIndex stored = files.require(project, name);
            Path path = files.path(stored);
            try {
                return new Opened(stored, opening(path).get(path));
            } catch (NoSuchFileException replaced) {
                if (attempt == TRIES) {
                    throw replaced;
                }
            }
        }
    }

    private synchronized Opening opening(Path path) {
        Opening opening = open.computeIfAbsent(path, _ -> new Opening());
        Iterator<Map.Entry<Path, Opening>> eldest = open.entrySet().iterator();
        while (open.size() > openMax) {
            eldest.next();
            eldest.remove();
        }
        return opening;
    }

    /** How many are mapped, or about to be. */
    synchronized int size() {
        return open.size();
    }

    /** Lets go of those whose files are gone. */
    synchronized void forgetDeleted() {
        open.keySet().removeIf(path -> !Files.exists(path));
    }
}
