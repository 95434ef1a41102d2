package io.latticegate.fhe.app.audit;

import io.latticegate.common.journal.AuditActor;
import io.latticegate.common.journal.AuditEncoder;
import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.journal.Durability;
import io.latticegate.common.journal.Journal;
import io.latticegate.common.telemetry.LogKey;
import io.latticegate.fhe.app.auth.Caller;
import io.latticegate.fhe.app.http.Refusal;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One call in the audit: its begin is accepted before anything is changed or computed, and its end always follows. */
public final class Deed {
    private static final Logger LOG = LoggerFactory.getLogger(Deed.class);
    private static final String SURFACE = "fhe";

    private final Book book;
    private final AuditRecord head;
    private final Map<String, String> notes = new ConcurrentHashMap<>();
    private volatile long opening;

    /** Where deeds are written. */
    public record Book(Journal journal, Durability durability, InstantSource clock) {
        /** A deed that has not begun. */
        public Deed open(String action, Caller caller, Request request) {
            return new Deed(this, action, caller, request);
        }

        private long micros() {
            return ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
        }
    }

    /** What the audit keeps of a request. */
    public record Request(
            String id, String correlation, String method, String path, String clientIp, String userAgent) {}

    private Deed(Book book, String action, Caller caller, Request request) {
        this.book = book;
        this.head = AuditRecord.builder(AuditPhase.BEGIN, action, book.micros())
                .actor(new AuditActor(AuditActor.Kind.TOKEN, caller.tokenId()))
                .requestId(request.id())
                .correlationId(request.correlation())
                .projectId(caller.projectId())
                .tokenId(caller.tokenId())
                .clientIp(request.clientIp())
                .method(request.method())
                .path(request.path())
                .userAgent(request.userAgent())
                .surface(SURFACE)
                .build();
    }

    /** A further fact, never a secret; beyond the journal's bound it is left out. */
    public void note(String key, String value) {
        if (notes.size() < AuditRecord.MAX_METADATA || notes.containsKey(key)) {
            notes.put(key, value);
        }
    }

    /**
     * Records the intent; may wait for the disk.
     *
     * @throws Refusal 503 when the journal takes no entry
     */
    public void begin() {
        byte[] entry = AuditEncoder.bytes(head);
        long sequence = book.journal.tryOpen(entry, 0, entry.length);
        if (sequence < 0) {
            LOG.error(
                    "a call is refused because the audit journal takes no entries",
                    LogKey.REQUEST_ID.of(head.requestId()),
                    LogKey.REASON.of(Journal.refusal(sequence)));
            throw unavailable();
        }
        opening = sequence;
        if (book.durability == Durability.DISK) {
            try {
                book.journal.durable(sequence).toCompletableFuture().join();
            } catch (CompletionException diskFault) {
                LOG.error("the audit journal cannot write to its disk", diskFault);
                throw unavailable();
            }
        }
    }

    private static Refusal unavailable() {
        return Refusal.of(503, "service_unavailable", "Nothing was done: the audit journal takes no entries");
    }

    /** Records how the call ended, if it had begun. Does not wait. */
    public void end(int status) {
        if (opening <= 0) {
            return;
        }
        long now = book.micros();
        AuditRecord end = head.toBuilder()
                .phase(AuditPhase.END, now)
                .status(status)
                .outcome(outcome(status))
                .metadata(Map.copyOf(notes))
                .elapsedMicros(Math.max(0, now - head.timestampMicros()))
                .build();
        byte[] entry = AuditEncoder.bytes(end);
        long sequence = book.journal.tryClose(opening, entry, 0, entry.length);
        if (sequence < 0) {
            LOG.error(
                    "the end of a call is not in the audit yet",
                    LogKey.REQUEST_ID.of(head.requestId()),
                    LogKey.REASON.of(Journal.refusal(sequence)));
        }
    }

    private static AuditOutcome outcome(int status) {
        if (status < 400) {
            return AuditOutcome.SUCCESS;
        }
        return status < 500 ? AuditOutcome.DENIED : AuditOutcome.ERROR;
    }
}
