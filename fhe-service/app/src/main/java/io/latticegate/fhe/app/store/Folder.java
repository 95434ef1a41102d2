package io.latticegate.fhe.app.store;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder of small JSON files and containers, which several processes may share. A file appears whole under its name or not
 * at all: it is written under another name, forced to disk, and moved. What a killed process leaves has the suffix
 * {@value #DRAFT}. Paths are relative to the folder; callers build them from names of their own making only.
 */
public final class Folder {
    private static final String DRAFT = ".draft";
    private static final int JSON_MAX = 16 << 20;
    /** File locks are of a JVM, whatever the number of services in it, and refuse a second holder. */
    private static final List<ReentrantLock> LOCKS = Stream.generate((Supplier<ReentrantLock>) ReentrantLock::new)
            .limit(64)
            .toList();

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    private final Path root;
    private final SecureRandom random;

    /** Creates the folder where it is missing; only its owner may look into one that is made here. */
    public Folder(Path root, SecureRandom random) throws IOException {
        this.root = root;
        this.random = random;
        if (!Files.isDirectory(root)) {
            Path parent = root.toAbsolutePath().getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            Files.createDirectories(root, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        }
    }

    /** What is counted and changed in one go. */
    @FunctionalInterface
    public interface Change<T> {
        T make() throws IOException;
    }

    /**
     * Makes a change while nobody else, in this process or in another on the same folder, makes one under the same lock. The
     * file system must know locks.
     *
     * @param lock a file that is made for this and stays
     */
    public <T> T changing(Path lock, Change<T> change) throws IOException {
        Path file = resolve(lock).toAbsolutePath().normalize();
        ReentrantLock own = LOCKS.get(Math.floorMod(file.hashCode(), LOCKS.size()));
        own.lock();
        try {
            Files.createDirectories(resolve(parent(lock)));
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock held = channel.lock()) {
                if (!held.isValid()) {
                    throw new IOException(lock + " is not locked");
                }
                return change.make();
            }
        } finally {
            own.unlock();
        }
    }

    /** A file that nobody sees before {@link #commit}. */
    public final class Draft implements AutoCloseable {
        private final Path path;
        private final FileChannel channel;
        private boolean committed;

        private Draft(Path path) throws IOException {
            this.path = path;
            this.channel = FileChannel.open(
                    path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.READ);
        }

        /** Where the content goes. */
        public FileChannel channel() {
            return channel;
        }

        /** Gives it its name, in place of what had it. */
        public void commit(Path relative) throws IOException {
            channel.force(true);
            Files.move(path, resolve(relative), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            committed = true;
        }

        /** Deletes it unless it was committed. */
        @Override
        public void close() throws IOException {
            channel.close();
            if (!committed) {
                Files.deleteIfExists(path);
            }
        }
    }

    /** A draft of a file in a folder that is made if need be. */
    public Draft draft(Path folder) throws IOException {
        Files.createDirectories(resolve(folder));
        return new Draft(resolve(folder).resolve(freshName() + DRAFT));
    }

    /** A name that nobody guesses: 32 hexadecimal digits of 128 random bits. */
    public String freshName() {
        byte[] bits = new byte[16];
        random.nextBytes(bits);
        return HexFormat.of().formatHex(bits);
    }

    /** Where {@code relative} lies. */
    public Path resolve(Path relative) {
        return root.resolve(relative);
    }

    /** Writes a JSON file in place of what was there. */
    public void write(Path relative, JsonObject content) throws IOException {
        try (Draft draft = draft(parent(relative))) {
            ByteBuffer bytes = ByteBuffer.wrap(content.toBuffer().getBytes());
            while (bytes.hasRemaining()) {
                draft.channel().write(bytes);
            }
            draft.commit(relative);
        }
    }

    private static Path parent(Path relative) {
        Path parent = relative.getParent();
        return parent == null ? Path.of("") : parent;
    }

    /** A JSON file, or null where there is none. */
    public @Nullable JsonObject read(Path relative) throws IOException {
        try (InputStream in = Files.newInputStream(resolve(relative))) {
            byte[] bytes = in.readNBytes(JSON_MAX + 1);
            if (bytes.length > JSON_MAX) {
                throw new IOException(relative + " has more than " + JSON_MAX + " bytes");
            }
            return new JsonObject(Buffer.buffer(bytes));
        } catch (NoSuchFileException none) {
            return null;
        } catch (DecodeException damaged) {
            throw new IOException(relative + " is damaged", damaged);
        }
    }

    /** The names in a folder, drafts left out; none where there is no such folder. */
    public List<String> names(Path relative) throws IOException {
        List<String> names = new ArrayList<>();
        for (Path path : entries(resolve(relative))) {
            String name = String.valueOf(path.getFileName());
            if (!name.endsWith(DRAFT)) {
                names.add(name);
            }
        }
        names.sort(null);
        return names;
    }

    private static List<Path> entries(Path folder) throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
            all.forEach(found::add);
        } catch (NoSuchFileException | NotDirectoryException none) {
            return List.of();
        } catch (DirectoryIteratorException fault) {
            throw fault.getCause();
        }
        return found;
    }

    public boolean deleteFile(Path relative) throws IOException {
        return Files.deleteIfExists(resolve(relative));
    }

    /** Deletes a folder with everything in it; nothing where there is none. */
    public void deleteTree(Path relative) throws IOException {
        deleteAll(resolve(relative));
    }

    private static void deleteAll(Path path) throws IOException {
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            for (Path inside : entries(path)) {
                deleteAll(inside);
            }
        }
        Files.deleteIfExists(path);
    }

    /** When a file or folder was last changed; null where there is none. */
    public @Nullable Instant changedAt(Path relative) throws IOException {
        try {
            return Files.getLastModifiedTime(resolve(relative)).toInstant();
        } catch (NoSuchFileException none) {
            return null;
        }
    }

    /** Deletes drafts in a folder that were last written before {@code limit}: their writers are gone. */
    public void deleteDrafts(Path relative, Instant limit) throws IOException {
        for (Path path : entries(resolve(relative))) {
            String name = String.valueOf(path.getFileName());
            Instant changed = changedAt(relative.resolve(name));
            if (name.endsWith(DRAFT) && changed != null && changed.isBefore(limit)) {
                Files.deleteIfExists(path);
            }
        }
    }
}
