package io.latticegate.common.crypto;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;

/**
 * Files with key material: readable and writable by the owner only (0600) from the moment they exist, and never seen half
 * written. On return the content is on the disk.
 */
public final class PrivateFile {
    /** Writes a file unless there is one, also one that another process created meanwhile; whether this one wrote it. */
    public static boolean createIfMissing(Path file, byte[] content) throws IOException {
        Path complete = writeBeside(file, content);
        try {
            Files.createLink(file, complete);
        } catch (FileAlreadyExistsException createdBefore) {
            return false;
        } finally {
            Files.delete(complete);
        }
        syncFolderOf(file);
        return true;
    }

    /** Writes a file or replaces it in one step. */
    public static void replace(Path file, byte[] content) throws IOException {
        Files.move(
                writeBeside(file, content), file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        syncFolderOf(file);
    }

    private static Path writeBeside(Path file, byte[] content) throws IOException {
        Path folder = folderOf(file);
        Files.createDirectories(folder);
        Path complete = folder.resolve("." + file.getFileName() + "." + UUID.randomUUID());
        try (FileChannel channel = FileChannel.open(
                complete,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer rest = ByteBuffer.wrap(content);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
            channel.force(true);
        }
        return complete;
    }

    private static void syncFolderOf(Path file) throws IOException {
        try (FileChannel folder = FileChannel.open(folderOf(file), StandardOpenOption.READ)) {
            folder.force(true);
        }
    }

    private static Path folderOf(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            throw new IllegalArgumentException("not a file: " + file);
        }
        return folder;
    }

    private PrivateFile() {}
}
