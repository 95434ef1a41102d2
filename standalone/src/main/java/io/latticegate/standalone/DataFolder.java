package io.latticegate.standalone;

import io.latticegate.common.crypto.PrivateFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/** The folder in which everything of an installation lies: stores, the journal, and secrets made at the first start. */
final class DataFolder {
    private static final int SECRET_BYTES = 32;

    private final Path folder;
    private final SecureRandom random;

    DataFolder(Path folder, SecureRandom random) throws IOException {
        this.folder = folder.toAbsolutePath().normalize();
        this.random = random;
        Files.createDirectories(this.folder);
    }

    Path path() {
        return folder;
    }

    Path file(String name) {
        return folder.resolve(name);
    }

    /** The file of a secret, made readable by its owner only, with 256 random bits in URL-safe base64 where it is missing. */
    Path secret(String name) throws IOException {
        return made(name, Base64.getUrlEncoder().withoutPadding());
    }

    /** The file of a 32-byte key in standard base64, made where it is missing. */
    Path key(String name) throws IOException {
        return made(name, Base64.getEncoder());
    }

    /** What {@link #write} stored under this name. */
    Optional<String> read(String name) throws IOException {
        Path file = file(name);
        return Files.exists(file) ? Optional.of(Files.readString(file).strip()) : Optional.empty();
    }

    /** Stores text that only the owner may read. */
    void write(String name, byte[] text) throws IOException {
        PrivateFile.replace(file(name), text);
    }

    private Path made(String name, Base64.Encoder encoder) throws IOException {
        Path file = file(name);
        if (!Files.exists(file)) {
            byte[] secret = new byte[SECRET_BYTES];
            random.nextBytes(secret);
            byte[] text = (encoder.encodeToString(secret) + "\n").getBytes(StandardCharsets.US_ASCII);
            boolean unusedFirst = PrivateFile.createIfMissing(file, text);
            Arrays.fill(secret, (byte) 0);
            Arrays.fill(text, (byte) 0);
        }
        return file;
    }
}
