package io.latticegate.common.config;

import io.latticegate.common.value.Secret;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/**
 * The store of shared, short-lived state: nonces, windows, leases.
 *
 * @param url {@code redis://} or {@code rediss://}; a secret, because it may hold a password
 * @param durable whether this Redis keeps every acknowledged write through a restart ({@code appendonly yes},
 *     {@code appendfsync always}, no asynchronous fail-over). If not, wallet requests signed before a restart of Redis are
 *     refused after it, since it cannot be known whether they were used
 */
public record RedisConfig(ConfiguredSecret url, boolean durable) {
    public RedisConfig {
        url.find().ifPresent(secret -> check(text(secret)));
    }

    private static void check(String text) {
        URI uri;
        try {
            uri = URI.create(text);
        } catch (IllegalArgumentException malformed) {
            throw new IllegalSetting("url", "is not a URI");
        }
        IllegalSetting.unless(
                ("redis".equals(uri.getScheme()) || "rediss".equals(uri.getScheme())) && uri.getHost() != null,
                "url",
                "must read redis://[user:password@]host[:port][/database] or rediss://…");
    }

    private static String text(Secret secret) {
        return secret.expose(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }

    /** The whole URL for the Redis client, which takes nothing but text. */
    public String connectionString() {
        return text(url.require());
    }

    static RedisConfig from(ConfigNode node) {
        return new RedisConfig(
                node.secret(
                        "url",
                        "redis://[user:password@]host[:port][/database], or rediss:// with TLS; required by"
                                + " auth-service when clustered"),
                node.get(
                        "durable",
                        SettingType.FLAG,
                        false,
                        "Whether Redis keeps every acknowledged write through a restart (appendfsync always, no"
                                + " asynchronous fail-over)"));
    }
}
