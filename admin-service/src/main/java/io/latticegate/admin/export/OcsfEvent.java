package io.latticegate.admin.export;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * An exported event as class API Activity (6003) of the Open Cybersecurity Schema Framework, version 1.6.0
 * (github.com/ocsf/ocsf-schema, tag 1.6.0). What the class has no attribute for is in {@code unmapped}, under its own name.
 */
final class OcsfEvent {
    static final String VERSION = "1.6.0";

    private static final int CATEGORY = 6;
    private static final int CLASS = 6003;

    /** The values that attribute {@code http_method} may have. */
    private static final Set<String> METHODS =
            Set.of("CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE");

    private static final int IP_LENGTH_MAX = 40;
    private static final Set<String> UNMAPPED = Set.of(
            "actor_kind",
            "surface",
            "credential_source",
            "key_fingerprint",
            "tokens_in",
            "tokens_out",
            "tokens_cached",
            "usage_estimated",
            "cost_usd",
            "cost_micro_usd",
            "attempts",
            "metadata",
            "erased");

    /** What was done, by the numbers of the class. */
    private enum Activity {
        CREATE(1),
        READ(2),
        UPDATE(3),
        DELETE(4),
        OTHER(99);

        private final int id;

        /** What the class calls it; what it has no name for goes by ours. */
        String title(String action) {
            return this == OTHER
                    ? verb(action)
                    : name().charAt(0) + name().substring(1).toLowerCase(Locale.ROOT);
        }

        private static String verb(String action) {
            return action.substring(action.lastIndexOf('.') + 1);
        }

        Activity(int id) {
            this.id = id;
        }

        static Activity of(String action, String method) {
            return switch (verb(action)) {
                case "create", "store", "open", "upload" -> CREATE;
                case "list", "read", "show", "export", "search" -> READ;
                case "update", "replace", "rollback", "reset", "rotate" -> UPDATE;
                case "delete", "purge", "erase", "revoke", "revoke_batch", "close", "retention" -> DELETE;
                default ->
                    switch (method) {
                        case "GET", "HEAD" -> READ;
                        case "PUT", "PATCH" -> UPDATE;
                        case "DELETE" -> DELETE;
                        default -> OTHER;
                    };
            };
        }
    }

    private final Map<String, Object> fields;

    private OcsfEvent(Map<String, Object> fields) {
        this.fields = fields;
    }

    /** @param fields those of {@link ExportedFields}; nothing else is looked at */
    static Map<String, Object> of(Map<String, Object> fields) {
        return new OcsfEvent(fields).mapped();
    }

    private Map<String, Object> mapped() {
        Activity activity = Activity.of(text("action"), text("method"));
        boolean success = text("outcome").equals("success");
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("activity_id", activity.id);
        event.put("activity_name", activity.title(text("action")));
        event.put("category_uid", CATEGORY);
        event.put("category_name", "Application Activity");
        event.put("class_uid", CLASS);
        event.put("class_name", "API Activity");
        event.put("type_uid", (long) CLASS * 100 + activity.id);
        event.put("severity_id", severity());
        event.put("time", millis("time"));
        event.put("duration", number("elapsed_micros").longValue() / 1_000);
        event.put("status_id", success ? 1 : 2);
        event.put("status", success ? "Success" : "Failure");
        putText(event, "status_code", number("status").intValue() == 0 ? "" : String.valueOf(number("status")));
        putText(event, "status_detail", text("reason"));
        event.put("message", text("action") + " " + text("outcome"));
        event.put("metadata", metadata());
        event.put("actor", actor());
        event.put("api", api());
        event.put("src_endpoint", source());
        Map<String, Object> request = request();
        if (!request.isEmpty()) {
            event.put("http_request", request);
        }
        if (number("status").intValue() != 0) {
            event.put("http_response", Map.of("code", number("status")));
        }
        if (!resources().isEmpty()) {
            event.put("resources", resources());
        }
        Map<String, Object> rest = new LinkedHashMap<>();
        fields.forEach((name, value) -> {
            if (UNMAPPED.contains(name)) {
                rest.put(name, value);
            }
        });
        if (!METHODS.contains(text("method"))) {
            putText(rest, "method", text("method"));
        }
        event.put("unmapped", rest);
        return event;
    }

    /** Informational, low for what was refused, medium for our own faults. */
    private int severity() {
        return switch (text("outcome")) {
            case "denied" -> 2;
            case "error" -> 3;
            default -> 1;
        };
    }

    private Map<String, Object> metadata() {
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("version", VERSION);
        metadata.put("product", Map.of("name", "Latticegate", "vendor_name", "Latticegate"));
        metadata.put("uid", text("id"));
        metadata.put("event_code", text("action"));
        metadata.put("log_name", "audit");
        metadata.put("original_time", text("time"));
        metadata.put("logged_time", millis("received_at"));
        putText(metadata, "correlation_uid", text("correlation_id"));
        putText(metadata, "tenant_uid", text("project_id"));
        return metadata;
    }

    private Map<String, Object> actor() {
        String kind = text("actor_kind");
        String id = text("actor");
        Map<String, Object> user = new LinkedHashMap<>();
        user.put(
                "type_id",
                switch (kind) {
                    case "management" -> 2;
                    case "system" -> 3;
                    case "token" -> 4;
                    case "wallet", "identity" -> 1;
                    default -> 0;
                });
        if (id.isEmpty()) {
            user.put("name", kind);
        } else {
            user.put("uid", id);
        }
        return Map.of("user", user);
    }

    private Map<String, Object> api() {
        Map<String, Object> api = new LinkedHashMap<>();
        api.put("operation", text("action"));
        api.put("service", Map.of("name", text("surface").isEmpty() ? "latticegate" : text("surface")));
        if (!text("request_id").isEmpty()) {
            api.put("request", Map.of("uid", text("request_id")));
        }
        if (number("status").intValue() != 0) {
            api.put("response", Map.of("code", number("status")));
        }
        return api;
    }

    private Map<String, Object> source() {
        String ip = text("client_ip");
        try {
            InetAddress address = InetAddress.ofLiteral(ip);
            String spelt = address instanceof Inet6Address ? ip : address.getHostAddress();
            if (spelt.length() <= IP_LENGTH_MAX && spelt.matches("[0-9a-fA-F.:]+")) {
                return Map.of("ip", spelt);
            }
        } catch (IllegalArgumentException noAddress) {
            // Told below like no address at all.
        }
        return Map.of("svc_name", text("actor_kind").equals("system") ? "latticegate" : "unknown");
    }

    private Map<String, Object> request() {
        Map<String, Object> request = new LinkedHashMap<>();
        if (METHODS.contains(text("method"))) {
            request.put("http_method", text("method"));
        }
        putText(request, "user_agent", text("user_agent"));
        if (!text("path").isEmpty()) {
            request.put("url", Map.of("path", text("path")));
        }
        return request;
    }

    private List<Map<String, Object>> resources() {
        List<Map<String, Object>> resources = new ArrayList<>();
        if (!text("model").isEmpty()) {
            resources.add(Map.of("type", "model", "name", text("model")));
        }
        if (!text("provider").isEmpty()) {
            resources.add(Map.of("type", "provider", "name", text("provider")));
        }
        if (!text("token_id").isEmpty()) {
            resources.add(Map.of("type", "token", "uid", text("token_id")));
        }
        return resources;
    }

    private String text(String name) {
        return String.valueOf(fields.getOrDefault(name, ""));
    }

    private Number number(String name) {
        return fields.get(name) instanceof Number number ? number : 0;
    }

    private long millis(String name) {
        return Instant.parse(text(name)).toEpochMilli();
    }

    private static void putText(Map<String, Object> into, String name, String value) {
        if (!value.isEmpty()) {
            into.put(name, value);
        }
    }
}
