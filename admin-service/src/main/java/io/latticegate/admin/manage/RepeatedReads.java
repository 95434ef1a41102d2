package io.latticegate.admin.manage;

import io.latticegate.common.crypto.Sha256;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.service.AuditLog;
import io.latticegate.common.telemetry.Log;
import io.latticegate.common.telemetry.LogKey;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Reads that a page of the web interface repeats by itself. The first of a minute has its entry in the audit before its answer, like
 * every call. The very same read of the same session, from the same address and program, within that minute is counted, and the
 * count gets an entry of its own, with {@code repeats} and {@code since} in its metadata, when the minute is over. Whatever changes
 * something, fails, is refused, or comes with a bearer token is never counted but recorded.
 *
 * <p>Counts are in memory: a process that is killed loses those of its last minute, never the first entry. While the journal takes no
 * entries, nothing is counted, so that the read is refused as any other.
 */
final class RepeatedReads {
    /** How long a read stands for those that repeat it. */
    static final Duration WINDOW = Duration.ofMinutes(1);

    /** Reads that are watched at once; of more, each is recorded. */
    static final int READS_MAX = 2_000;

    private static final Log LOG = Log.of(RepeatedReads.class);

    private final AuditedCall.Trail trail;
    private final Map<String, Counted> reads = new HashMap<>();
    private final ReentrantLock lock = new ReentrantLock();

    /** What was recorded at {@code since}, and how often it came again. */
    private static final class Counted {
        private final AuditRecord first;
        private final Instant since;
        private long repeats;

        private Counted(AuditRecord first, Instant since) {
            this.first = first;
            this.since = since;
        }

        private boolean over(Instant now) {
            return !since.plus(WINDOW).isAfter(now);
        }
    }

    RepeatedReads(AuditedCall.Trail trail) {
        this.trail = trail;
    }

    /** Names a read among others; a hash, so that no query is kept. */
    static String key(String session, ManageRequest request) {
        StringBuilder text = new StringBuilder();
        for (String part : List.of(
                session, request.clientIp(), request.userAgent(), request.path(), request.accept(), request.method())) {
            text.append(part.length()).append(':').append(part);
        }
        new TreeMap<>(request.query())
                .forEach((name, value) -> text.append(name.length())
                        .append(':')
                        .append(name)
                        .append(value.length())
                        .append(':')
                        .append(value));
        return HexFormat.of().formatHex(Sha256.of(text.toString().getBytes(StandardCharsets.UTF_8)));
    }

    /** Counts a read that has its entry already; false: it needs one. */
    boolean repeats(String key) {
        if (!trail.journal().health().accepting()) {
            return false;
        }
        Instant now = trail.clock().instant();
        lock.lock();
        try {
            Counted counted = reads.get(key);
            if (counted == null || counted.over(now)) {
                return false;
            }
            counted.repeats++;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** A read was recorded; from now on it stands for those that repeat it. */
    void recorded(String key, AuditRecord entry) {
        Instant now = trail.clock().instant();
        lock.lock();
        try {
            Counted before = reads.get(key);
            boolean free = before == null ? reads.size() < READS_MAX : before.repeats == 0;
            if (free) {
                reads.put(key, new Counted(entry, now));
            }
        } finally {
            lock.unlock();
        }
    }

    /** Records the counts of minutes that are over; what the journal does not take is tried again. */
    void settle() {
        settle(false);
    }

    /** Records every count; for the end of the process. */
    void close() {
        settle(true);
    }

    private void settle(boolean all) {
        Instant now = trail.clock().instant();
        lock.lock();
        try {
            Iterator<Counted> each = reads.values().iterator();
            while (each.hasNext()) {
                Counted counted = each.next();
                if (all || counted.over(now)) {
                    if (counted.repeats > 0 && !record(counted, now)) {
                        return;
                    }
                    each.remove();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean record(Counted counted, Instant now) {
        Map<String, String> metadata = new TreeMap<>(counted.first.metadata());
        metadata.put("repeats", Long.toString(counted.repeats));
        metadata.put("since", counted.since.truncatedTo(ChronoUnit.MILLIS).toString());
        try {
            trail.log()
                    .record(counted.first.toBuilder()
                            .phase(AuditPhase.EVENT, ChronoUnit.MICROS.between(Instant.EPOCH, now))
                            .elapsedMicros(0)
                            .metadata(metadata)
                            .build());
            return true;
        } catch (AuditLog.NotRecorded | CompletionException fault) {
            LOG.error(
                    "how often a page repeated a read is not in the audit yet",
                    LogKey.REQUEST_ID.of(counted.first.requestId()),
                    LogKey.REASON.of(fault.getMessage()));
            return false;
        }
    }
}
