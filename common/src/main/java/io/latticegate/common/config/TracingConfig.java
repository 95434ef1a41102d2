package io.latticegate.common.config;

import java.math.BigDecimal;
import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which requests are traced and where their spans go.
 *
 * @param otlp where spans are posted (OTLP over HTTP, protobuf), or null: nothing is traced
 * @param headers sent with every post, {@code name=value} separated by commas; usually the collector's credential
 * @param sampling share of the requests without a {@code traceparent} that are traced, 0 to 1
 * @param clientTracesPerSecond most traces that clients may ask for with the sampled flag, per process and second
 * @param serviceName {@code service.name} of the spans; empty: the service's own name
 * @param toProvider whether providers are told the trace in {@code traceparent}
 */
public record TracingConfig(
        @Nullable URI otlp,
        ConfiguredSecret headers,
        double sampling,
        int clientTracesPerSecond,
        String serviceName,
        boolean toProvider) {
    private static final String TRACES_PATH = "/v1/traces";
    private static final Range<BigDecimal> SAMPLING = new Range<>(BigDecimal.ZERO, BigDecimal.ONE, SettingType.DECIMAL);
    private static final Range<Integer> CLIENT_TRACES = Range.of(0, 100_000);

    public TracingConfig {
        SAMPLING.check("sampling", BigDecimal.valueOf(sampling));
        CLIENT_TRACES.check("client_traces_per_second", clientTracesPerSecond);
        IllegalSetting.unless(
                serviceName.matches("[A-Za-z0-9._-]{0,64}"),
                "service_name",
                "must be at most 64 letters, digits, dots, dashes and underscores");
        HeaderList.check(headers);
    }

    /** Whether anything is traced. */
    public boolean active() {
        return otlp != null;
    }

    /** What {@code headers} says, by name. */
    public Map<String, String> headersByName() {
        return HeaderList.of(headers);
    }

    static TracingConfig from(ConfigNode node) {
        URI otlp = node.find(
                "otlp",
                SettingType.ADDRESS,
                "Where spans are posted (OTLP over HTTP): https://host[:port], with " + TRACES_PATH
                        + " where it has no path; without it nothing is traced");
        boolean allowHttp = node.get(
                "allow_http", SettingType.FLAG, false, "Whether otlp may be http: spans and headers are then readable");
        return new TracingConfig(
                otlp == null ? null : checked(otlp, allowHttp),
                node.secret("headers", "Sent with the spans: name=value, separated by commas"),
                node.get(
                                "sampling",
                                SettingType.DECIMAL,
                                new BigDecimal("0.1"),
                                SAMPLING,
                                "Share of the requests without a traceparent that are traced")
                        .doubleValue(),
                node.get(
                        "client_traces_per_second",
                        SettingType.INTEGER,
                        100,
                        CLIENT_TRACES,
                        "Traces that clients may ask for with the sampled flag of their traceparent, per process"),
                node.get(
                        "service_name",
                        SettingType.TEXT,
                        "",
                        "service.name of the spans; the service's own name unless set"),
                node.get(
                        "to_provider",
                        SettingType.FLAG,
                        true,
                        "Whether providers are told the trace (traceparent), never its state or baggage"));
    }

    private static URI checked(URI otlp, boolean allowHttp) {
        boolean https = "https".equalsIgnoreCase(otlp.getScheme());
        IllegalSetting.unless(
                https || "http".equalsIgnoreCase(otlp.getScheme()), "otlp", "must begin with https:// or http://");
        IllegalSetting.unless(https || allowHttp, "otlp", "is http; write https, or say tracing.allow_http: true");
        IllegalSetting.unless(
                otlp.getHost() != null
                        && otlp.getRawUserInfo() == null
                        && otlp.getRawQuery() == null
                        && otlp.getRawFragment() == null,
                "otlp",
                "must name a host, and no user, query or fragment; credentials go into tracing.headers");
        String path = otlp.getRawPath();
        return path == null || path.isEmpty() || path.equals("/") ? otlp.resolve(TRACES_PATH) : otlp;
    }
}
