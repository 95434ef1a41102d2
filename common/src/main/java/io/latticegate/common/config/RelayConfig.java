package io.latticegate.common.config;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The wallet relay: server-side constants of the typed data, and the bounds of admission.
 *
 * @param domain EIP-712 domain of requests
 * @param timestampTolerance how old a signed timestamp may be
 * @param futureTolerance how far ahead a signed timestamp may be
 * @param rateLimitPerMinute per wallet
 * @param providerPrefixes model prefix to provider; the longest matching prefix decides
 */
public record RelayConfig(
        boolean enabled,
        Domain domain,
        VaultDomain vaultDomain,
        Nonce nonce,
        Duration timestampTolerance,
        Duration futureTolerance,
        int rateLimitPerMinute,
        Vault vault,
        Map<String, String> providerPrefixes) {
    private static final Range<Duration> TOLERANCE = Range.of(Duration.ofSeconds(1), Duration.ofHours(1));
    private static final Range<Duration> FUTURE = Range.of(Duration.ZERO, Duration.ofHours(1));
    private static final Range<Integer> RATE = Range.of(1, 1_000);

    public RelayConfig {
        TOLERANCE.check("timestamp_tolerance", timestampTolerance);
        FUTURE.check("future_tolerance", futureTolerance);
        RATE.check("rate_limit_per_minute", rateLimitPerMinute);
        IllegalSetting.unless(
                nonce.retention()
                                .compareTo(
                                        timestampTolerance.plus(futureTolerance).plusSeconds(1))
                        >= 0,
                "nonce.retention",
                "is " + DurationText.print(nonce.retention())
                        + ", not longer than both tolerances together; a request could"
                        + " be replayed after its nonce was forgotten");
        providerPrefixes = Map.copyOf(providerPrefixes);
        IllegalSetting.unless(
                providerPrefixes.keySet().stream().noneMatch(String::isEmpty),
                "provider_prefixes",
                "must not hold an empty prefix");
    }

    /**
     * EIP-712 domain of requests.
     *
     * @param chainIds each is accepted
     */
    public record Domain(String name, String version, List<Long> chainIds) {
        public Domain {
            checkNames(name, version);
            chainIds = List.copyOf(chainIds);
            IllegalSetting.unless(
                    !chainIds.isEmpty()
                            && chainIds.size() <= 64
                            && chainIds.stream().allMatch(id -> id > 0)
                            && Set.copyOf(chainIds).size() == chainIds.size(),
                    "chain_ids",
                    "must be 1 to 64 different positive numbers");
        }

        static Domain from(ConfigNode node) {
            return new Domain(
                    node.get("name", SettingType.TEXT, "LLM Relay Service", "Name in the EIP-712 domain of requests"),
                    node.get("version", SettingType.TEXT, "1", "Version in the EIP-712 domain of requests"),
                    node.list(
                            "chain_ids",
                            SettingType.WHOLE,
                            List.of(1L),
                            "Chain ids accepted in the domain of requests"));
        }
    }

    /** EIP-712 domain of VaultStore and VaultDelete, which has no chain id. */
    public record VaultDomain(String name, String version) {
        public VaultDomain {
            checkNames(name, version);
        }

        static VaultDomain from(ConfigNode node) {
            return new VaultDomain(
                    node.get("name", SettingType.TEXT, "LLM Relay Vault", "Name in the EIP-712 domain of the vault"),
                    node.get("version", SettingType.TEXT, "1", "Version in the EIP-712 domain of the vault"));
        }
    }

    private static void checkNames(String name, String version) {
        IllegalSetting.unless(!name.isEmpty() && name.length() <= 128, "name", "must have 1 to 128 characters");
        IllegalSetting.unless(!version.isEmpty() && version.length() <= 16, "version", "must have 1 to 16 characters");
    }

    /** How nonces are checked. */
    public enum NonceMode {
        WINDOW,
        STRICT
    }

    /**
     * @param mode {@code window}: any unused nonce above the low-water mark; {@code strict}: strictly increasing
     * @param retention how long a wallet's nonces are remembered after its last request
     */
    public record Nonce(NonceMode mode, Duration retention) {
        private static final int WINDOW = 64;
        private static final Range<Duration> RETENTION = Range.of(Duration.ofSeconds(2), Duration.ofDays(7));

        public Nonce {
            RETENTION.check("retention", retention);
        }

        static Nonce from(ConfigNode node) {
            IllegalSetting.unless(
                    node.get(
                                    "window",
                                    SettingType.INTEGER,
                                    WINDOW,
                                    "Only 64: nonces remembered above the low-water mark")
                            == WINDOW,
                    "window",
                    "must be 64, the only width in this version");
            return new Nonce(
                    node.get(
                            "mode",
                            SettingType.choice(NonceMode.class),
                            NonceMode.WINDOW,
                            "window: any unused nonce above the low-water mark; strict: strictly increasing"),
                    node.get(
                            "retention",
                            SettingType.DURATION,
                            Duration.ofHours(1),
                            RETENTION,
                            "How long nonces are remembered after a wallet's last request; at least both tolerances"
                                    + " together"));
        }
    }

    /**
     * Provider keys of wallets.
     *
     * @param ttl life of a stored key
     * @param refreshOnUse whether a use renews the life
     * @param allowLegacyStore whether a key may be stored by the form without nonce
     */
    public record Vault(Duration ttl, boolean refreshOnUse, boolean allowLegacyStore) {
        private static final Range<Duration> TTL = Range.of(Duration.ofSeconds(1), Duration.ofDays(90));

        public Vault {
            TTL.check("ttl", ttl);
        }

        static Vault from(ConfigNode node) {
            return new Vault(
                    node.get("ttl", SettingType.DURATION, Duration.ofHours(24), TTL, "Life of a wallet's stored key"),
                    node.get("refresh_on_use", SettingType.FLAG, true, "Whether using a key renews its life"),
                    node.get(
                            "allow_legacy_store",
                            SettingType.FLAG,
                            true,
                            "Whether VaultStore without nonce is accepted (fresh and once only)"));
        }
    }

    static RelayConfig from(ConfigNode node) {
        return new RelayConfig(
                node.get("enabled", SettingType.FLAG, true, "Whether /api/llm/* and /api/vault/* are served"),
                node.section("domain", Domain::from),
                node.section("vault_domain", VaultDomain::from),
                node.section("nonce", Nonce::from),
                node.get(
                        "timestamp_tolerance",
                        SettingType.DURATION,
                        Duration.ofSeconds(300),
                        TOLERANCE,
                        "How old a signed timestamp may be"),
                node.get(
                        "future_tolerance",
                        SettingType.DURATION,
                        Duration.ofSeconds(300),
                        FUTURE,
                        "How far ahead of the server's clock a signed timestamp may be"),
                node.get(
                        "rate_limit_per_minute",
                        SettingType.INTEGER,
                        10,
                        RATE,
                        "Requests per minute and wallet, without bursts"),
                node.section("vault", Vault::from),
                node.map(
                        "provider_prefixes",
                        SettingType.TEXT,
                        defaultPrefixes(),
                        "Model prefix to provider; the longest matching prefix decides"));
    }

    private static Map<String, String> defaultPrefixes() {
        Map<String, String> prefixes = new LinkedHashMap<>();
        for (String prefix : List.of("gpt-", "o1-", "o3-", "o4-")) {
            prefixes.put(prefix, "openai");
        }
        prefixes.put("claude-", "anthropic");
        prefixes.put("gemini-", "gemini");
        prefixes.put("command-", "cohere");
        return prefixes;
    }
}
