package io.latticegate.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A temporary folder for configurations, logs and stores, which goes with the benchmark. */
record WorkFolder(Path path) implements AutoCloseable {
    /** The account that PostgreSQL runs under, when a mesh is started as root, passes and does not read. */
    private static final Set<PosixFilePermission> PASSABLE = PosixFilePermissions.fromString("rwx--x--x");

    static WorkFolder create() {
        try {
            Path folder = Files.createTempDirectory("latticegate-bench-");
            Files.setPosixFilePermissions(folder, PASSABLE);
            return new WorkFolder(folder);
        } catch (IOException fault) {
            throw new UncheckedIOException("no temporary folder", fault);
        }
    }

    @Override
    public void close() {
        try {
            Files.walkFileTree(path, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException fault)
                        throws IOException {
                    Files.deleteIfExists(visited);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException fault) {
            throw new UncheckedIOException("cannot delete " + path, fault);
        }
    }
}
