package io.latticegate.admin.export;

import io.latticegate.admin.audit.AuditEvent;
import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditRecord;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.Set;

/**
 * An exported event as a {@code LogRecord} of OTLP 1.x in its JSON encoding (opentelemetry-proto, {@code logs/v1/logs.proto};
 * 64-bit numbers are texts there). Attributes bear the names of OpenTelemetry's semantic conventions where these have one, the
 * names of this product's spans where those do, and else {@code latticegate.} with the name of the field. The event's id is
 * {@code log.record.uid}, by which a receiver knows repetitions.
 */
public final class OtlpLogRecord {
    private static final String OWN = "latticegate.";

    private static final Map<String, String> ATTRIBUTES = Map.ofEntries(
            Map.entry("id", "log.record.uid"),
            Map.entry("client_ip", "client.address"),
            Map.entry("user_agent", "user_agent.original"),
            Map.entry("method", "http.request.method"),
            Map.entry("path", "url.path"),
            Map.entry("status", "http.response.status_code"),
            Map.entry("model", "gen_ai.request.model"),
            Map.entry("tokens_in", "gen_ai.usage.input_tokens"),
            Map.entry("tokens_out", "gen_ai.usage.output_tokens"),
            Map.entry("project_id", OWN + "project"),
            Map.entry("token_id", OWN + "token"),
            Map.entry("usage_estimated", OWN + "usage.estimated"));

    /** What a log record has a field of its own for. */
    private static final Set<String> FIELDS = Set.of("time", "received_at", "action");

    private static final long MICROS_MAX = Long.MAX_VALUE / 1_000;

    /** SeverityNumber and the text that goes with it. */
    private enum Severity {
        INFO(9),
        WARN(13),
        ERROR(17);

        private final int number;

        Severity(int number) {
            this.number = number;
        }

        static Severity of(AuditOutcome outcome) {
            return switch (outcome) {
                case NONE, SUCCESS -> INFO;
                case FAILURE, DENIED -> WARN;
                case ERROR -> ERROR;
            };
        }
    }

    private OtlpLogRecord() {}

    /** The event, as far as it is exported, as one JSON object. */
    public static String of(AuditEvent event) {
        AuditRecord record = event.record();
        Severity severity = Severity.of(record.outcome());
        return new JsonObject()
                .put("timeUnixNano", nanos(record.timestampMicros()))
                .put("observedTimeUnixNano", nanos(event.receivedAtMicros()))
                .put("severityNumber", severity.number)
                .put("severityText", severity.name())
                .put("eventName", record.action())
                .put("body", value(body(record)))
                .put("attributes", attributes(ExportedFields.of(event)))
                .encode();
    }

    private static String nanos(long micros) {
        return Long.toString(Math.min(micros, MICROS_MAX) * 1_000);
    }

    private static String body(AuditRecord record) {
        String ended = record.action() + ": " + record.outcome().wireName();
        return record.reason().isEmpty() ? ended : ended + ", " + record.reason();
    }

    private static JsonArray attributes(Map<String, Object> exported) {
        JsonArray attributes = new JsonArray();
        exported.forEach((field, value) -> {
            if (value instanceof Map<?, ?> entries) {
                entries.forEach((key, entry) -> attributes.add(attribute(OWN + field + "." + key, entry)));
            } else if (!FIELDS.contains(field) && !isAbsent(field, value)) {
                attributes.add(attribute(ATTRIBUTES.getOrDefault(field, OWN + field), value));
            }
        });
        return attributes;
    }

    /** Absent text is empty, and what was not answered over HTTP has status 0. */
    private static boolean isAbsent(String field, Object value) {
        return value.equals("") || field.equals("status") && value.equals(0);
    }

    /** A {@code KeyValue}. */
    static JsonObject attribute(String key, Object value) {
        return new JsonObject().put("key", key).put("value", value(value));
    }

    /** An {@code AnyValue}. */
    private static JsonObject value(Object value) {
        return switch (value) {
            case Boolean flag -> new JsonObject().put("boolValue", flag);
            case Integer number -> new JsonObject().put("intValue", number.toString());
            case Long number -> new JsonObject().put("intValue", number.toString());
            case Number number -> new JsonObject().put("doubleValue", number.doubleValue());
            default -> new JsonObject().put("stringValue", value.toString());
        };
    }
}
