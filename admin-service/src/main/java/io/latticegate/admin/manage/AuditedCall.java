package io.latticegate.admin.manage;

import io.latticegate.common.journal.AuditActor;
import io.latticegate.common.journal.AuditEncoder;
import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.journal.Durability;
import io.latticegate.common.journal.Journal;
import io.latticegate.common.service.AuditLog;
import io.latticegate.common.telemetry.Log;
import io.latticegate.common.telemetry.LogKey;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;

/**
 * One management call in the audit. A call that changes something is opened in the journal with {@link #begin} before it
 * acts and closed before it is answered; if the process dies in between, the next start closes it as interrupted. A call
 * that only reads, or is refused before it acts, is one entry. Without an entry there is no answer but 503.
 *
 * <p>Confined to the call's thread.
 */
final class AuditedCall {
    private static final Log LOG = Log.of(AuditedCall.class);

    /** Where entries go. */
    record Trail(Journal journal, AuditLog log, Durability durability, InstantSource clock) {}

    private final Trail trail;
    private final AuditRecord head;
    private final Map<String, String> notes = new TreeMap<>();
    private String projectId = "";
    private String tokenId = "";
    private long opening;

    AuditedCall(Trail trail, String action, AuditActor actor, ManageRequest request) {
        this.trail = trail;
        this.head = AuditRecord.builder(AuditPhase.EVENT, action, micros(trail.clock()))
                .actor(actor)
                .requestId(request.requestId())
                .correlationId(request.correlationId())
                .clientIp(request.clientIp())
                .method(request.method())
                .path(request.path())
                .userAgent(request.userAgent())
                .surface("manage")
                .build();
    }

    void project(String id) {
        projectId = id;
    }

    void token(String id) {
        tokenId = id;
    }

    /** A further fact, never a secret. */
    void note(String key, String value) {
        notes.put(key, value);
    }

    /**
     * Records the intent; nothing may be changed before this returns.
     *
     * @throws Refused 503 when the journal takes no entry
     */
    void begin() {
        byte[] entry = AuditEncoder.bytes(
                facts().phase(AuditPhase.BEGIN, head.timestampMicros()).build());
        long sequence = trail.journal().tryOpen(entry, 0, entry.length);
        if (sequence < 0) {
            LOG.error(
                    "a management call is refused because the audit journal takes no entries",
                    LogKey.REQUEST_ID.of(head.requestId()),
                    LogKey.REASON.of(Journal.refusal(sequence)));
            throw Refused.unavailable("the audit journal takes no entries; nothing was changed");
        }
        opening = sequence;
        if (!durable(sequence)) {
            throw Refused.unavailable("the audit journal cannot write to its disk; nothing was changed");
        }
    }

    /**
     * Records how the call ended.
     *
     * @throws Refused 503 when the journal takes no entry: the client must not be told of an outcome that is not recorded
     */
    void end(int status, AuditOutcome outcome, String reason) {
        long now = micros(trail.clock());
        boolean begun = opening > 0;
        AuditRecord record = facts().phase(begun ? AuditPhase.END : AuditPhase.EVENT, now)
                .status(status)
                .outcome(outcome)
                .reason(reason)
                .elapsedMicros(Math.max(0, now - head.timestampMicros()))
                .build();
        if (begun) {
            close(record);
            return;
        }
        try {
            trail.log().record(record);
        } catch (AuditLog.NotRecorded | CompletionException fault) {
            LOG.error(
                    "a management call is refused because the audit journal takes no entries",
                    LogKey.REQUEST_ID.of(head.requestId()),
                    LogKey.REASON.of(fault.getMessage()));
            throw Refused.unavailable("the audit journal takes no entries; nothing was changed");
        }
    }

    private void close(AuditRecord record) {
        byte[] entry = AuditEncoder.bytes(record);
        long sequence = trail.journal().tryClose(opening, entry, 0, entry.length);
        if (sequence < 0 || !durable(sequence)) {
            LOG.error(
                    "the end of a management call is not in the audit yet",
                    LogKey.REQUEST_ID.of(head.requestId()),
                    LogKey.STATUS.of(record.status()));
            throw Refused.unavailable(
                    "the audit journal took the intent but not the end of this call; it ended with status "
                            + record.status() + ", so look at the result before repeating it");
        }
    }

    private boolean durable(long sequence) {
        if (trail.durability() == Durability.PROCESS) {
            return true;
        }
        try {
            trail.journal().durable(sequence).toCompletableFuture().join();
            return true;
        } catch (CompletionException diskFault) {
            LOG.error(
                    "the audit journal could not be forced to disk",
                    LogKey.REQUEST_ID.of(head.requestId()),
                    LogKey.ERROR.of(diskFault.getMessage()));
            return false;
        }
    }

    private AuditRecord.Builder facts() {
        return head.toBuilder().projectId(projectId).tokenId(tokenId).metadata(Map.copyOf(notes));
    }

    private static long micros(InstantSource clock) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
    }
}
