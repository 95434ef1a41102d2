package io.latticegate.verify;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A log kept as files in a folder, as {@code --save} leaves it. */
final class FolderSource implements LogSource {
    private final Path folder;

    FolderSource(Path folder) {
        this.folder = folder;
    }

    @Override
    public Optional<byte[]> get(String name, int bytesMax) throws IOException {
        Path file = folder.resolve(name);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        if (Files.size(file) > bytesMax) {
            throw new IOException(file + " has " + Files.size(file) + " bytes; at most " + bytesMax + " are expected");
        }
        return Optional.of(Files.readAllBytes(file));
    }

    @Override
    public String describe() {
        return "folder " + folder;
    }
}
