package io.latticegate.admin.export;

import io.latticegate.admin.audit.AuditEvent;
import io.latticegate.common.config.AuditExportConfig;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** How an event is written, as one line of JSON (RFC 8259) without a line break in it. */
public enum EventFormat {
    /** The event's own fields. */
    JSONL,
    /** Open Cybersecurity Schema Framework 1.6.0, class API Activity (6003). */
    OCSF;

    /** The format of that lower-case name. */
    public static Optional<EventFormat> named(String name) {
        return Arrays.stream(values())
                .filter(format -> format.name().toLowerCase(Locale.ROOT).equals(name))
                .findFirst();
    }

    /** The format that the configuration names. */
    public static EventFormat of(AuditExportConfig.Format configured) {
        return valueOf(configured.name());
    }

    /** The event, as far as it is exported. */
    public String line(AuditEvent event) {
        Map<String, Object> fields = ExportedFields.of(event);
        return new JsonObject(this == OCSF ? OcsfEvent.of(fields) : fields).encode();
    }
}
