package io.latticegate.admin.tree;

import io.latticegate.common.crypto.AesGcm;
import io.latticegate.common.crypto.Hkdf;
import io.latticegate.common.crypto.PrivateFile;
import io.latticegate.common.crypto.Sha256;
import io.latticegate.common.store.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The log's key pairs, made once and kept in the database, where every admin node finds them. The private keys are sealed
 * with AES-256-GCM under a key derived from a secret in a private file below {@code storage.dir}: whoever has only the
 * database can neither sign nor put in other keys that earlier checkpoints would be believed under. A node that lacks the
 * secret follows and does not sign.
 *
 * @param origin the name of the log, fixed when its keys were made
 * @param createdAtMicros microseconds since 1970 UTC
 * @param signer absent where this node cannot open the private keys
 */
record SigningKeys(String origin, long createdAtMicros, List<LogKey> keys, Optional<CheckpointSigner> signer) {
    /** Below {@code storage.dir}; 32 random bytes. */
    static final String SECRET_FILE = "audit-signing.key";

    private static final byte[] PURPOSE = "latticegate audit signing keys v1".getBytes(StandardCharsets.US_ASCII);
    private static final Set<PosixFilePermission> OWNER_ONLY =
            Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private record Stored(String origin, long createdAtMicros, byte[] classical, byte[] postQuantum, byte[] sealed) {
        List<LogKey> keys() {
            return List.of(
                    new LogKey(origin, LogKey.Algorithm.ECDSA_P256, classical),
                    new LogKey(origin, LogKey.Algorithm.ML_DSA_65, postQuantum));
        }

        /** What the sealed private keys belong to. */
        byte[] context() {
            return Sha256.of(
                    Sha256.of(origin.getBytes(StandardCharsets.UTF_8)), Sha256.of(classical), Sha256.of(postQuantum));
        }
    }

    /**
     * Reads the keys, or makes them where the log has none.
     *
     * @param origin of a new log
     * @param folder {@code storage.dir}
     * @throws IllegalStateException when the secret's file can be read by others or is malformed
     */
    static SigningKeys open(Database database, String origin, Path folder, long nowMicros, SecureRandom random) {
        Stored stored = database.read(SigningKeys::select);
        if (stored == null) {
            byte[] secret = secret(folder, random);
            try {
                Stored made = make(origin, nowMicros, secret, random);
                stored = database.inTransaction(connection -> insert(connection, made));
            } finally {
                Arrays.fill(secret, (byte) 0);
            }
        }
        return new SigningKeys(stored.origin(), stored.createdAtMicros(), stored.keys(), signer(stored, folder));
    }

    private static Optional<CheckpointSigner> signer(Stored stored, Path folder) {
        Path file = folder.resolve(SECRET_FILE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        byte[] secret = read(file);
        byte[] key = Hkdf.derive(secret, new byte[0], PURPOSE, AesGcm.KEY_BYTES);
        try {
            ByteBuffer sealed = ByteBuffer.wrap(stored.sealed());
            byte[] nonce = new byte[AesGcm.NONCE_BYTES];
            sealed.get(nonce);
            byte[] body = new byte[sealed.remaining()];
            sealed.get(body);
            Optional<byte[]> opened = AesGcm.open(key, nonce, stored.context(), body);
            return opened.map(plain -> signer(stored.keys(), plain));
        } finally {
            Arrays.fill(secret, (byte) 0);
            Arrays.fill(key, (byte) 0);
        }
    }

    private static CheckpointSigner signer(List<LogKey> keys, byte[] plain) {
        try {
            int first = ByteBuffer.wrap(plain).getInt();
            byte[] classical = Arrays.copyOfRange(plain, Integer.BYTES, Integer.BYTES + first);
            byte[] postQuantum = Arrays.copyOfRange(plain, Integer.BYTES + first, plain.length);
            try {
                return LocalSigner.of(keys, List.of(classical, postQuantum));
            } finally {
                Arrays.fill(classical, (byte) 0);
                Arrays.fill(postQuantum, (byte) 0);
            }
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    private static Stored make(String origin, long nowMicros, byte[] secret, SecureRandom random) {
        LocalSigner signer = LocalSigner.generate(origin, random);
        Stored unsealed = new Stored(
                origin,
                nowMicros,
                signer.keys().get(0).spki(),
                signer.keys().get(1).spki(),
                new byte[0]);
        List<byte[]> encoded = signer.encoded();
        byte[] plain = ByteBuffer.allocate(Integer.BYTES + encoded.get(0).length + encoded.get(1).length)
                .putInt(encoded.get(0).length)
                .put(encoded.get(0))
                .put(encoded.get(1))
                .array();
        byte[] key = Hkdf.derive(secret, new byte[0], PURPOSE, AesGcm.KEY_BYTES);
        try {
            byte[] nonce = new byte[AesGcm.NONCE_BYTES];
            random.nextBytes(nonce);
            byte[] body = AesGcm.seal(key, nonce, unsealed.context(), plain);
            byte[] sealed = ByteBuffer.allocate(nonce.length + body.length)
                    .put(nonce)
                    .put(body)
                    .array();
            return new Stored(origin, nowMicros, unsealed.classical(), unsealed.postQuantum(), sealed);
        } finally {
            Arrays.fill(key, (byte) 0);
            Arrays.fill(plain, (byte) 0);
            encoded.forEach(bytes -> Arrays.fill(bytes, (byte) 0));
        }
    }

    private static byte[] secret(Path folder, SecureRandom random) {
        Path file = folder.resolve(SECRET_FILE);
        byte[] fresh = new byte[AesGcm.KEY_BYTES];
        random.nextBytes(fresh);
        try {
            PrivateFile.createIfMissing(file, fresh);
        } catch (IOException failed) {
            throw new UncheckedIOException("cannot write " + file, failed);
        } finally {
            Arrays.fill(fresh, (byte) 0);
        }
        return read(file);
    }

    private static byte[] read(Path file) {
        try {
            if (!OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file))) {
                throw new IllegalStateException(file + " can be read by others than its owner; make it 0600");
            }
            if (Files.size(file) != AesGcm.KEY_BYTES) {
                throw new IllegalStateException(file + " has " + Files.size(file) + " bytes; it must hold 32");
            }
            return Files.readAllBytes(file);
        } catch (IOException failed) {
            throw new UncheckedIOException("cannot read " + file, failed);
        }
    }

    private static @Nullable Stored select(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                        "SELECT origin, created_at, p256_public, mldsa_public, sealed FROM audit_signing_key WHERE id = 1");
                ResultSet rows = select.executeQuery()) {
            return rows.next()
                    ? new Stored(
                            rows.getString(1), rows.getLong(2), rows.getBytes(3), rows.getBytes(4), rows.getBytes(5))
                    : null;
        }
    }

    /** Adds the keys unless another node was faster; returns those that count. */
    private static Stored insert(Connection connection, Stored made) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO audit_signing_key"
                + " (id, origin, created_at, p256_public, mldsa_public, sealed) VALUES (1, ?, ?, ?, ?, ?)"
                + " ON CONFLICT DO NOTHING")) {
            insert.setString(1, made.origin());
            insert.setLong(2, made.createdAtMicros());
            insert.setBytes(3, made.classical());
            insert.setBytes(4, made.postQuantum());
            insert.setBytes(5, made.sealed());
            insert.executeUpdate();
        }
        Stored stored = select(connection);
        if (stored == null) {
            throw new TreeDamage("the row of audit_signing_key is gone");
        }
        return stored;
    }
}
