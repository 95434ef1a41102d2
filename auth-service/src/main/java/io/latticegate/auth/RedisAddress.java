package io.latticegate.auth;

import io.latticegate.common.config.RedisConfig;
import io.latticegate.common.store.redis.RedisLocation;
import io.latticegate.common.value.Secret;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/** Takes the user and password out of the configured Redis URL, so that the rest may be logged. */
final class RedisAddress {
    static RedisLocation of(RedisConfig config) {
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

    private RedisAddress() {}
}
