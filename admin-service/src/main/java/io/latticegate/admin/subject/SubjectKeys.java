package io.latticegate.admin.subject;

import io.latticegate.common.crypto.AesGcm;
import io.latticegate.common.crypto.Hkdf;
import io.latticegate.common.crypto.Sha256;
import io.latticegate.common.store.Dialect;
import io.latticegate.common.value.Secret;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The keys of subjects, in table {@code audit_subject}: 256 random bits per subject and month, wrapped with AES-256-GCM under
 * a key derived from the sealing key. A row is found by a keyed hash of the subject and named elsewhere by a random id, so
 * that a row without its hash leads nowhere. Rows are read in the transaction that uses them and never kept: a key that
 * another node has destroyed seals nothing any more.
 */
final class SubjectKeys implements AutoCloseable {
    private static final int PARAMETERS_MAX = 500;
    private static final int TAG_BYTES = 32;
    private static final byte[] NONE = {};

    /** A subject's key in the clear. */
    record Key(KeyId id, byte[] bytes) {}

    private final Secret wrapping;
    private final Secret tagging;
    private final byte[] fingerprint;
    private final Dialect dialect;
    private final SecureRandom random;
    private final AtomicBoolean claimed = new AtomicBoolean();

    SubjectKeys(Secret sealingKey, Dialect dialect, SecureRandom random) {
        wrapping = Secret.owning(derived(sealingKey, "wrap", AesGcm.KEY_BYTES));
        tagging = Secret.owning(derived(sealingKey, "tag", TAG_BYTES));
        fingerprint = derived(sealingKey, "fingerprint", TAG_BYTES);
        this.dialect = dialect;
        this.random = random;
    }

    private static byte[] derived(Secret sealingKey, String purpose, int length) {
        byte[] info = ("latticegate audit subject " + purpose + " 1").getBytes(StandardCharsets.US_ASCII);
        return sealingKey.expose(key -> Hkdf.derive(key, NONE, info, length));
    }

    /** Months since 1970-01 UTC. */
    static int month(long micros) {
        var day = Instant.EPOCH.plus(micros, ChronoUnit.MICROS).atZone(ZoneOffset.UTC);
        return Math.toIntExact(ChronoUnit.MONTHS.between(Instant.EPOCH.atZone(ZoneOffset.UTC), day));
    }

    /**
     * Makes sure that this store is sealed under this key, and marks a new store as such.
     *
     * @throws IllegalStateException when it is sealed under another one
     */
    void claim(Connection connection) throws SQLException {
        if (claimed.get()) {
            return;
        }
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO audit_sealing (id, fingerprint) VALUES (1, ?) ON CONFLICT DO NOTHING")) {
            insert.setBytes(1, fingerprint);
            if (insert.executeUpdate() == 0) {
                check(connection);
            }
        }
    }

    private void check(Connection connection) throws SQLException {
        if (claimed.get()) {
            return;
        }
        try (PreparedStatement select =
                        connection.prepareStatement("SELECT fingerprint FROM audit_sealing WHERE id = 1");
                ResultSet rows = select.executeQuery()) {
            if (!rows.next()) {
                return;
            }
            if (!MessageDigest.isEqual(fingerprint, rows.getBytes(1))) {
                throw new IllegalStateException(
                        "the audit store is sealed under another key than audit.sealing_key; every admin-service of a"
                                + " store needs the key with which it was begun");
            }
        }
        claimed.set(true);
    }

    /** A keyed hash that stands for {@code subject} in records of its erasure. */
    byte[] pseudonym(Subject subject) {
        return tag(subject, -1);
    }

    byte[] digest(byte[] entry) {
        byte[] hash = Sha256.of(entry);
        return tagging.expose(key -> Hkdf.derive(key, hash, NONE, TAG_BYTES));
    }

    private byte[] tag(Subject subject, int month) {
        byte[] info = (month + " " + subject.kind().wireName() + " " + subject.id()).getBytes(StandardCharsets.UTF_8);
        return tagging.expose(key -> Hkdf.derive(key, NONE, info, TAG_BYTES));
    }

    /** The keys of {@code subjects} for entries that are received now, made where there are none, locked against erasure. */
    Map<Subject, Key> forSealing(Connection connection, Collection<Subject> subjects, long nowMicros)
            throws SQLException {
        claim(connection);
        int month = month(nowMicros);
        Map<ByteBuffer, Subject> byTag = new TreeMap<>();
        for (Subject subject : subjects) {
            byTag.put(ByteBuffer.wrap(tag(subject, month)), subject);
        }
        Map<Subject, Key> keys = new HashMap<>();
        readByTag(connection, byTag, keys);
        if (keys.size() < byTag.size()) {
            add(connection, byTag, keys, month, nowMicros);
            readByTag(connection, byTag, keys);
        }
        return keys;
    }

    private void readByTag(Connection connection, Map<ByteBuffer, Subject> byTag, Map<Subject, Key> into)
            throws SQLException {
        List<ByteBuffer> wanted = byTag.entrySet().stream()
                .filter(entry -> !into.containsKey(entry.getValue()))
                .map(Map.Entry::getKey)
                .toList();
        AesGcm.Engine cipher = new AesGcm.Engine();
        for (List<ByteBuffer> some : pieces(wanted)) {
            try (PreparedStatement select =
                    connection.prepareStatement("SELECT tag, key_id, wrapped FROM audit_subject WHERE tag IN ("
                            + marks(some.size()) + ") ORDER BY tag" + dialect.sharingRows())) {
                for (int at = 0; at < some.size(); at++) {
                    select.setBytes(at + 1, some.get(at).array());
                }
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        Subject subject = byTag.get(ByteBuffer.wrap(rows.getBytes(1)));
                        if (subject != null) {
                            into.put(subject, key(cipher, rows.getBytes(2), rows.getBytes(3)));
                        }
                    }
                }
            }
        }
    }

    private void add(
            Connection connection, Map<ByteBuffer, Subject> byTag, Map<Subject, Key> known, int month, long nowMicros)
            throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO audit_subject"
                + " (key_id, kind, month, tag, wrapped, created_at) VALUES (?, ?, ?, ?, ?, ?)"
                + " ON CONFLICT DO NOTHING")) {
            for (Map.Entry<ByteBuffer, Subject> one : byTag.entrySet()) {
                if (known.containsKey(one.getValue())) {
                    continue;
                }
                byte[] id = random(KeyId.BYTES);
                byte[] fresh = random(AesGcm.KEY_BYTES);
                insert.setBytes(1, id);
                insert.setString(2, one.getValue().kind().wireName());
                insert.setInt(3, month);
                insert.setBytes(4, one.getKey().array());
                insert.setBytes(5, wrapped(id, fresh));
                insert.setLong(6, nowMicros);
                insert.addBatch();
                Arrays.fill(fresh, (byte) 0);
            }
            insert.executeBatch();
        }
    }

    /** Those of {@code ids} that are not destroyed. */
    Map<KeyId, byte[]> find(Connection connection, Collection<KeyId> ids) throws SQLException {
        check(connection);
        Map<KeyId, byte[]> found = new HashMap<>();
        AesGcm.Engine cipher = new AesGcm.Engine();
        for (List<KeyId> some : pieces(List.copyOf(ids))) {
            try (PreparedStatement select =
                    connection.prepareStatement("SELECT key_id, wrapped FROM audit_subject WHERE wrapped IS NOT NULL"
                            + " AND key_id IN (" + marks(some.size()) + ")")) {
                for (int at = 0; at < some.size(); at++) {
                    select.setBytes(at + 1, some.get(at).bytes());
                }
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        Key key = key(cipher, rows.getBytes(1), rows.getBytes(2));
                        found.put(key.id(), key.bytes());
                    }
                }
            }
        }
        return found;
    }

    /** Destroys every key of {@code subject}; no entry is being sealed under one of them when this returns. */
    int destroy(Connection connection, Subject subject, byte[] erasure, long nowMicros) throws SQLException {
        claim(connection);
        List<byte[]> tags = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement("SELECT DISTINCT month FROM audit_subject");
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                tags.add(tag(subject, rows.getInt(1)));
            }
        }
        tags.sort(Comparator.comparing(ByteBuffer::wrap));
        int destroyed = 0;
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE audit_subject" + " SET tag = NULL, wrapped = NULL, erased_at = ?, erasure = ? WHERE tag = ?")) {
            for (byte[] tag : tags) {
                update.setLong(1, nowMicros);
                update.setBytes(2, erasure);
                update.setBytes(3, tag);
                destroyed += update.executeUpdate();
            }
        }
        return destroyed;
    }

    /** Seals a subject's name for as long as its erasure is under way. */
    byte[] sealName(byte[] erasure, Subject subject) {
        return wrapped(erasure, (subject.kind().wireName() + " " + subject.id()).getBytes(StandardCharsets.UTF_8));
    }

    /** Opens what {@link #sealName} sealed. */
    Subject openName(byte[] erasure, byte[] sealed) {
        String name = new String(unwrapped(new AesGcm.Engine(), erasure, sealed), StandardCharsets.UTF_8);
        int space = name.indexOf(' ');
        Subject.Kind kind = Subject.Kind.named(name.substring(0, space)).orElseThrow();
        return new Subject(kind, name.substring(space + 1));
    }

    byte[] random(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private Key key(AesGcm.Engine cipher, byte[] id, byte[] wrapped) {
        return new Key(new KeyId(id), unwrapped(cipher, id, wrapped));
    }

    private byte[] wrapped(byte[] id, byte[] plain) {
        byte[] nonce = random(AesGcm.NONCE_BYTES);
        byte[] sealed = wrapping.expose(key -> AesGcm.seal(key, nonce, id, plain));
        return ByteBuffer.allocate(nonce.length + sealed.length)
                .put(nonce)
                .put(sealed)
                .array();
    }

    private byte[] unwrapped(AesGcm.Engine cipher, byte[] id, byte[] wrapped) {
        if (wrapped.length <= AesGcm.NONCE_BYTES) {
            throw new IllegalStateException("the audit store holds a subject's key that is cut off");
        }
        byte[] nonce = Arrays.copyOf(wrapped, AesGcm.NONCE_BYTES);
        byte[] sealed = Arrays.copyOfRange(wrapped, AesGcm.NONCE_BYTES, wrapped.length);
        return wrapping.expose(key -> cipher.open(AesGcm.key(key), nonce, id, sealed))
                .orElseThrow(() -> new IllegalStateException(
                        "the audit store holds a subject's key that audit.sealing_key does not open"));
    }

    private static <T> List<List<T>> pieces(List<T> all) {
        List<List<T>> pieces = new ArrayList<>();
        for (int from = 0; from < all.size(); from += PARAMETERS_MAX) {
            pieces.add(all.subList(from, Math.min(all.size(), from + PARAMETERS_MAX)));
        }
        return pieces;
    }

    private static String marks(int count) {
        return String.join(", ", Collections.nCopies(count, "?"));
    }

    @Override
    public void close() {
        wrapping.close();
        tagging.close();
    }
}
