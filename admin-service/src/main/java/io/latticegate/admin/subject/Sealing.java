package io.latticegate.admin.subject;

import io.latticegate.admin.subject.SealedEntry.Opening;
import io.latticegate.common.journal.AuditDecoder;
import io.latticegate.common.journal.AuditFields;
import io.latticegate.common.journal.AuditFields.Part;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.store.Dialect;
import io.latticegate.common.value.Secret;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Turns entries into the form in which they are stored, and back.
 *
 * <p>Whose key seals a part: who did it seals all of it; the address of the client seals the address as well, which is
 * therefore lost with either; the token that it is about and wallets that its text names seal the text as well. Text of an
 * entry that names nobody is sealed under the address, and stays readable where there is none, as in entries of the system
 * about itself.
 *
 * <p>Besides sealed entries a store holds entries as a journal wrote them (their first byte is 1), from before entries were
 * sealed; what is left of such an entry after an erasure ({@link #LEFT_OVER}); and bytes that no one can read
 * ({@link #AS_IT_CAME}).
 */
public final class Sealing implements AutoCloseable {
    /** First byte of what came from a journal and is not a record. */
    static final byte AS_IT_CAME = 3;

    /** First byte of what erasure has left of an entry that was not sealed; the bytes that were logged are gone. */
    static final byte LEFT_OVER = 4;

    private final SubjectKeys keys;

    /**
     * An entry to be stored.
     *
     * @param record what {@code bytes} say
     * @param readable whether they could be read
     */
    public record Arrived(long sequence, AuditRecord record, boolean readable, byte[] bytes) {}

    /** An entry as it is stored. */
    public record Stored(String node, long sequence, byte[] payload) {}

    /**
     * An entry that was opened.
     *
     * @param bytes those of a record, without what was lost; or bytes that are not a record
     * @param erased whether something was lost
     */
    public record Opened(byte[] bytes, boolean erased) {}

    /**
     * @param sealingKey 32 bytes, the same for every admin-service of a store; copied as far as it is needed
     * @param dialect of the store
     */
    public Sealing(Secret sealingKey, Dialect dialect, SecureRandom random) {
        keys = new SubjectKeys(sealingKey, dialect, random);
    }

    /**
     * The stored form of each entry, in the same order. Runs in the transaction that stores them.
     *
     * @throws IllegalStateException when the store is sealed under another key
     */
    public List<byte[]> seal(Connection connection, String node, long nowMicros, List<Arrived> entries)
            throws SQLException {
        Owners.Known owners = new Owners.Known();
        Set<Subject> subjects = new LinkedHashSet<>();
        entries.forEach(entry -> subjects.addAll(owners.of(entry.record()).all()));
        List<byte[]> sealed = new ArrayList<>(entries.size());
        try (EntrySealer sealer = new EntrySealer(
                node, keys.forSealing(connection, subjects, nowMicros), keys.random(SealedEntry.SALT_BYTES))) {
            for (Arrived entry : entries) {
                sealed.add(
                        entry.readable()
                                ? seal(sealer, entry, owners.of(entry.record()))
                                : prefixed(AS_IT_CAME, entry.bytes()));
            }
        }
        return sealed;
    }

    /** Parts that the same subjects own lie in one box. */
    private static byte[] seal(EntrySealer sealer, Arrived entry, Owners owners) {
        List<byte[]> open = new ArrayList<>();
        Map<Set<Subject>, byte[]> closed = new LinkedHashMap<>();
        AuditFields.split(entry.bytes(), Subject.inPath(entry.record())).forEach((part, fields) -> {
            Set<Subject> own = owners.of(part);
            if (own.isEmpty()) {
                open.add(fields);
            } else if (fields.length > 0) {
                closed.merge(own, fields, (one, other) -> concatenated(List.of(one, other)));
            }
        });
        return sealer.seal(entry.sequence(), open.size() == 1 ? open.getFirst() : concatenated(open), closed);
    }

    /** Whether {@code stored} is {@code entry}, as far as it can still be opened; a journal that repeats itself is. */
    public boolean holds(Connection connection, Stored stored, byte[] entry) throws SQLException {
        byte[] payload = stored.payload();
        if (payload.length > 0 && payload[0] == AS_IT_CAME) {
            return Arrays.equals(payload, prefixed(AS_IT_CAME, entry));
        }
        if (payload.length == 0 || (payload[0] != SealedEntry.FORMAT && payload[0] != LEFT_OVER)) {
            return Arrays.equals(payload, entry);
        }
        try {
            Opened opened = open(connection, List.of(stored)).getFirst();
            AuditRecord arrived = AuditDecoder.decode(entry);
            return opened.erased()
                    ? deed(opened.bytes()).equals(deed(entry))
                    : AuditDecoder.decode(opened.bytes()).equals(arrived);
        } catch (IllegalArgumentException different) {
            return false;
        }
    }

    /** What every sealed entry says in the clear. */
    private static AuditRecord deed(byte[] entry) {
        Map<Part, byte[]> parts = AuditFields.split(entry, true);
        return AuditDecoder.decode(AuditFields.join(List.of(parts.getOrDefault(Part.DEED, new byte[0]))));
    }

    /**
     * Opens entries, in the same order. One whose sealed part was altered opens to bytes that are not a record.
     *
     * @throws IllegalStateException when the store is sealed under another key
     */
    public List<Opened> open(Connection connection, List<Stored> entries) throws SQLException {
        List<Optional<SealedEntry>> read = new ArrayList<>();
        Set<KeyId> wanted = new HashSet<>();
        for (Stored entry : entries) {
            Optional<SealedEntry> one = read(entry.payload());
            one.ifPresent(box -> wanted.addAll(box.keys()));
            read.add(one);
        }
        Map<KeyId, byte[]> known = keys.find(connection, wanted);
        List<Opened> opened = new ArrayList<>();
        for (int at = 0; at < entries.size(); at++) {
            Stored entry = entries.get(at);
            opened.add(read.get(at).map(one -> open(entry, one, known)).orElseGet(() -> unsealed(entry.payload())));
        }
        known.values().forEach(key -> Arrays.fill(key, (byte) 0));
        return opened;
    }

    private static Optional<SealedEntry> read(byte[] payload) {
        if (payload.length == 0 || payload[0] != SealedEntry.FORMAT) {
            return Optional.empty();
        }
        try {
            return Optional.of(SealedEntry.read(payload));
        } catch (IllegalArgumentException altered) {
            return Optional.empty();
        }
    }

    private static Opened open(Stored entry, SealedEntry sealed, Map<KeyId, byte[]> known) {
        try {
            Opening opening = sealed.open(entry.node(), entry.sequence(), known);
            return new Opened(opening.entry(), opening.erased());
        } catch (IllegalArgumentException altered) {
            return new Opened(new byte[0], false);
        }
    }

    private static Opened unsealed(byte[] payload) {
        if (payload.length > 0 && (payload[0] == AS_IT_CAME || payload[0] == LEFT_OVER)) {
            return new Opened(Arrays.copyOfRange(payload, 1, payload.length), payload[0] == LEFT_OVER);
        }
        return new Opened(payload, false);
    }

    /** What is left of an entry that was stored before entries were sealed; nothing where it does not tell of them. */
    static Optional<byte[]> without(Subject erased, byte[] payload) {
        if (payload.length == 0 || payload[0] == SealedEntry.FORMAT || payload[0] == AS_IT_CAME) {
            return Optional.empty();
        }
        byte[] entry = payload[0] == LEFT_OVER ? Arrays.copyOfRange(payload, 1, payload.length) : payload;
        Owners owners;
        Map<Part, byte[]> parts;
        try {
            AuditRecord record = AuditDecoder.decode(entry);
            owners = Owners.of(record);
            parts = new EnumMap<>(AuditFields.split(entry, Subject.inPath(record)));
        } catch (IllegalArgumentException notARecord) {
            return Optional.empty();
        }
        if (!owners.all().contains(erased)) {
            return Optional.empty();
        }
        parts.keySet().removeIf(part -> owners.of(part).contains(erased));
        return Optional.of(prefixed(LEFT_OVER, AuditFields.join(List.copyOf(parts.values()))));
    }

    /** A keyed hash that tells entries apart which came under one number. */
    public byte[] digest(byte[] entry) {
        return keys.digest(entry);
    }

    /** Whether {@code record} tells of {@code subject} in any way that a key would seal. */
    static boolean namesAny(AuditRecord record, Subject subject) {
        return Owners.of(record).all().contains(subject);
    }

    /** Notes whom the text of stored entries names beside who did it, so that they are found when those are erased. */
    public void noteMentions(Connection connection, String node, List<Arrived> entries, long nowMicros)
            throws SQLException {
        Owners.Known owners = new Owners.Known();
        Set<Subject> subjects = new LinkedHashSet<>();
        entries.forEach(entry -> subjects.addAll(owners.of(entry.record()).onlyMentioned()));
        if (subjects.isEmpty()) {
            return;
        }
        Map<Subject, SubjectKeys.Key> known = keys.forSealing(connection, subjects, nowMicros);
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO audit_mention (key_id, node, seq) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")) {
            for (Arrived entry : entries) {
                for (Subject subject : owners.of(entry.record()).onlyMentioned()) {
                    insert.setBytes(
                            1,
                            Optional.ofNullable(known.get(subject))
                                    .orElseThrow()
                                    .id()
                                    .bytes());
                    insert.setString(2, node);
                    insert.setLong(3, entry.sequence());
                    insert.addBatch();
                }
            }
            insert.executeBatch();
        }
    }

    SubjectKeys keys() {
        return keys;
    }

    @Override
    public void close() {
        keys.close();
    }

    private static byte[] prefixed(byte first, byte[] rest) {
        return ByteBuffer.allocate(1 + rest.length).put(first).put(rest).array();
    }

    private static byte[] concatenated(List<byte[]> all) {
        ByteBuffer joined =
                ByteBuffer.allocate(all.stream().mapToInt(part -> part.length).sum());
        all.forEach(joined::put);
        return joined.array();
    }
}
