package io.latticegate.common.config;

import io.latticegate.common.egress.EgressScope;
import io.latticegate.common.egress.UpstreamAddress;
import java.net.URI;
import java.time.Duration;

/**
 * A service of the operator's that is asked about every prompt.
 *
 * @param secret signs what is asked (HMAC-SHA-256), at least 16 bytes
 * @param timeout for the whole question
 * @param bytesMax most text of one request that is sent; of more the webhook cannot be asked
 * @param allowOnFailure whether a request goes on where the webhook cannot be asked
 * @param allowPrivate whether it may be on this machine or in a private network
 */
public record GuardWebhookConfig(
        URI url,
        ConfiguredSecret secret,
        Duration timeout,
        int bytesMax,
        boolean allowOnFailure,
        boolean allowPrivate) {
    private static final Range<Duration> TIMEOUT = Range.of(Duration.ofMillis(10), Duration.ofSeconds(30));
    private static final Range<Long> BYTES = Range.ofBytes(1 << 10, 8 << 20);
    private static final int SECRET_BYTES_MIN = 16;

    /** What becomes of a request about which the webhook cannot be asked. */
    private enum Failure {
        BLOCK,
        ALLOW
    }

    public GuardWebhookConfig {
        TIMEOUT.check("timeout", timeout);
        BYTES.check("max_bytes", (long) bytesMax);
        IllegalSetting.unless(
                secret.find().map(set -> set.length() >= SECRET_BYTES_MIN).orElse(true),
                "secret",
                "must have at least " + SECRET_BYTES_MIN + " bytes");
    }

    /** Where connections to it may lead. */
    public EgressScope scope() {
        return EgressScope.of("https".equalsIgnoreCase(url.getScheme()), allowPrivate);
    }

    static GuardWebhookConfig from(ConfigNode node) {
        URI url = node.get(
                "url", SettingType.ADDRESS, URI.create(""), "Where the question is posted: https://host[:port]/path");
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
        return new GuardWebhookConfig(
                url,
                node.secret("secret", "Signs the question (HMAC-SHA-256), at least 16 bytes"),
                node.get("timeout", SettingType.DURATION, Duration.ofSeconds(2), TIMEOUT, "For the whole question"),
                Math.toIntExact(node.get(
                        "max_bytes",
                        SettingType.SIZE,
                        256L << 10,
                        BYTES,
                        "Most text of a request that is sent; with more, the webhook counts as failed")),
                node.get(
                                "on_failure",
                                SettingType.choice(Failure.class),
                                Failure.BLOCK,
                                "What becomes of a request when the webhook fails or is late")
                        == Failure.ALLOW,
                allowPrivate);
    }
}
