package io.latticegate.admin.subject;

import io.latticegate.common.config.LatticegateConfig;
import io.latticegate.common.crypto.PrivateFile;
import io.latticegate.common.value.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;

/**
 * The key under which the keys of subjects lie. Every admin-service of a mesh is given the same one
 * ({@code audit.sealing_key}); one that has its SQLite store for itself makes its own beside it at the first start.
 */
public final class SealingKey {
    private static final String FILE = "audit-sealing.key";
    private static final int BYTES = 32;

    /** A copy, which the caller closes. */
    public static Secret of(LatticegateConfig config, SecureRandom random) {
        Optional<Secret> configured = config.audit().sealingKey().find();
        return configured.isPresent()
                ? configured.get().copy()
                : inFolder(config.storage().dir(), random);
    }

    /** The key in {@code folder}, made where there is none, readable by its owner only. */
    public static Secret inFolder(Path folder, SecureRandom random) {
        Path file = folder.resolve(FILE);
        byte[] fresh = new byte[BYTES];
        try {
            if (!Files.exists(file)) {
                random.nextBytes(fresh);
                boolean unusedFirst = PrivateFile.createIfMissing(file, fresh);
            }
            byte[] key = Files.readAllBytes(file);
            if (key.length != BYTES) {
                throw new IllegalStateException(
                        file + " has " + key.length + " bytes; the key of the audit has " + BYTES);
            }
            return Secret.owning(key);
        } catch (IOException fault) {
            throw new UncheckedIOException("the key of the audit cannot be read or made: " + file, fault);
        } finally {
            Arrays.fill(fresh, (byte) 0);
        }
    }

    private SealingKey() {}
}
