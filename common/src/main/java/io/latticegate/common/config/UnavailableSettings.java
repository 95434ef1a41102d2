package io.latticegate.common.config;

import java.util.List;

/** Settings of the configuration's full form that this version does not have; {@code *} stands for any one name. */
final class UnavailableSettings {
    private static final List<String> PATTERNS = List.of(
            "server.tls",
            "server.queue",
            "server.compression",
            "server.ip_allow",
            "management.admin_ui.path",
            "management.metrics.port",
            "mesh.region",
            "mesh.federation",
            "storage.backup",
            "auth.allow_client_keys",
            "auth.require_auth_header",
            "auth.allow_anonymous",
            "auth.jwt",
            "auth.oauth_introspection",
            "auth.admins",
            "auth.credential_sources",
            "relay.versions",
            "relay.audience",
            "relay.tiers",
            "relay.usage",
            "relay.option_allowlist",
            "encryption.rotate_every",
            "tokens.cleanup_interval",
            "tokens.metadata_headers",
            "providers.*.param_whitelist",
            "providers.*.allowed_origins",
            "providers.*.connection.max_idle",
            "providers.*.capabilities",
            "models.*.context",
            "routing.circuit_breaker.scope",
            "security.anomaly",
            "security.api_key_header",
            "security.cors.credentials",
            "security.global_rate_limit",
            "security.ip_rate_limit",
            "security.limits",
            "security.rate_limit_rpm",
            "security.rate_limiting_enabled",
            "privacy.max_queries_per_user",
            "privacy.minimum_class",
            "events",
            "audit.enabled",
            "audit.file",
            "audit.store",
            "audit.hash_chain",
            "audit.fail",
            "fhe.parameter_sets",
            "fhe.accelerator.batch_size",
            "fhe.accelerator.batch_timeout",
            "fhe.threshold");

    private UnavailableSettings() {}

    /** Whether {@code path} is such a setting or lies below one. */
    static boolean isBelow(String path) {
        List<String> names = List.of(path.split("\\.", -1));
        return PATTERNS.stream()
                .map(pattern -> List.of(pattern.split("\\.", -1)))
                .anyMatch(pattern -> covers(pattern, names));
    }

    private static boolean covers(List<String> pattern, List<String> names) {
        if (pattern.size() > names.size()) {
            return false;
        }
        for (int index = 0; index < pattern.size(); index++) {
            String wanted = pattern.get(index);
            if (!wanted.equals("*") && !wanted.equals(names.get(index))) {
                return false;
            }
        }
        return true;
    }

    static List<String> patterns() {
        return PATTERNS;
    }
}
