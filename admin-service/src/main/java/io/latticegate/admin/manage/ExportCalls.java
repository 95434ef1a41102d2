package io.latticegate.admin.manage;

import io.latticegate.admin.audit.AuditFeed;
import io.latticegate.admin.audit.AuditFeed.Positioned;
import io.latticegate.admin.audit.AuditFeed.Stretch;
import io.latticegate.admin.export.EventFormat;
import io.latticegate.admin.subject.Sealing;
import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreFault;
import io.vertx.core.buffer.Buffer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The call under {@code /manage/export}: ends and events of the audit as lines of JSON, in the order of their arrival. */
final class ExportCalls implements Calls {
    private static final int EVENTS_MAX = 10_000;
    private static final int EVENTS_DEFAULT = 1_000;
    private static final int BYTES_MAX = 8 << 20;

    /** Of {@link AuditFeed#EXAMINED_MAX} entries at most: a page of a time that has few events ends early and goes on. */
    private static final int STRETCHES_MAX = 50;

    private static final String TYPE = "application/x-ndjson";

    private final Database database;
    private final Sealing sealing;

    ExportCalls(Database database, Sealing sealing) {
        this.database = database;
        this.sealing = sealing;
    }

    @Override
    public void addTo(CallTable.Rows rows) {
        rows.add("GET", Role.VIEWER, "audit.export", this::events, "export", "events");
    }

    /** {@code GET /manage/export/events}; a {@code Link} header names the next page wherever there may be one. */
    Answer events(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery("format", "after", "limit", "start_time", "end_time");
        String written = request.query().getOrDefault("format", "jsonl");
        EventFormat format =
                EventFormat.named(written).orElseThrow(() -> Refused.badRequest("format must be jsonl or ocsf"));
        int limit = request.number("limit", EVENTS_DEFAULT, EVENTS_MAX);
        long position = cursor(request);
        Instant start = AuditCalls.time(request, "start_time");
        Instant end = AuditCalls.time(request, "end_time");
        Buffer lines = Buffer.buffer();
        int count = 0;
        boolean more = true;
        boolean full = false;
        try {
            for (int stretches = 0; more && !full && stretches < STRETCHES_MAX; stretches++) {
                Stretch some = read(position, start, end, Math.min(AuditFeed.MAX_EVENTS, limit - count));
                for (Positioned one : some.events()) {
                    lines.appendString(format.line(one.event())).appendByte((byte) '\n');
                    position = one.position();
                    count++;
                    full = count == limit || lines.length() > BYTES_MAX;
                    if (full) {
                        break;
                    }
                }
                if (!full) {
                    position = some.through();
                    more = !some.ended();
                }
            }
        } catch (StoreFault fault) {
            throw Refused.unavailable("the audit store does not answer; nothing was exported");
        }
        audited.note("count", Integer.toString(count));
        audited.note("format", written);
        return Answer.written(
                TYPE,
                lines,
                more ? Map.of("Link", "<" + next(request, limit, position) + ">; rel=\"next\"") : Map.of());
    }

    private Stretch read(long position, @Nullable Instant start, @Nullable Instant end, int limit) {
        return database.read(connection -> AuditFeed.between(connection, sealing, position, start, end, limit));
    }

    private static long cursor(ManageRequest request) {
        String after = request.query().getOrDefault("after", "0");
        if (!after.matches("[0-9]{1,18}")) {
            throw Refused.badRequest("after must be the cursor of a Link header of this call");
        }
        return Long.parseLong(after);
    }

    private static String next(ManageRequest request, int limit, long position) {
        StringBuilder next = new StringBuilder("/manage/export/events?after=" + position + "&limit=" + limit);
        for (String kept : List.of("format", "start_time", "end_time")) {
            String value = request.query().get(kept);
            if (value != null) {
                next.append('&').append(kept).append('=').append(URLEncoder.encode(value, StandardCharsets.UTF_8));
            }
        }
        return next.toString();
    }
}
