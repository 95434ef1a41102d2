package io.latticegate.admin.manage;

import io.latticegate.admin.audit.AuditCursor;
import io.latticegate.admin.audit.AuditEvent;
import io.latticegate.admin.audit.AuditFilter;
import io.latticegate.admin.audit.AuditPage;
import io.latticegate.admin.audit.AuditQuery;
import io.latticegate.admin.subject.Sealing;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreFault;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The calls under {@code /manage/audit}. */
final class AuditCalls implements Calls {
    private static final Set<String> OUTCOMES = Set.of("success", "failure", "denied", "error");

    private static final String[] PARAMETERS = Stream.concat(
                    Stream.of(AuditFilter.Field.values()).map(AuditCalls::wireName),
                    Stream.of("search", "start_time", "end_time", "page", "page_size", "after"))
            .toArray(String[]::new);

    private final Database database;
    private final Sealing sealing;

    AuditCalls(Database database, Sealing sealing) {
        this.database = database;
        this.sealing = sealing;
    }

    @Override
    public void addTo(CallTable.Rows rows) {
        rows.add("GET", Role.VIEWER, "audit.list", this::list, "audit");
        rows.add("GET", Role.VIEWER, "audit.show", this::show, "audit", "{id}");
    }

    /** {@code GET /manage/audit}. */
    Answer list(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery(PARAMETERS);
        AuditFilter filter = filter(request);
        String project = request.query().getOrDefault("project_id", "");
        if (!project.isEmpty()) {
            audited.concerns(project);
        }
        audited.note("filters", request.query().keySet().stream().sorted().collect(Collectors.joining(",")));
        AuditPage page;
        try {
            page = database.read(connection -> AuditQuery.list(connection, sealing, filter));
        } catch (StoreFault fault) {
            throw Refused.unavailable("the audit store does not answer; nothing was listed");
        }
        JsonArray events = new JsonArray();
        page.events().forEach(event -> events.add(json(event)));
        return Answer.json(200, new JsonObject().put("events", events).put("pagination", pagination(page, filter)));
    }

    private JsonObject pagination(AuditPage page, AuditFilter filter) {
        AuditCursor next = page.next();
        Long examinedTo = page.examinedToMicros();
        return new JsonObject()
                .put("page", page.page())
                .put("page_size", page.pageSize())
                .put("total_count", page.totalCount())
                .put("total_is_exact", page.totalIsExact())
                .put("total_pages", page.totalPages())
                .put("has_next", page.hasNext())
                .put("has_prev", page.hasPrev())
                .put("next", next == null ? null : next.text(sealing, filter))
                .put("examined_to", examinedTo == null ? null : UsageJson.timeOfMicros(examinedTo));
    }

    /** {@code GET /manage/audit/{id}}. */
    Answer show(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery();
        String id = request.segments().get(1);
        try {
            AuditEvent event = database.read(connection -> AuditQuery.find(connection, sealing, id))
                    .orElseThrow(() -> Refused.notFound("audit event"));
            audited.concerns(event.record().projectId());
            audited.note("event", event.id());
            return Answer.json(200, json(event));
        } catch (StoreFault fault) {
            throw Refused.unavailable("the audit store does not answer; the event was not read");
        }
    }

    private AuditFilter filter(ManageRequest request) {
        int page = request.number("page", 1, AuditFilter.MAX_PAGE);
        int size = request.number("page_size", AuditFilter.DEFAULT_PAGE_SIZE, AuditFilter.MAX_PAGE_SIZE);
        if (page > AuditFilter.lastPage(size)) {
            throw Refused.badRequest("page must be a number of 1 to " + AuditFilter.lastPage(size)
                    + " with this page_size; go on with after, the next of the page before");
        }
        String cursor = request.query().get("after");
        if (cursor != null && request.query().containsKey("page")) {
            throw Refused.badRequest("after says which page it is; give it without page");
        }
        String outcome = request.query().get("outcome");
        if (outcome != null && !outcome.isEmpty() && !OUTCOMES.contains(outcome)) {
            throw Refused.badRequest("outcome must be success, failure, denied or error");
        }
        AuditFilter filter = AuditFilter.ALL
                .between(time(request, "start_time"), time(request, "end_time"))
                .page(page, size);
        try {
            for (AuditFilter.Field field : AuditFilter.Field.values()) {
                filter = filter.with(field, request.query().getOrDefault(wireName(field), ""));
            }
            filter = filter.searching(request.query().getOrDefault("search", ""));
        } catch (IllegalArgumentException outOfBounds) {
            throw Refused.badRequest(
                    "a filter has at most " + AuditFilter.MAX_TEXT + " characters, none of them a control character");
        }
        return cursor == null
                ? filter
                : filter.after(AuditCursor.of(cursor, sealing, filter)
                        .orElseThrow(() ->
                                Refused.badRequest("after must be the next of an earlier page of the same filters")));
    }

    private static String wireName(AuditFilter.Field field) {
        return field.name().toLowerCase(Locale.ROOT);
    }

    /** A time of the query, or null. */
    static @Nullable Instant time(ManageRequest request, String name) {
        String text = request.query().get(name);
        if (text == null || text.isEmpty()) {
            return null;
        }
        try {
            Instant time = OffsetDateTime.parse(text).toInstant();
            if (time.isAfter(Instant.EPOCH.minus(Duration.ofDays(1)))
                    && time.isBefore(Instant.EPOCH.plus(Duration.ofDays(100_000)))) {
                return time;
            }
        } catch (DateTimeParseException malformed) {
            // Answered like a time out of range.
        }
        throw Refused.badRequest(name + " must be a time such as 2026-01-31T12:00:00Z");
    }

    private static JsonObject json(AuditEvent event) {
        AuditRecord record = event.record();
        JsonObject json = new JsonObject()
                .put("id", event.id())
                .put(
                        "timestamp",
                        Instant.EPOCH
                                .plus(record.timestampMicros(), ChronoUnit.MICROS)
                                .toString())
                .put("action", record.action())
                .put("actor", event.actor())
                .put("project_id", record.projectId())
                .put("request_id", record.requestId())
                .put("correlation_id", record.correlationId())
                .put("client_ip", record.clientIp())
                .put("method", record.method())
                .put("path", record.path())
                .put("user_agent", record.userAgent())
                .put("outcome", record.outcome().wireName())
                .put("reason", record.reason())
                .put("token_id", record.tokenId())
                .put("metadata", metadata(record));
        return event.erased() ? json.put("erased", true) : json;
    }

    /** What the record says beyond the fields of the wire format. */
    private static JsonObject metadata(AuditRecord record) {
        Map<String, Object> all = new TreeMap<>(record.metadata());
        putText(all, "surface", record.surface());
        putText(all, "model", record.model());
        putText(all, "provider", record.provider());
        putText(all, "credential_source", record.credentialSource());
        putText(all, "key_fingerprint", record.keyFingerprint());
        putNumber(all, "status", record.status());
        putNumber(all, "tokens_in", record.tokensIn());
        putNumber(all, "tokens_out", record.tokensOut());
        putNumber(all, "tokens_cached", record.tokensCached());
        putNumber(all, "cost_micro_usd", record.costMicroUsd());
        putNumber(all, "attempts", record.attempts());
        putNumber(all, "elapsed_micros", record.elapsedMicros());
        if (record.usageEstimated()) {
            all.put("usage_estimated", true);
        }
        JsonObject json = new JsonObject();
        all.forEach(json::put);
        return json;
    }

    private static void putText(Map<String, Object> all, String key, String value) {
        if (!value.isEmpty()) {
            all.put(key, value);
        }
    }

    private static void putNumber(Map<String, Object> all, String key, long value) {
        if (value != 0) {
            all.put(key, value);
        }
    }
}
