package io.latticegate.common.store.redis;

import io.latticegate.common.value.Secret;
import io.vertx.core.net.TrustOptions;
import org.jspecify.annotations.Nullable;

/**
 * Which Redis, 6.2 or newer, one primary (not Redis Cluster: a script's keys would not lie on one node).
 *
 * @param url {@code redis://host:port/database} or {@code rediss://…} for TLS; without a password
 * @param user null for the default user
 * @param password null where the server asks for none
 * @param trust whom to trust with {@code rediss}; null: the JVM's own trust store
 */
public record RedisLocation(
        String url,
        @Nullable String user,
        @Nullable Secret password,
        @Nullable TrustOptions trust) {
    public RedisLocation {
        if (!url.matches("rediss?://[^@/?\\s]+(/[0-9]+)?")) {
            throw new IllegalArgumentException(
                    "a Redis URL reads redis://host:port/database or rediss://…, without user and password");
        }
    }

    /** A Redis without user, password and TLS. */
    public static RedisLocation plain(String url) {
        return new RedisLocation(url, null, null, null);
    }
}
