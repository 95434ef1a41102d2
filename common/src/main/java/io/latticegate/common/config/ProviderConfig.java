package io.latticegate.common.config;

import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * An upstream provider.
 *
 * @param name as models and keys refer to it
 * @param baseUrl without trailing slash; unused by {@code echo}
 * @param apiKey the gateway's own key, used where neither wallet nor project has one
 * @param timeout until the head of the answer
 * @param retryCount attempts beyond the first that one request may cost, at this or another target
 * @param version value of {@code anthropic-version}
 * @param allowedEndpoints exact paths that clients may call
 * @param maxConnectionsPerHost per node
 * @param connectionIdle how long an unused connection is kept
 */
public record ProviderConfig(
        String name,
        boolean enabled,
        Kind kind,
        URI baseUrl,
        boolean allowHttp,
        ConfiguredSecret apiKey,
        Duration timeout,
        int retryCount,
        String version,
        List<String> allowedEndpoints,
        Set<String> allowedMethods,
        int maxConnectionsPerHost,
        Duration connectionIdle) {
    private static final Range<Duration> TIMEOUT = Range.of(Duration.ofMillis(1), Duration.ofHours(1));
    private static final Range<Integer> RETRIES = Range.of(0, 10);
    private static final Set<String> METHODS = Set.of("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD");

    public ProviderConfig {
        TIMEOUT.check("timeout", timeout);
        RETRIES.check("retry_count", retryCount);
        Connection.PER_HOST.check("connection.max_per_host", maxConnectionsPerHost);
        Connection.IDLE.check("connection.idle", connectionIdle);
        allowedEndpoints = List.copyOf(allowedEndpoints);
        IllegalSetting.unless(
                allowedEndpoints.stream().allMatch(path -> path.matches("/[A-Za-z0-9/_.:-]{1,200}")),
                "allowed_endpoints",
                "must hold exact paths such as /v1/chat/completions");
        allowedMethods = Set.copyOf(allowedMethods);
        IllegalSetting.unless(
                METHODS.containsAll(allowedMethods),
                "allowed_methods",
                "may hold " + METHODS.stream().sorted().toList());
        IllegalSetting.unless(
                version.matches("[A-Za-z0-9._-]{1,40}"), "version", "must be 1 to 40 letters, digits, dots, dashes");
        baseUrl = kind == Kind.ECHO ? baseUrl : checked(baseUrl, allowHttp);
    }

    /** The protocol that the provider speaks; {@code echo} is a deterministic model inside proxy-service. */
    public enum Kind {
        OPENAI,
        ANTHROPIC,
        ECHO;

        private URI defaultBaseUrl() {
            return URI.create(
                    switch (this) {
                        case OPENAI -> "https://api.openai.com/v1";
                        case ANTHROPIC -> "https://api.anthropic.com";
                        case ECHO -> "local:echo";
                    });
        }

        private List<String> defaultEndpoints() {
            List<String> openai = List.of("/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/models");
            return switch (this) {
                case OPENAI -> openai;
                case ANTHROPIC -> List.of("/v1/messages");
                case ECHO ->
                    Stream.concat(openai.stream(), Stream.of("/v1/messages")).toList();
            };
        }
    }

    private record Connection(int maxPerHost, Duration idle) {
        static final Range<Integer> PER_HOST = Range.of(1, 10_000);
        static final Range<Duration> IDLE = Range.of(Duration.ofSeconds(1), Duration.ofHours(1));

        static Connection from(ConfigNode node) {
            return new Connection(
                    node.get(
                            "max_per_host", SettingType.INTEGER, 20, PER_HOST, "Connections to the provider, per node"),
                    node.get(
                            "idle",
                            SettingType.DURATION,
                            Duration.ofSeconds(90),
                            IDLE,
                            "How long an unused connection is kept"));
        }
    }

    /** Joins {@code path} to the base URL's path without doubling a version that both name. */
    public String upstreamPath(String path) {
        String base = baseUrl.getRawPath() == null ? "" : baseUrl.getRawPath();
        int lastSegment = base.lastIndexOf('/');
        String version = lastSegment < 0 ? "" : base.substring(lastSegment);
        return !version.isEmpty() && path.startsWith(version + "/")
                ? base + path.substring(version.length())
                : base + path;
    }

    private static URI checked(URI written, boolean allowHttp) {
        String host = written.getHost();
        IllegalSetting.unless(
                host != null
                        && written.getRawUserInfo() == null
                        && written.getRawQuery() == null
                        && written.getRawFragment() == null,
                "base_url",
                "must read https://host[:port][/path], without user, query and fragment");
        boolean http = "http".equalsIgnoreCase(written.getScheme());
        IllegalSetting.unless(
                "https".equalsIgnoreCase(written.getScheme()) || http, "base_url", "must begin with https://");
        IllegalSetting.unless(
                !http || (allowHttp && isNear(String.valueOf(host))),
                "base_url",
                "uses http, which sends the key in the clear; use https, or for a loopback or private address set"
                        + " allow_http: true");
        String text = written.toString();
        return text.endsWith("/") ? URI.create(text.replaceAll("/+$", "")) : written;
    }

    /** Whether a host is on this machine or inside a private network, judged without asking a name server. */
    private static boolean isNear(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        try {
            InetAddress address =
                    InetAddress.ofLiteral(name.startsWith("[") ? name.substring(1, name.length() - 1) : name);
            byte[] bytes = address.getAddress();
            boolean uniqueLocal = bytes.length == 16 && (bytes[0] & 0xFE) == 0xFC;
            return address.isLoopbackAddress() || (bytes.length == 4 && address.isSiteLocalAddress()) || uniqueLocal;
        } catch (IllegalArgumentException aName) {
            return name.indexOf('.') < 0
                    || List.of(".localhost", ".svc", ".cluster.local", ".internal").stream()
                            .anyMatch(name::endsWith);
        }
    }

    /** @param responseHeader default of the timeout */
    static ProviderConfig from(String name, ConfigNode node, Duration responseHeader) {
        IllegalSetting.unless(
                name.matches("[a-z0-9][a-z0-9-]{0,39}|<name>"),
                "kind",
                "a provider's name has 1 to 40 of a-z, 0-9 and dashes");
        Kind kind = node.get(
                "kind",
                SettingType.choice(Kind.class),
                defaultKind(name),
                "Protocol; the default is the provider's name");
        Connection connection = node.section("connection", Connection::from);
        return new ProviderConfig(
                name,
                node.get(
                        "enabled",
                        SettingType.FLAG,
                        kind != Kind.ECHO,
                        "Whether its models may be used; echo: false by default"),
                kind,
                node.get(
                        "base_url",
                        SettingType.ADDRESS,
                        kind.defaultBaseUrl(),
                        "https://host[:port][/path], by default the public address of its kind; paths join right with and without a trailing /v1"),
                node.get(
                        "allow_http",
                        SettingType.FLAG,
                        false,
                        "Whether base_url may be http, for a loopback or private address only"),
                node.secret("api_key", "The gateway's own key, used where neither wallet nor project has one"),
                node.get(
                        "timeout",
                        SettingType.DURATION_OR_MILLIS,
                        responseHeader,
                        TIMEOUT,
                        "Waiting for the head of the answer; by default server.timeouts.response_header"),
                node.get(
                        "retry_count",
                        SettingType.INTEGER,
                        3,
                        RETRIES,
                        "Attempts beyond the first for a request that begins here, at this or another target"),
                node.get("version", SettingType.TEXT, "2023-06-01", "For anthropic: the anthropic-version sent"),
                node.list(
                        "allowed_endpoints",
                        SettingType.TEXT,
                        kind.defaultEndpoints(),
                        "Exact paths that clients may call"),
                Set.copyOf(node.list(
                        "allowed_methods", SettingType.TEXT, List.of("GET", "POST"), "Methods that clients may use")),
                connection.maxPerHost(),
                connection.idle());
    }

    private static Kind defaultKind(String name) {
        for (Kind kind : Kind.values()) {
            if (SettingType.label(kind).equals(name)) {
                return kind;
            }
        }
        return Kind.OPENAI;
    }
}
