package io.latticegate.standalone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Folders that only the owner may enter. */
final class PrivateFolder {
    /** Makes the folder where it is missing, and takes everybody else's rights where it is not. */
    static void make(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    }

    private PrivateFolder() {}
}
