package io.latticegate.admin.tree;

import io.latticegate.common.crypto.PrivateFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The newest checkpoint that this node signed or saw, in a file of its own outside of the database. It is how a database
 * that was set back, or changed together with its stored head, is told from one that has grown.
 */
final class LastSeenHead {
    /** Below {@code storage.dir}. */
    static final String FILE = "audit-checkpoint";

    private static final long BYTES_MAX = 64 << 10;

    private final Path file;

    LastSeenHead(Path folder) {
        this.file = folder.resolve(FILE);
    }

    Path file() {
        return file;
    }

    /** Removes what a process that was killed while it wrote has left beside the file. */
    void sweep() {
        Path parent = file.toAbsolutePath().getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            return;
        }
        try (DirectoryStream<Path> left = Files.newDirectoryStream(parent, "." + FILE + ".*")) {
            for (Path unfinished : left) {
                Files.deleteIfExists(unfinished);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException("cannot sweep " + parent, failed);
        }
    }

    /** @throws TreeDamage when the file is malformed or was not signed by {@code keys} */
    Optional<Checkpoint> read(List<LogKey> keys) {
        try {
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            if (Files.size(file) > BYTES_MAX) {
                throw new TreeDamage(file + " is no checkpoint: it has more than " + BYTES_MAX + " bytes");
            }
            return Optional.of(Checkpoint.open(Files.readString(file), keys));
        } catch (IOException failed) {
            throw new UncheckedIOException("cannot read " + file, failed);
        }
    }

    /** On return the note is on the disk. */
    void write(String note) {
        try {
            PrivateFile.replace(file, note.getBytes(StandardCharsets.UTF_8));
        } catch (IOException failed) {
            throw new UncheckedIOException("cannot write " + file, failed);
        }
    }
}
