package io.latticegate.verify;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/** Keeps everything that is read from another source in a folder that can be verified later without it. */
final class SavedCopy implements LogSource {
    private final LogSource from;
    private final Path folder;

    SavedCopy(LogSource from, Path folder) {
        this.from = from;
        this.folder = folder;
    }

    @Override
    public Optional<byte[]> get(String name, int bytesMax) throws IOException {
        Optional<byte[]> content = from.get(name, bytesMax);
        if (content.isPresent()) {
            Path file = folder.resolve(name);
            Path parent = file.getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            Path partial = file.resolveSibling(file.getFileName() + ".tmp");
            Files.write(partial, content.get());
            Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        }
        return content;
    }

    @Override
    public String describe() {
        return from.describe() + ", kept in " + folder;
    }
}
