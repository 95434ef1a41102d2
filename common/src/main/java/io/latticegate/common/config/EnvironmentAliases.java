package io.latticegate.common.config;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Environment variables that stand for settings, with the names that earlier systems gave them. */
final class EnvironmentAliases {
    /**
     * One variable.
     *
     * @param paths the settings that it stands for, for the documentation
     * @param reader turns its text into values by path; throws {@link IllegalArgumentException} saying what is allowed
     */
    record Alias(String name, List<String> paths, BiFunction<Source, String, Map<String, ConfigValue>> reader) {}

    /** Of several variables for one setting, the first that is set decides. */
    static final List<Alias> ALL = List.of(
            text("GATEWAY_ENV", "profile"),
            text("APP_ENV", "profile"),
            text("API_ENV", "profile"),
            text("NODE_ENV", "profile"),
            typed("GATEWAY_PORT", "server.port", SettingType.INTEGER),
            typed("PORT", "server.port", SettingType.INTEGER),
            new Alias("LISTEN_ADDR", List.of("server.host", "server.port"), EnvironmentAliases::listenAddress),
            typed("MAX_REQUEST_SIZE", "server.max_request_size", SettingType.SIZE),
            typed("MAX_CONCURRENT_REQUESTS", "server.max_concurrent_requests", SettingType.INTEGER),
            typed("CORS_ENABLED", "security.cors.enabled", SettingType.FLAG),
            typed("REQUEST_TIMEOUT", "server.timeouts.response_header", SettingType.DURATION_OR_MILLIS),
            typed("ADMIN_UI_LISTEN_ADDR", "management.listen", SettingType.HOST_PORT),
            text("MANAGEMENT_TOKEN", "management.management_token"),
            typed("ENABLE_METRICS", "management.metrics.enabled", SettingType.FLAG),
            text("METRICS_PATH", "management.metrics.path"),
            text("REDIS_URL", "redis.url"),
            new Alias("REDIS_ADDR", List.of("redis.url"), EnvironmentAliases::redisAddress),
            text("DB_DRIVER", "storage.driver", EnvironmentAliases::driver),
            new Alias(
                    "DATABASE_URL",
                    List.of("storage.driver", "storage.url", "storage.user", "storage.password"),
                    EnvironmentAliases::databaseUrl),
            text("DATABASE_PATH", "storage.dir", EnvironmentAliases::folder),
            typed("DATABASE_POOL_SIZE", "storage.pool_size", SettingType.INTEGER),
            new Alias("VAULT_KEY", List.of("encryption.keys"), EnvironmentAliases::encryptionKey),
            new Alias("VAULT_KEY_PATH", List.of("encryption.keys"), EnvironmentAliases::encryptionKeyFile),
            new Alias("ENCRYPTION_KEY", List.of("encryption.keys"), EnvironmentAliases::encryptionKey),
            typed("REQUIRE_ENCRYPTION_KEY", "encryption.required", SettingType.FLAG),
            text("OPENAI_API_KEY", "providers.openai.api_key"),
            text("OPENAI_API_URL", "providers.openai.base_url"),
            text("ANTHROPIC_API_KEY", "providers.anthropic.api_key"),
            text("ANTHROPIC_API_URL", "providers.anthropic.base_url"),
            text("GEMINI_API_KEY", "providers.gemini.api_key"),
            text("GEMINI_API_URL", "providers.gemini.base_url"),
            text("COHERE_API_KEY", "providers.cohere.api_key"),
            text("COHERE_API_URL", "providers.cohere.base_url"),
            typed("CACHE_ENABLED", "cache.enabled", SettingType.FLAG),
            typed("HTTP_CACHE_ENABLED", "cache.enabled", SettingType.FLAG),
            typed("HTTP_CACHE_BACKEND", "cache.backend", SettingType.choice(CacheConfig.Backend.class)),
            typed("HTTP_CACHE_DEFAULT_TTL", "cache.ttl", SettingType.DURATION_OR_SECONDS),
            typed("HTTP_CACHE_MAX_OBJECT_BYTES", "cache.max_object_bytes", SettingType.SIZE),
            typed("HTTP_CACHE_STREAM_RESPONSES", "cache.stream_responses", SettingType.FLAG),
            typed("HEALTH_CHECK_INTERVAL_MS", "routing.health_check_interval", SettingType.DURATION_OR_MILLIS),
            typed("LOG_LEVEL", "logging.level", SettingType.choice(LoggingConfig.Level.class)),
            new Alias("DEBUG", List.of("logging.level", "logging.debug"), EnvironmentAliases::debug),
            typed("LOG_FORMAT", "logging.format", SettingType.choice(LoggingConfig.Format.class)),
            new Alias("FHE_PORT", List.of("fhe.listen"), EnvironmentAliases::fhePort));

    /** Variables whose feature this version does not have: reported when set, never silently taken for done. */
    static final List<String> UNAVAILABLE = List.of(
            "RATE_LIMITING_ENABLED",
            "GLOBAL_RATE_LIMIT",
            "IP_RATE_LIMIT",
            "ADMIN_UI_PATH",
            "TOKEN_CLEANUP_INTERVAL",
            "LLM_PROXY_EVENT_BUS",
            "FILE_EVENT_LOG",
            "AUDIT_ENABLED",
            "AUDIT_LOG_FILE",
            "AUDIT_STORE_IN_DB",
            "LOG_FILE",
            "FHE_GPU_ENABLED",
            "FHE_GPU_DEVICE_ID");

    private EnvironmentAliases() {}

    /** The values that {@code environment} sets. Malformed variables become problems that name them. */
    static ConfigValue.Section read(Map<String, String> environment, Reading reading) {
        Map<String, ConfigValue> values = new LinkedHashMap<>();
        Map<String, String> setBy = new LinkedHashMap<>();
        for (Alias alias : ALL) {
            String text = environment.get(alias.name());
            if (text == null || text.isBlank()) {
                continue;
            }
            try {
                alias.reader()
                        .apply(Source.environment(alias.name()), text.strip())
                        .forEach((path, value) -> {
                            if (values.putIfAbsent(path, value) == null) {
                                setBy.put(path, alias.name());
                            } else if (!sameText(value, values.get(path))) {
                                conflict(reading, path, String.valueOf(setBy.get(path)), alias.name());
                            }
                        });
            } catch (IllegalArgumentException malformed) {
                reading.problem(alias.name(), Source.environment(alias.name()), String.valueOf(malformed.getMessage()));
            }
        }
        for (String name : UNAVAILABLE) {
            String text = environment.get(name);
            if (text != null && !text.isBlank()) {
                reading.warn(name + " is set, but what it controls is not available in this version; it has no effect");
            }
        }
        ConfigValue.Section layer = ConfigValue.Section.empty(new Source("environment", 0));
        for (Map.Entry<String, ConfigValue> value : values.entrySet()) {
            layer = layer.overlaidBy(ConfigValue.Section.holding(value.getKey(), value.getValue()));
        }
        return layer;
    }

    private static void conflict(Reading reading, String path, String first, String second) {
        if (path.equals("encryption.keys")) {
            reading.problem(
                    path, Source.environment(second), "is set by " + first + " and by " + second + "; keep one");
        } else {
            reading.warn(first + " and " + second + " both set " + path + "; " + first + " decides");
        }
    }

    private static boolean sameText(ConfigValue left, ConfigValue right) {
        return left instanceof ConfigValue.Text one
                && right instanceof ConfigValue.Text two
                && one.text().equals(two.text());
    }

    private static Alias text(String name, String path) {
        return text(name, path, Function.identity());
    }

    private static Alias text(String name, String path, Function<String, String> converted) {
        return new Alias(name, List.of(path), (source, text) -> Map.of(path, literal(source, converted.apply(text))));
    }

    private static <T> Alias typed(String name, String path, SettingType<T> type) {
        return text(name, path, text -> {
            type.parse(text);
            return text;
        });
    }

    private static ConfigValue literal(Source source, String text) {
        return new ConfigValue.Text(text, true, source);
    }

    private static Map<String, ConfigValue> listenAddress(Source source, String text) {
        HostPort address = HostPort.parse(text.indexOf(':') < 0 ? ":" + text : text);
        return Map.of(
                "server.host",
                literal(source, address.host()),
                "server.port",
                literal(source, Integer.toString(address.port())));
    }

    private static Map<String, ConfigValue> redisAddress(Source source, String text) {
        return Map.of("redis.url", literal(source, "redis://" + HostPort.parse(text)));
    }

    private static String driver(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "sqlite", "sqlite3" -> "sqlite";
            case "postgres", "postgresql" -> "postgresql";
            default ->
                throw new IllegalArgumentException(
                        "is " + SettingType.quote(text) + "; allowed are sqlite and postgresql");
        };
    }

    /** {@code postgres://user:password@host:port/database}, as hosting platforms hand it out. */
    private static Map<String, ConfigValue> databaseUrl(Source source, String text) {
        URI uri;
        try {
            uri = URI.create(text);
        } catch (IllegalArgumentException malformed) {
            throw new IllegalArgumentException("is not a URI");
        }
        if (!"postgres".equals(uri.getScheme()) && !"postgresql".equals(uri.getScheme())) {
            throw new IllegalArgumentException("must read postgresql://[user[:password]@]host[:port]/database");
        }
        Map<String, ConfigValue> values = new LinkedHashMap<>();
        values.put("storage.driver", literal(source, "postgresql"));
        String authority = String.valueOf(uri.getRawAuthority());
        String address = authority.substring(authority.lastIndexOf('@') + 1);
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        values.put("storage.url", literal(source, "postgresql://" + address + uri.getRawPath() + query));
        String userInfo = uri.getRawUserInfo();
        if (userInfo != null) {
            int colon = userInfo.indexOf(':');
            values.put("storage.user", literal(source, decoded(colon < 0 ? userInfo : userInfo.substring(0, colon))));
            if (colon >= 0) {
                values.put("storage.password", literal(source, decoded(userInfo.substring(colon + 1))));
            }
        }
        return values;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /** The folder of a database file, or a folder itself. */
    private static String folder(String text) {
        boolean file = text.endsWith(".db") || text.endsWith(".sqlite") || text.endsWith(".sqlite3");
        int slash = text.lastIndexOf('/');
        return file ? (slash < 0 ? "." : text.substring(0, Math.max(1, slash))) : text;
    }

    private static Map<String, ConfigValue> encryptionKey(Source source, String text) {
        return encryptionKeys(source, "env:" + source.place().substring("environment ".length()));
    }

    private static Map<String, ConfigValue> encryptionKeyFile(Source source, String text) {
        if (!text.startsWith("/")) {
            throw new IllegalArgumentException("is not an absolute path");
        }
        return encryptionKeys(source, "file:" + text);
    }

    private static Map<String, ConfigValue> encryptionKeys(Source source, String keySource) {
        ConfigValue key = new ConfigValue.Section(
                Map.of("id", literal(source, "k1"), "source", literal(source, keySource)), source);
        return Map.of("encryption.keys", new ConfigValue.Items(List.of(key), source));
    }

    private static Map<String, ConfigValue> debug(Source source, String text) {
        if (text.matches("(?i)true|false|yes|no|on|off|1|0")) {
            return SettingType.FLAG.parse(text) ? Map.of("logging.level", literal(source, "debug")) : Map.of();
        }
        List<String> patterns = Arrays.stream(text.split("[,\\s]+", -1))
                .filter(DebugPatterns::isPattern)
                .toList();
        DebugPatterns.levels(patterns);
        return patterns.isEmpty() ? Map.of() : Map.of("logging.debug", literal(source, String.join(",", patterns)));
    }

    private static Map<String, ConfigValue> fhePort(Source source, String text) {
        return Map.of("fhe.listen", literal(source, "0.0.0.0:" + SettingType.INTEGER.parse(text)));
    }

    /** The variables that stand for {@code path}. */
    static List<String> namesFor(String path) {
        List<String> names = new ArrayList<>();
        for (Alias alias : ALL) {
            if (alias.paths().contains(path)
                    || alias.paths().stream()
                            .anyMatch(own -> path.replace("[0]", "").startsWith(own + "."))) {
                names.add(alias.name());
            }
        }
        return names;
    }
}
