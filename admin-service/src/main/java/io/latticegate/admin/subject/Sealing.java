package io.latticegate.admin.subject;

import io.latticegate.admin.subject.SealedEntry.Opening;
import io.latticegate.admin.subject.SealedEntry.Place;
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
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
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
        List<Owners> owners = new ArrayList<>();
        Set<Subject> subjects = new LinkedHashSet<>();
        for (Arrived entry : entries) {
            Owners own = Owners.of(entry.record());
            owners.add(own);
            subjects.addAll(own.all());
        }
        Map<Subject, SubjectKeys.Key> known = keys.forSealing(connection, subjects, nowMicros);
        List<byte[]> sealed = new ArrayList<>();
        for (int at = 0; at < entries.size(); at++) {
            sealed.add(seal(node, entries.get(at), owners.get(at), known));
        }
        known.values().forEach(key -> Arrays.fill(key.bytes(), (byte) 0));
        return sealed;
    }

    private byte[] seal(String node, Arrived entry, Owners owners, Map<Subject, SubjectKeys.Key> known) {
        if (!entry.readable()) {
            return prefixed(AS_IT_CAME, entry.bytes());
        }
        Map<Part, byte[]> parts = AuditFields.split(entry.bytes(), owners.inPath());
        SealedEntry.Builder sealed = new SealedEntry.Builder(new Place(node, entry.sequence()));
        List<byte[]> open = new ArrayList<>();
        parts.forEach((part, fields) -> {
            List<SubjectKeys.Key> locks = owners.of(part).stream()
                    .map(subject -> Optional.ofNullable(known.get(subject)).orElseThrow())
                    .toList();
            if (locks.isEmpty()) {
                open.add(fields);
            } else if (fields.length > 0) {
                sealed.box(part, locks, keys.random(SealedEntry.saltBytes()), fields);
            }
        });
        return sealed.build(concatenated(open)).bytes();
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
            Opening opening = sealed.open(new Place(entry.node(), entry.sequence()), known);
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
            owners = Owners.of(AuditDecoder.decode(entry));
            parts = new EnumMap<>(AuditFields.split(entry, owners.inPath()));
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
        Set<Subject> subjects = new LinkedHashSet<>();
        entries.forEach(entry -> subjects.addAll(Owners.of(entry.record()).onlyMentioned()));
        if (subjects.isEmpty()) {
            return;
        }
        Map<Subject, SubjectKeys.Key> known = keys.forSealing(connection, subjects, nowMicros);
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO audit_mention (key_id, node, seq) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")) {
            for (Arrived entry : entries) {
                for (Subject subject : Owners.of(entry.record()).onlyMentioned()) {
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

    /** Whose key seals which part of an entry. */
    private record Owners(
            Map<Part, Set<Subject>> byPart, Set<Subject> all, Set<Subject> onlyMentioned, boolean inPath) {
        static Owners of(AuditRecord record) {
            Set<Subject> who = new LinkedHashSet<>();
            Subject.actor(record).ifPresent(who::add);
            Set<Subject> from = new LinkedHashSet<>(who);
            Subject.clientIp(record).ifPresent(from::add);
            Set<Subject> mentioned = Subject.mentioned(record);
            Set<Subject> about = new LinkedHashSet<>(who);
            about.addAll(mentioned);
            if (about.isEmpty()) {
                about.addAll(from);
            }
            Set<Subject> all = new LinkedHashSet<>(from);
            all.addAll(about);
            Set<Subject> only = new LinkedHashSet<>(mentioned);
            only.removeAll(who);
            who.stream()
                    .filter(actor -> !actor.spellings().contains(record.actor().id()))
                    .forEach(only::add);
            from.stream()
                    .filter(address -> address.kind() == Subject.Kind.CLIENT_IP
                            && !address.spellings().contains(record.clientIp()))
                    .forEach(only::add);
            Map<Part, Set<Subject>> byPart = new EnumMap<>(Part.class);
            byPart.put(Part.DEED, Set.of());
            byPart.put(Part.WHO, who);
            byPart.put(Part.FROM, from);
            byPart.put(Part.ABOUT, about);
            return new Owners(byPart, all, only, Subject.inPath(record));
        }

        Collection<Subject> of(Part part) {
            return byPart.getOrDefault(part, Set.of());
        }
    }
}
