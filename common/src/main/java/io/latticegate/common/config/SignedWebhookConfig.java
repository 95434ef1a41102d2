package io.latticegate.common.config;

import io.latticegate.common.egress.EgressScope;
import io.latticegate.common.egress.UpstreamAddress;
import java.net.URI;
import java.time.Duration;

/**
 * A service of the operator's that is told of what happens here.
 *
 * @param url {@code https://host[:port]/path}
 * @param secret signs what is sent (HMAC-SHA-256), at least 16 bytes
 * @param timeout for one attempt
 * @param allowPrivate whether it may be on this machine or in a private network
 */
public record SignedWebhookConfig(URI url, ConfiguredSecret secret, Duration timeout, boolean allowPrivate) {
    private static final Range<Duration> TIMEOUT = Range.of(Duration.ofMillis(100), Duration.ofSeconds(30));
    private static final int SECRET_BYTES_MIN = 16;

    public SignedWebhookConfig {
        TIMEOUT.check("timeout", timeout);
        IllegalSetting.unless(
                secret.find().map(set -> set.length() >= SECRET_BYTES_MIN).orElse(true),
                "secret",
                "must have at least " + SECRET_BYTES_MIN + " bytes");
    }

    /** Where connections to it may lead. */
    public EgressScope scope() {
        return EgressScope.of("https".equalsIgnoreCase(url.getScheme()), allowPrivate);
    }

    static SignedWebhookConfig from(ConfigNode node) {
        URI url = node.get("url", SettingType.ADDRESS, URI.create(""), "Where it is posted: https://host[:port]/path");
        boolean allowHttp = node.get(
                "allow_http",
                SettingType.FLAG,
                false,
                "Whether url may be http, for a loopback or private address only, with allow_private");
        boolean allowPrivate = node.get(
                "allow_private", SettingType.FLAG, false, "Whether it may be on this machine or in a private network");
        try {
            UpstreamAddress.parse(url.toString(), allowHttp, allowPrivate);
        } catch (IllegalArgumentException refused) {
            throw new IllegalSetting("url", String.valueOf(refused.getMessage()));
        }
        return new SignedWebhookConfig(
                url,
                node.secret("secret", "Signs what is sent (HMAC-SHA-256), at least 16 bytes"),
                node.get("timeout", SettingType.DURATION, Duration.ofSeconds(5), TIMEOUT, "For one attempt"),
                allowPrivate);
    }
}
