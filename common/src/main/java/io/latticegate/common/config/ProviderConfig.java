package io.latticegate.common.config;

import io.latticegate.common.contract.VaultApi;
import io.latticegate.common.egress.EgressScope;
import io.latticegate.common.egress.UpstreamAddress;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * An upstream provider.
 *
 * @param name as models and keys refer to it
 * @param baseUrl without trailing slash; unused by {@code echo}
 * @param apiKey the gateway's own key, used where neither wallet nor project has one
 * @param apiKeys further keys of the gateway's own, among which requests are divided by weight
 * @param timeout until the head of the answer
 * @param retryCount attempts beyond the first that one request may cost, at this or another target
 * @param version value of {@code anthropic-version}; at Azure {@code v1}, or the {@code api-version}
 * @param allowedEndpoints what clients may call below {@code /p/<name>}: paths, or all below one with {@code /*} at the end
 * @param maxConnectionsPerHost per node
 * @param connectionIdle how long an unused connection is kept
 * @param allowPrivate whether it may be on this machine or in a private network
 * @param credential how the key travels to a {@code generic} provider
 * @param paramAllowlist values, with {@code *} for any characters, that a JSON body's member of that name must have
 * @param requiredHeaders in lower case
 * @param maxBodyBytes largest body of a call below {@code /p/<name>}, in bytes
 * @param region the AWS region whose {@code bedrock} endpoint this is, for which requests are signed
 */
public record ProviderConfig(
        String name,
        boolean enabled,
        Kind kind,
        URI baseUrl,
        boolean allowHttp,
        ConfiguredSecret apiKey,
        List<NamedKey> apiKeys,
        Duration timeout,
        int retryCount,
        String version,
        List<String> allowedEndpoints,
        Set<String> allowedMethods,
        int maxConnectionsPerHost,
        Duration connectionIdle,
        boolean allowPrivate,
        Credential credential,
        Map<String, List<String>> paramAllowlist,
        Set<String> requiredHeaders,
        long maxBodyBytes,
        String region) {
    private static final Range<Duration> TIMEOUT = Range.of(Duration.ofMillis(1), Duration.ofHours(1));
    private static final Set<String> RELAY_PATHS = Set.of("llm", "vault", "relay", "usage");
    private static final int ENDPOINTS_MAX = 200;
    private static final int PARAMS_MAX = 50;
    private static final Range<Long> BODY = Range.ofBytes(1 << 10, 1L << 40);
    private static final Range<Integer> RETRIES = Range.of(0, 10);
    private static final Pattern REGION = Pattern.compile("[a-z]{2,4}(-[a-z]{2,16}){1,3}-[0-9]{1,2}");
    private static final Pattern AZURE_VERSION = Pattern.compile("v1|preview|\\d{4}-\\d{2}-\\d{2}(-preview)?");
    private static final Set<String> METHODS = Set.of("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD");

    public ProviderConfig {
        TIMEOUT.check("timeout", timeout);
        RETRIES.check("retry_count", retryCount);
        Connection.PER_HOST.check("connection.max_per_host", maxConnectionsPerHost);
        Connection.IDLE.check("connection.idle", connectionIdle);
        apiKeys = List.copyOf(apiKeys);
        IllegalSetting.unless(
                apiKeys.size() < VaultApi.KEYS_MAX
                        && apiKeys.stream().map(NamedKey::name).distinct().count() == apiKeys.size(),
                "api_keys",
                "must hold at most " + (VaultApi.KEYS_MAX - 1) + " keys of different names");
        allowedEndpoints = List.copyOf(allowedEndpoints);
        IllegalSetting.unless(
                allowedEndpoints.size() <= ENDPOINTS_MAX
                        && allowedEndpoints.stream().allMatch(ProviderConfig::isEndpoint),
                "allowed_endpoints",
                "must hold at most " + ENDPOINTS_MAX
                        + " exact paths such as /v1/items, or /v1/items/* for all below one");
        IllegalSetting.unless(
                kind != Kind.ECHO || allowedEndpoints.isEmpty(),
                "allowed_endpoints",
                "must be empty for the echo model, which has no API of its own");
        allowedMethods = Set.copyOf(allowedMethods);
        IllegalSetting.unless(
                METHODS.containsAll(allowedMethods),
                "allowed_methods",
                "may hold " + METHODS.stream().sorted().toList());
        IllegalSetting.unless(
                version.matches("[A-Za-z0-9._-]{1,40}"), "version", "must be 1 to 40 letters, digits, dots, dashes");
        IllegalSetting.unless(
                kind != Kind.AZURE || AZURE_VERSION.matcher(version).matches(),
                "version",
                "must be v1, preview, or a date such as 2024-10-21 or 2025-04-01-preview for Azure");
        baseUrl = kind == Kind.ECHO ? baseUrl : checked(baseUrl, allowHttp, allowPrivate, kind);
        IllegalSetting.unless(
                kind == Kind.GENERIC || credential.equals(Credential.BEARER),
                "auth",
                "is for providers of kind generic; the others have a header of their own");
        Map<String, List<String>> params = new HashMap<>();
        paramAllowlist.forEach((param, values) -> params.put(param, List.copyOf(values)));
        paramAllowlist = Map.copyOf(params);
        requiredHeaders = Set.copyOf(requiredHeaders);
        IllegalSetting.unless(
                kind == Kind.GENERIC || paramAllowlist.isEmpty(),
                "param_allowlist",
                "is for providers of kind generic");
        IllegalSetting.unless(
                kind == Kind.GENERIC || requiredHeaders.isEmpty(),
                "required_headers",
                "is for providers of kind generic");
        IllegalSetting.unless(
                paramAllowlist.size() <= PARAMS_MAX
                        && paramAllowlist.values().stream()
                                .allMatch(values -> !values.isEmpty() && values.size() <= PARAMS_MAX),
                "param_allowlist",
                "must hold at most " + PARAMS_MAX + " names, each with 1 to " + PARAMS_MAX + " values");
        IllegalSetting.unless(
                requiredHeaders.size() <= PARAMS_MAX
                        && requiredHeaders.stream().allMatch(header -> header.matches("[a-z0-9-]{1,64}")),
                "required_headers",
                "must hold at most " + PARAMS_MAX + " names of headers in lower case");
        BODY.check("max_body_size", maxBodyBytes);
        IllegalSetting.unless(REGION.matcher(region).matches(), "region", "must be an AWS region such as us-east-1");
    }

    /**
     * How a key travels: {@code header: scheme key}.
     *
     * @param header its name
     * @param scheme such as {@code Bearer}; empty: the key alone
     */
    public record Credential(String header, String scheme) {
        private static final Set<String> OTHER_MEANING = Set.of(
                "host",
                "connection",
                "content-length",
                "content-type",
                "transfer-encoding",
                "te",
                "trailer",
                "upgrade",
                "expect",
                "accept-encoding",
                "cookie");

        /** As most APIs take it (RFC 6750). */
        public static final Credential BEARER = new Credential("Authorization", "Bearer");

        public Credential {
            IllegalSetting.unless(
                    header.matches("[A-Za-z0-9][A-Za-z0-9-]{0,63}")
                            && OTHER_MEANING.stream().noneMatch(header::equalsIgnoreCase),
                    "header",
                    "must be the name of a header that carries a key, such as Authorization or X-Api-Key");
            IllegalSetting.unless(
                    scheme.matches("[A-Za-z0-9._-]{0,40}"),
                    "scheme",
                    "must be at most 40 letters, digits, dots, dashes; none sends the key alone");
        }

        static Credential from(ConfigNode node) {
            String scheme = node.get(
                    "scheme",
                    SettingType.TEXT,
                    BEARER.scheme,
                    "For generic: what stands before the key; none sends the key alone");
            return new Credential(
                    node.get("header", SettingType.TEXT, BEARER.header, "For generic: the header that carries the key"),
                    scheme.equals("none") ? "" : scheme);
        }
    }

    /**
     * One of several keys of the gateway's own.
     *
     * @param name tells it from the others in audit records and in the vault; {@code api_key} is named {@link
     *     VaultApi#DEFAULT_KEY}
     * @param weight its share of the requests
     */
    public record NamedKey(String name, ConfiguredSecret key, int weight) {
        private static final Range<Integer> WEIGHT = Range.of(1, VaultApi.WEIGHT_MAX);

        public NamedKey {
            WEIGHT.check("weight", weight);
            IllegalSetting.unless(
                    VaultApi.isKeyName(name) && !name.equals(VaultApi.DEFAULT_KEY),
                    "name",
                    "must have 1 to 64 of a-z, 0-9, dots, dashes and underscores, and not be " + VaultApi.DEFAULT_KEY
                            + ", which is the name of api_key");
        }

        static NamedKey from(ConfigNode node) {
            String name = node.find("name", SettingType.TEXT, "Names the key in the vault and orders the keys");
            return new NamedKey(
                    name == null ? "" : name,
                    node.secret("key", "One more key of the gateway's own, besides api_key"),
                    node.get(
                            "weight",
                            SettingType.INTEGER,
                            1,
                            WEIGHT,
                            "Share of the requests among the gateway's keys; that of api_key is 1"));
        }
    }

    /** Where connections to this provider may lead. */
    public EgressScope scope() {
        return EgressScope.of("https".equalsIgnoreCase(baseUrl.getScheme()), allowPrivate);
    }

    /**
     * What the provider is: a protocol, or an address that speaks one. {@code echo} is a deterministic model inside
     * proxy-service.
     */
    public enum Kind {
        OPENAI,
        /** OpenAI's protocol, with chats through the Responses API: for models that have no other. */
        OPENAI_RESPONSES,
        ANTHROPIC,
        GEMINI,
        BEDROCK,
        COHERE,
        /** Azure OpenAI: OpenAI's protocol under paths and a credential header of its own. */
        AZURE,
        /** Hugging Face's router, which speaks OpenAI's protocol. */
        HUGGINGFACE,
        /** Text Generation Inference's own protocol: {@code /generate}. */
        TGI,
        GROQ,
        MISTRAL,
        DEEPSEEK,
        XAI,
        TOGETHER,
        OPENROUTER,
        FIREWORKS,
        OLLAMA,
        VLLM,
        GENERIC,
        ECHO;

        /** The kind whose protocol this one speaks; itself unless it is an address that speaks OpenAI's. */
        public Kind protocol() {
            return switch (this) {
                case OPENAI_RESPONSES,
                        AZURE,
                        HUGGINGFACE,
                        GROQ,
                        MISTRAL,
                        DEEPSEEK,
                        XAI,
                        TOGETHER,
                        OPENROUTER,
                        FIREWORKS,
                        OLLAMA,
                        VLLM -> OPENAI;
                default -> this;
            };
        }

        /** Empty where there is no address that is everybody's. */
        private URI defaultBaseUrl(String region) {
            return URI.create(
                    switch (this) {
                        case OPENAI, OPENAI_RESPONSES -> "https://api.openai.com/v1";
                        case ANTHROPIC -> "https://api.anthropic.com";
                        case GEMINI -> "https://generativelanguage.googleapis.com/v1";
                        case BEDROCK -> "https://bedrock-runtime." + region + ".amazonaws.com";
                        case COHERE -> "https://api.cohere.com";
                        case HUGGINGFACE -> "https://router.huggingface.co/v1";
                        case GROQ -> "https://api.groq.com/openai/v1";
                        case MISTRAL -> "https://api.mistral.ai/v1";
                        case DEEPSEEK -> "https://api.deepseek.com/v1";
                        case XAI -> "https://api.x.ai/v1";
                        case TOGETHER -> "https://api.together.xyz/v1";
                        case OPENROUTER -> "https://openrouter.ai/api/v1";
                        case FIREWORKS -> "https://api.fireworks.ai/inference/v1";
                        case OLLAMA -> "http://127.0.0.1:11434/v1";
                        case VLLM -> "http://127.0.0.1:8000/v1";
                        case AZURE, TGI, GENERIC -> "";
                        case ECHO -> "local:echo";
                    });
        }

        private String defaultVersion() {
            return this == AZURE ? "v1" : "2023-06-01";
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

    private static URI checked(URI written, boolean allowHttp, boolean allowPrivate, Kind kind) {
        String text = written.toString();
        IllegalSetting.unless(
                !text.isEmpty(), "base_url", "is needed for a provider of kind " + SettingType.label(kind));
        try {
            UpstreamAddress.parse(text, allowHttp, allowPrivate);
        } catch (IllegalArgumentException refused) {
            throw new IllegalSetting("base_url", String.valueOf(refused.getMessage()));
        }
        return text.endsWith("/") ? URI.create(text.replaceAll("/+$", "")) : written;
    }

    private static boolean isEndpoint(String path) {
        return path.matches("(/[A-Za-z0-9_.:~@-]{1,100}){1,20}(/\\*)?|/\\*") && !path.matches(".*/\\.\\.?(/.*)?");
    }

    /** @param server whose bounds are the defaults */
    static ProviderConfig from(String name, ConfigNode node, ServerConfig server) {
        IllegalSetting.unless(
                name.matches("[a-z0-9][a-z0-9-]{0,39}|<name>"),
                "kind",
                "a provider's name has 1 to 40 of a-z, 0-9 and dashes");
        IllegalSetting.unless(
                !RELAY_PATHS.contains(name),
                "kind",
                "a provider must not be named " + name + ", because /api/" + name + " belongs to the wallet relay");
        Kind kind = node.get(
                "kind",
                SettingType.choice(Kind.class),
                defaultKind(name),
                "Protocol, or an address that speaks one (docs/providers.md); the default is the provider's name");
        Connection connection = node.section("connection", Connection::from);
        String region = node.get(
                "region",
                SettingType.TEXT,
                "us-east-1",
                "For bedrock: the AWS region, for which requests are signed and which the default base_url names");
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
                        kind.defaultBaseUrl(region),
                        "https://host[:port][/path], by default the public address of its kind; paths join right with"
                                + " and without a trailing /v1 or /v1beta"),
                node.get(
                        "allow_http",
                        SettingType.FLAG,
                        false,
                        "Whether base_url may be http, for a loopback or private address only, with allow_private"),
                node.secret("api_key", "The gateway's own key, used where neither wallet nor project has one"),
                node.items("api_keys", NamedKey::from),
                node.get(
                        "timeout",
                        SettingType.DURATION_OR_MILLIS,
                        server.timeouts().responseHeader(),
                        TIMEOUT,
                        "Waiting for the head of the answer; by default server.timeouts.response_header"),
                node.get(
                        "retry_count",
                        SettingType.INTEGER,
                        3,
                        RETRIES,
                        "Attempts beyond the first for a request that begins here, at this or another target"),
                node.get(
                        "version",
                        SettingType.TEXT,
                        kind.defaultVersion(),
                        "For anthropic: the anthropic-version sent; for azure: v1 (its default) or preview for"
                                + " /openai/v1, a date such as 2024-10-21 for the paths of deployments"),
                node.list(
                        "allowed_endpoints",
                        SettingType.TEXT,
                        List.of(),
                        "What clients may call below /p/<name>: exact paths, or all below one with /* at the end"),
                Set.copyOf(node.list(
                        "allowed_methods",
                        SettingType.TEXT,
                        List.of("GET", "POST"),
                        "Methods that clients may use below /p/<name>")),
                connection.maxPerHost(),
                connection.idle(),
                node.get(
                        "allow_private",
                        SettingType.FLAG,
                        false,
                        "Whether it may be on this machine or in a private network, such as Ollama on a laptop;"
                                + " metadata, link-local and reserved addresses are never allowed"),
                node.section("auth", Credential::from),
                node.lists(
                        "param_allowlist",
                        SettingType.TEXT,
                        "For generic: members that every JSON body must have, and their values, with * for any"
                                + " characters"),
                Set.copyOf(node.list(
                        "required_headers",
                        SettingType.TEXT,
                        List.of(),
                        "For generic: headers in lower case without which a request is refused")),
                node.get(
                        "max_body_size",
                        SettingType.SIZE,
                        server.maxRequestSizeBytes(),
                        BODY,
                        "Largest body below /p/<name>, which is passed on as it comes; by default"
                                + " server.max_request_size, which bodies that param_allowlist judges never exceed"),
                region);
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
