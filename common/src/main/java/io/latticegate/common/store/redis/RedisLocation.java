package io.latticegate.common.store.redis;

import io.latticegate.common.config.RedisConfig;
import io.latticegate.common.value.Secret;
import io.vertx.core.net.TrustOptions;
import java.net.URI;
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

    /** What {@code config} names, with user and password taken out of the URL so that the rest may be logged. */
    public static RedisLocation of(RedisConfig config) {
        URI url = URI.create(config.connectionString());
        String address = url.getScheme() + "://" + url.getHost() + (url.getPort() < 0 ? "" : ":" + url.getPort())
                + (url.getPath() == null || url.getPath().equals("/") ? "" : url.getPath());
        String user = null;
        Secret password = null;
        String userInfo = url.getUserInfo();
        if (userInfo != null) {
            int colon = userInfo.indexOf(':');
            user = emptyToNull(colon < 0 ? userInfo : userInfo.substring(0, colon));
            password =
                    colon < 0 || colon + 1 == userInfo.length() ? null : Secret.ofText(userInfo.substring(colon + 1));
        }
        return new RedisLocation(address, user, password, null);
    }

    private static @Nullable String emptyToNull(String text) {
        return text.isEmpty() ? null : text;
    }
}
