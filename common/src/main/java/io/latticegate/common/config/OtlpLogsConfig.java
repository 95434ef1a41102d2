package io.latticegate.common.config;

import io.latticegate.common.egress.EgressScope;
import io.latticegate.common.egress.UpstreamAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Map;

/**
 * A collector that takes log records (OTLP 1.x over HTTP).
 *
 * @param url {@code https://host[:port]/path}
 * @param headers sent with every post, {@code name=value} separated by commas; usually the collector's credential
 * @param serviceName {@code service.name} of the records' resource
 * @param timeout for one attempt
 * @param allowPrivate whether it may be on this machine or in a private network
 */
public record OtlpLogsConfig(
        URI url, ConfiguredSecret headers, String serviceName, Duration timeout, boolean allowPrivate) {
    private static final String LOGS_PATH = "/v1/logs";
    private static final String SERVICE_NAME = "latticegate-audit";
    private static final Range<Duration> TIMEOUT = Range.of(Duration.ofMillis(100), Duration.ofMinutes(1));

    public OtlpLogsConfig {
        TIMEOUT.check("timeout", timeout);
        IllegalSetting.unless(
                serviceName.matches("[A-Za-z0-9._-]{1,64}"),
                "service_name",
                "must be 1 to 64 letters, digits, dots, dashes and underscores");
        HeaderList.check(headers);
    }

    /** What {@code headers} says, by name. */
    public Map<String, String> headersByName() {
        return HeaderList.of(headers);
    }

    /** Where connections to it may lead. */
    public EgressScope scope() {
        return EgressScope.of("https".equalsIgnoreCase(url.getScheme()), allowPrivate);
    }

    static OtlpLogsConfig from(ConfigNode node) {
        URI url = node.get(
                "url",
                SettingType.ADDRESS,
                URI.create(""),
                "Where log records are posted (OTLP over HTTP, JSON): https://host[:port], with " + LOGS_PATH
                        + " where it has no path");
        boolean allowHttp = node.get(
                "allow_http",
                SettingType.FLAG,
                false,
                "Whether url may be http, for a loopback or private address only, with allow_private");
        boolean allowPrivate = node.get(
                "allow_private", SettingType.FLAG, false, "Whether it may be on this machine or in a private network");
        return new OtlpLogsConfig(
                checked(url, allowHttp, allowPrivate),
                node.secret("headers", "Sent with the records: name=value, separated by commas"),
                node.get("service_name", SettingType.TEXT, SERVICE_NAME, "service.name of the records' resource"),
                node.get("timeout", SettingType.DURATION, Duration.ofSeconds(10), TIMEOUT, "For one attempt"),
                allowPrivate);
    }

    private static URI checked(URI url, boolean allowHttp, boolean allowPrivate) {
        try {
            boolean bare = UpstreamAddress.parse(url.toString(), allowHttp, allowPrivate)
                    .path()
                    .isEmpty();
            return bare ? url.resolve(LOGS_PATH) : url;
        } catch (IllegalArgumentException refused) {
            throw new IllegalSetting("url", String.valueOf(refused.getMessage()));
        }
    }
}
