package io.latticegate.admin.manage;

import io.latticegate.admin.analytics.RequestFilter;
import io.latticegate.admin.analytics.RequestLog;
import io.latticegate.admin.analytics.RequestRow;
import io.latticegate.admin.listing.LogPlace;
import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreFault;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The calls under {@code /manage/requests}: what became of each request of the data plane. */
final class RequestCalls implements Calls {
    private static final String REQUESTS = "requests";
    private static final int LISTED_DEFAULT = 50;
    private static final int STATUS_MAX = 599;
    private static final int MILLIS_MAX = 86_400_000;
    private static final Set<String> OUTCOMES = Set.of("success", "failure", "denied", "error");

    private static final String[] PARAMETERS = Stream.concat(
                    Stream.of(RequestFilter.Field.values()).map(RequestCalls::wireName),
                    Stream.of("status", "min_ms", "start_time", "end_time", "limit", "after", "format"))
            .toArray(String[]::new);

    private final Database database;

    RequestCalls(Database database) {
        this.database = database;
    }

    @Override
    public void addTo(CallTable.Rows rows) {
        rows.add("GET", Role.VIEWER, "request.list", this::list, REQUESTS);
        rows.add("GET", Role.VIEWER, "request.show", this::show, REQUESTS, "{id}");
    }

    /** {@code GET /manage/requests}: newest first. */
    Answer list(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery(PARAMETERS);
        boolean csv = Csv.wanted(request);
        RequestFilter filter = filter(request);
        audited.note("filters", request.query().keySet().stream().sorted().collect(Collectors.joining(",")));
        audited.project(filter.equal().getOrDefault(RequestFilter.Field.PROJECT_ID, ""));
        RequestLog.Page page;
        try {
            page = database.read(connection -> RequestLog.list(connection, filter));
        } catch (StoreFault fault) {
            throw Refused.unavailable("the audit store does not answer; nothing was listed");
        }
        LogPlace next = page.next();
        if (csv) {
            return csv(page, next);
        }
        JsonArray rows = new JsonArray();
        page.rows().forEach(row -> rows.add(json(row)));
        return Answer.json(
                200, new JsonObject().put("requests", rows).put("next", next == null ? null : next.cursor()));
    }

    /** {@code GET /manage/requests/{request_id}}: with its attempts. */
    Answer show(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery();
        String id = request.segments().get(1);
        if (!id.matches("[A-Za-z0-9._:-]{1,128}")) {
            throw Refused.notFound("request");
        }
        audited.note("request", id);
        RequestLog.@Nullable Detail detail;
        try {
            detail = database.read(connection -> RequestLog.find(connection, id));
        } catch (StoreFault fault) {
            throw Refused.unavailable("the audit store does not answer; the request was not read");
        }
        if (detail == null) {
            throw Refused.notFound("request");
        }
        audited.project(detail.request().projectId());
        JsonArray attempts = new JsonArray();
        detail.attempts().forEach(attempt -> attempts.add(attempt(attempt)));
        return Answer.json(200, json(detail.request()).put("attempt_rows", attempts));
    }

    private static RequestFilter filter(ManageRequest request) {
        Map<RequestFilter.Field, String> equal = new EnumMap<>(RequestFilter.Field.class);
        for (RequestFilter.Field field : RequestFilter.Field.values()) {
            String value = request.query().getOrDefault(wireName(field), "");
            if (!value.isEmpty()) {
                equal.put(field, field == RequestFilter.Field.ACTOR ? value.toLowerCase(Locale.ROOT) : value);
            }
        }
        String outcome = equal.get(RequestFilter.Field.OUTCOME);
        if (outcome != null && !OUTCOMES.contains(outcome)) {
            throw Refused.badRequest("outcome must be success, failure, denied or error");
        }
        String cursor = request.query().get("after");
        LogPlace after = cursor == null
                ? null
                : LogPlace.of(cursor)
                        .orElseThrow(() -> Refused.badRequest("after must be the next of an earlier page"));
        try {
            return new RequestFilter(
                    equal,
                    request.query().containsKey("status") ? request.number("status", 0, STATUS_MAX) : null,
                    request.query().containsKey("min_ms") ? request.number("min_ms", 0, MILLIS_MAX) * 1_000L : 0,
                    micros(QueryTimes.of(request, "start_time")),
                    micros(QueryTimes.of(request, "end_time")),
                    after,
                    request.number("limit", LISTED_DEFAULT, RequestFilter.LIMIT_MAX));
        } catch (IllegalArgumentException outOfBounds) {
            throw Refused.badRequest(
                    "a filter has at most " + RequestFilter.TEXT_MAX + " characters, none of them a control character");
        }
    }

    private static @Nullable Long micros(@Nullable Instant time) {
        return time == null ? null : ChronoUnit.MICROS.between(Instant.EPOCH, time);
    }

    private static String wireName(RequestFilter.Field field) {
        return field.name().toLowerCase(Locale.ROOT);
    }

    private static JsonObject json(RequestRow row) {
        return new JsonObject()
                .put("id", row.place().node() + "-" + row.place().sequence())
                .put("time", UsageJson.timeOfMicros(row.place().occurredAtMicros()))
                .put("request_id", row.requestId())
                .put("project_id", row.projectId())
                .put("token_id", row.tokenId())
                .put("actor", row.actor())
                .put("user", row.user())
                .put("surface", row.surface())
                .put("method", row.method())
                .put("path", row.path())
                .put("model", row.model())
                .put("provider", row.provider())
                .put("status", row.status())
                .put("outcome", row.outcome())
                .put("reason", row.reason())
                .put("tokens_in", row.tokensIn())
                .put("tokens_out", row.tokensOut())
                .put("tokens_cached", row.tokensCached())
                .put("estimated", row.estimated())
                .put("cost_usd", UsageJson.usd(row.costMicroUsd()))
                .put("cost_micro_usd", row.costMicroUsd())
                .put("attempts", row.attempts())
                .put("elapsed_ms", UsageJson.millis(row.elapsedMicros()))
                .put("cache", row.cache());
    }

    private static JsonObject attempt(RequestRow row) {
        return new JsonObject()
                .put("provider", row.provider())
                .put("model", row.model())
                .put("status", row.status())
                .put("outcome", row.outcome())
                .put("class", row.reason())
                .put("elapsed_ms", UsageJson.millis(row.elapsedMicros()))
                .put("tokens_in", row.tokensIn())
                .put("tokens_out", row.tokensOut())
                .put("cost_usd", UsageJson.usd(row.costMicroUsd()))
                .put("cost_micro_usd", row.costMicroUsd());
    }

    private static Answer csv(RequestLog.Page page, @Nullable LogPlace next) {
        Csv csv = new Csv(
                "id",
                "time",
                "request_id",
                "project_id",
                "token_id",
                "actor",
                "user",
                "surface",
                "method",
                "path",
                "model",
                "provider",
                "status",
                "outcome",
                "reason",
                "tokens_in",
                "tokens_out",
                "tokens_cached",
                "cost_usd",
                "attempts",
                "elapsed_ms",
                "cache");
        for (RequestRow row : page.rows()) {
            csv.row(
                    row.place().node() + "-" + row.place().sequence(),
                    UsageJson.timeOfMicros(row.place().occurredAtMicros()),
                    row.requestId(),
                    row.projectId(),
                    row.tokenId(),
                    row.actor(),
                    row.user(),
                    row.surface(),
                    row.method(),
                    row.path(),
                    row.model(),
                    row.provider(),
                    row.status(),
                    row.outcome(),
                    row.reason(),
                    row.tokensIn(),
                    row.tokensOut(),
                    row.tokensCached(),
                    UsageJson.usd(row.costMicroUsd()),
                    row.attempts(),
                    row.elapsedMicros() / 1_000.0,
                    row.cache());
        }
        Answer answer = csv.answer("requests.csv");
        return next == null ? answer : answer.with("X-Next-Cursor", next.cursor());
    }
}
