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
import java.util.List;
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
    private final ProjectLimit limit;
    private final String subject;
    private final Map<String, String> notes = new TreeMap<>();
    private String projectId = "";
    private String tokenId = "";
    private boolean withinLimit;
    private long opening;

    AuditedCall(Trail trail, String action, AuditActor actor, ManageRequest request) {
        this(trail, action, new Principal(actor, Role.VIEWER), request);
    }

    /** A call that reaches no further than {@code principal} may. */
    AuditedCall(Trail trail, String action, Principal principal, ManageRequest request) {
        this.trail = trail;
        this.limit = principal.limit();
        this.subject = subject(request.segments());
        this.head = AuditRecord.builder(AuditPhase.EVENT, action, micros(trail.clock()))
                .actor(principal.actor())
                .requestId(request.requestId())
                .correlationId(request.correlationId())
                .clientIp(request.clientIp())
                .method(request.method())
                .path(request.path())
                .userAgent(request.userAgent())
                .surface("manage")
                .build();
    }

    /**
     * The project that the call is about; empty: none.
     *
     * @throws Refused 404 when the principal is limited to others
     */
    void project(String id) {
        projectId = id;
        if (!id.isEmpty()) {
            concerns(id);
        }
    }

    /**
     * As {@link #project} for a call that only touches on what belongs to a project, which its entry does not name.
     *
     * @param id empty: to none
     * @throws Refused 404 when the principal is limited to other projects
     */
    void concerns(String id) {
        if (!limit.allows(id)) {
            throw Refused.notFound(subject);
        }
        withinLimit = true;
    }

    /** Whether the principal is limited to some projects. */
    boolean limited() {
        return limit.limited();
    }

    /** Of a listing: whether a row of this project is shown. What is listed by it lies within the limit. */
    boolean shows(String id) {
        withinLimit = true;
        return limit.allows(id);
    }

    /**
     * Nothing is changed for, or shown to, a principal with a limit before the call has said which project it is about.
     *
     * @throws Refused 403
     */
    void requireWithinLimit() {
        if (limit.limited() && !withinLimit) {
            throw Refused.denied(
                    403,
                    "you may manage some projects only, and this call is about more than one of them; name a project"
                            + " where the call takes one");
        }
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
     * @throws Refused 503 when the journal takes no entry; 403 as {@link #requireWithinLimit}
     */
    void begin() {
        requireWithinLimit();
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
        AuditRecord unusedEntry = ended(status, outcome, reason);
    }

    /**
     * As {@link #end}, for a read that succeeded and that a page may repeat.
     *
     * @param key by {@link RepeatedReads#key}
     */
    void endRead(int status, RepeatedReads reads, String key) {
        if (!reads.repeats(key)) {
            reads.recorded(key, ended(status, AuditOutcome.SUCCESS, ""));
        }
    }

    /** Whether {@link #begin} was called: the call changes something. */
    boolean begun() {
        return opening > 0;
    }

    private AuditRecord ended(int status, AuditOutcome outcome, String reason) {
        long now = micros(trail.clock());
        AuditRecord record = facts().phase(begun() ? AuditPhase.END : AuditPhase.EVENT, now)
                .status(status)
                .outcome(outcome)
                .reason(reason)
                .elapsedMicros(Math.max(0, now - head.timestampMicros()))
                .build();
        if (begun()) {
            close(record);
            return record;
        }
        try {
            trail.log().record(record);
            return record;
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

    /** What a path names, in the words that its call uses where there is none: nobody learns what others have. */
    private static String subject(List<String> segments) {
        return switch (segments.size() < 2 ? "" : segments.getFirst()) {
            case "tokens" -> "token";
            case "audit" -> "audit event";
            default -> "project";
        };
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
