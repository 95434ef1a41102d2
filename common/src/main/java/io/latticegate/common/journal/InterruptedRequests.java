package io.latticegate.common.journal;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;

/** Gives the requests that a crash cut off their ending in the audit, exactly once. */
public final class InterruptedRequests {
    /** The reason noted for them. */
    public static final String REASON = "interrupted";

    private final Journal journal;
    private final InstantSource clock;

    /** For the journal that the crashed process left. */
    public InterruptedRequests(Journal journal, InstantSource clock) {
        this.journal = journal;
        this.clock = clock;
    }

    /**
     * Appends an END with outcome error for every BEGIN that has none. Call it after {@link Journal#open} and before
     * serving; what is refused now for want of space is found again by the next call or start.
     *
     * @return how many were ended
     */
    public int end() {
        AuditEncoder encoder = new AuditEncoder();
        int ended = 0;
        for (Map.Entry<Long, byte[]> opening : journal.unfinished().entrySet()) {
            int length = encoder.encode(ending(opening.getValue()));
            if (journal.tryClose(opening.getKey(), encoder.buffer(), 0, length) > 0) {
                ended++;
            }
        }
        return ended;
    }

    private AuditRecord ending(byte[] beginning) {
        long now = ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
        AuditRecord begun;
        try {
            begun = AuditDecoder.decode(beginning);
        } catch (IllegalArgumentException unreadable) {
            return AuditRecord.builder(AuditPhase.END, "audit.unreadable", now)
                    .actor(new AuditActor(AuditActor.Kind.SYSTEM, "journal"))
                    .outcome(AuditOutcome.ERROR)
                    .reason(REASON + "; " + unreadable.getMessage())
                    .build();
        }
        return begun.toBuilder()
                .phase(AuditPhase.END, now)
                .outcome(AuditOutcome.ERROR)
                .reason(REASON)
                .elapsedMicros(Math.max(0, now - begun.timestampMicros()))
                .build();
    }
}
