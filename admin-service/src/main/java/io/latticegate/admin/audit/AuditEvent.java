package io.latticegate.admin.audit;

import io.latticegate.admin.subject.Sealing;
import io.latticegate.common.journal.AuditActor;
import io.latticegate.common.journal.AuditDecoder;
import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An entry of the audit log.
 *
 * @param node the journal that it came from
 * @param sequence its number in that journal, from 1
 * @param receivedAtMicros when the log received it, microseconds since 1970 UTC
 * @param record what it says, as far as it can still be opened
 * @param erased whether fields of it were erased with whom they told of; those are empty
 */
public record AuditEvent(String node, long sequence, long receivedAtMicros, AuditRecord record, boolean erased) {
    /** The action of an entry whose bytes cannot be read; they are kept all the same. */
    public static final String UNREADABLE = "audit.unreadable";

    private static final Pattern ID = Pattern.compile("([0-9a-zA-Z._-]{1,64})-([1-9][0-9]{0,17})");

    /** An entry that says all that it ever said. */
    public AuditEvent(String node, long sequence, long receivedAtMicros, AuditRecord record) {
        this(node, sequence, receivedAtMicros, record, false);
    }

    /** Where an entry stands. */
    record Key(String node, long sequence) {}

    /** Reads the entry's bytes; what cannot be read becomes an {@link #UNREADABLE} event of the time of its receipt. */
    static AuditEvent of(String node, long sequence, long receivedAtMicros, byte[] payload) {
        return new AuditEvent(node, sequence, receivedAtMicros, read(payload, receivedAtMicros));
    }

    private static AuditRecord read(byte[] payload, long receivedAtMicros) {
        try {
            return AuditDecoder.decode(payload);
        } catch (IllegalArgumentException malformed) {
            return AuditRecord.builder(AuditPhase.EVENT, UNREADABLE, receivedAtMicros)
                    .actor(new AuditActor(AuditActor.Kind.SYSTEM, ""))
                    .outcome(AuditOutcome.ERROR)
                    .reason(String.valueOf(malformed.getMessage()))
                    .build();
        }
    }

    /** As {@link #of}, of bytes that were opened. */
    static AuditEvent of(String node, long sequence, long receivedAtMicros, Sealing.Opened opened) {
        return new AuditEvent(
                node, sequence, receivedAtMicros, read(opened.bytes(), receivedAtMicros), opened.erased());
    }

    /** Whether the entry's bytes could be read. */
    boolean readable() {
        return !record.action().equals(UNREADABLE);
    }

    /** {@code <node>-<sequence>}. */
    public String id() {
        return node + "-" + sequence;
    }

    /** The actor in one word: its id, or what kind it is when it has none. */
    public String actor() {
        AuditActor actor = record.actor();
        return actor.id().isEmpty() ? actor.kind().wireName() : actor.id();
    }

    static Optional<Key> key(String id) {
        Matcher matcher = ID.matcher(id);
        return matcher.matches()
                ? Optional.of(new Key(matcher.group(1), Long.parseLong(matcher.group(2))))
                : Optional.empty();
    }
}
