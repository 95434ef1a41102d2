package io.latticegate.admin.export;

import io.latticegate.admin.audit.AuditEvent;
import io.latticegate.common.journal.AuditRecord;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The one list of what leaves the audit. A field of an event that is not named here is in no export, whatever its form; nor is
 * an entry of its metadata whose key is not named.
 */
final class ExportedFields {
    private record Field(String name, Function<AuditEvent, Object> value) {}

    private static final Set<String> METADATA = Set.of(
            "asker",
            "beginnings",
            "cache",
            "changes",
            "continued",
            "count",
            "day",
            "deleted",
            "erasures",
            "event",
            "fields",
            "filters",
            "first_index",
            "format",
            "from_version",
            "generation",
            "head",
            "index",
            "job",
            "kept_days",
            "key",
            "key_name",
            "keys",
            "kind",
            "last_index",
            "not_encrypted",
            "privacy_payment",
            "problems",
            "provider",
            "repeats",
            "revoked",
            "rolled_back_to",
            "rule",
            "session",
            "severity",
            "since",
            "stage",
            "state",
            "subject",
            "version",
            "weight");

    private static final List<Field> FIELDS = List.of(
            new Field("id", AuditEvent::id),
            new Field("time", event -> time(event.record().timestampMicros())),
            new Field("received_at", event -> time(event.receivedAtMicros())),
            new Field("action", event -> event.record().action()),
            new Field("actor_kind", event -> event.record().actor().kind().wireName()),
            new Field("actor", event -> event.record().actor().id()),
            new Field("project_id", text(AuditRecord::projectId)),
            new Field("token_id", text(AuditRecord::tokenId)),
            new Field("request_id", text(AuditRecord::requestId)),
            new Field("correlation_id", text(AuditRecord::correlationId)),
            new Field("client_ip", text(AuditRecord::clientIp)),
            new Field("user_agent", text(AuditRecord::userAgent)),
            new Field("surface", text(AuditRecord::surface)),
            new Field("method", text(AuditRecord::method)),
            new Field("path", text(AuditRecord::path)),
            new Field("model", text(AuditRecord::model)),
            new Field("provider", text(AuditRecord::provider)),
            new Field("credential_source", text(AuditRecord::credentialSource)),
            new Field("key_fingerprint", text(AuditRecord::keyFingerprint)),
            new Field("status", event -> event.record().status()),
            new Field("outcome", event -> event.record().outcome().wireName()),
            new Field("reason", text(AuditRecord::reason)),
            new Field("tokens_in", event -> event.record().tokensIn()),
            new Field("tokens_out", event -> event.record().tokensOut()),
            new Field("tokens_cached", event -> event.record().tokensCached()),
            new Field("usage_estimated", event -> event.record().usageEstimated()),
            new Field("cost_usd", event -> BigDecimal.valueOf(event.record().costMicroUsd(), 6)),
            new Field("cost_micro_usd", event -> event.record().costMicroUsd()),
            new Field("attempts", event -> event.record().attempts()),
            new Field("elapsed_micros", event -> event.record().elapsedMicros()),
            new Field("metadata", event -> metadata(event.record().metadata())),
            new Field("erased", AuditEvent::erased));

    private ExportedFields() {}

    /** The fields of {@code event} that are exported, by name; text that is absent is empty. */
    static Map<String, Object> of(AuditEvent event) {
        Map<String, Object> exported = new LinkedHashMap<>();
        FIELDS.forEach(field -> exported.put(field.name(), field.value().apply(event)));
        return exported;
    }

    /** Their names. */
    static List<String> names() {
        return FIELDS.stream().map(Field::name).toList();
    }

    private static Function<AuditEvent, Object> text(Function<AuditRecord, String> field) {
        return event -> field.apply(event.record());
    }

    private static String time(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS).toString();
    }

    private static Map<String, String> metadata(Map<String, String> all) {
        Map<String, String> exported = new TreeMap<>(all);
        exported.keySet().retainAll(METADATA);
        return exported;
    }
}
