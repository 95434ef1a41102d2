package io.latticegate.common.service;

import io.latticegate.common.journal.AuditEncoder;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.journal.Durability;
import io.latticegate.common.journal.Journal;

/**
 * Records deeds of a control path before they are answered. Fails closed: when the journal takes no entry, the deed must
 * not happen or must be reported as not done.
 */
public final class AuditLog {
    private final Journal journal;
    private final Durability durability;

    /** The journal refused an entry; nothing may go on. */
    public static final class NotRecorded extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NotRecorded(String why) {
            super("the audit journal takes no entries: " + why, null, false, false);
        }
    }

    public AuditLog(Journal journal, Durability durability) {
        this.journal = journal;
        this.durability = durability;
    }

    /** Appends one entry; returns when it survives what the configured durability says. Call on a virtual thread. */
    public void record(AuditRecord entry) {
        byte[] bytes = AuditEncoder.bytes(entry);
        long sequence = journal.tryAppend(bytes, 0, bytes.length);
        if (sequence < 0) {
            throw new NotRecorded(Journal.refusal(sequence));
        }
        if (durability == Durability.DISK) {
            journal.durable(sequence).toCompletableFuture().join();
        }
    }
}
