package io.latticegate.fhe.app.session;

import io.latticegate.fhe.app.scheme.Scheme;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Key files that are mapped, up to a number; the least recently used is closed first. A file never changes under its name. */
public final class OpenKeyCache implements AutoCloseable {
    private static final int TRIES = 3;

    private final KeyFiles files;
    private final int openMax;
    private final LinkedHashMap<Path, OpenKeys> open = new LinkedHashMap<>(16, 0.75f, true);

    public OpenKeyCache(KeyFiles files, int openMax) {
        this.files = files;
        this.openMax = openMax;
    }

    /**
     * A session's keys of a kind, or null where it has none. The caller releases them.
     *
     * @throws IOException when the store does not answer
     */
    public @Nullable OpenKeys find(Session session, Scheme scheme, KeyKind kind) throws IOException {
        for (int attempt = 1; ; attempt++) {
            KeySet keys = files.find(session, kind);
            if (keys == null) {
                return null;
            }
            try {
                return open(scheme, files.path(session, keys), keys);
            } catch (NoSuchFileException replaced) {
                if (attempt == TRIES) {
                    throw replaced;
                }
            }
        }
    }

    private synchronized OpenKeys open(Scheme scheme, Path path, KeySet keys) throws IOException {
        OpenKeys known = open.get(path);
        if (known != null && known.hold()) {
            return known;
        }
        OpenKeys opened = new OpenKeys(scheme, path, keys);
        opened.hold();
        open.put(path, opened);
        while (open.size() > openMax) {
            Map.Entry<Path, OpenKeys> eldest = open.entrySet().iterator().next();
            open.remove(eldest.getKey());
            eldest.getValue().release();
        }
        return opened;
    }

    /** How many are mapped. */
    public synchronized int size() {
        return open.size();
    }

    /** Closes those whose files are gone; call now and then. */
    public synchronized void closeDeleted() {
        open.entrySet().removeIf(entry -> {
            if (java.nio.file.Files.exists(entry.getKey())) {
                return false;
            }
            entry.getValue().release();
            return true;
        });
    }

    @Override
    public synchronized void close() {
        open.values().forEach(OpenKeys::release);
        open.clear();
    }
}
