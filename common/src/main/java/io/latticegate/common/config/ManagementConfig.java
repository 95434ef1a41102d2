package io.latticegate.common.config;

/**
 * The management listener and who may use it.
 *
 * @param managementToken compared in constant time; admin-service does not start without it
 * @param privateProviders whether a change at run time may let a provider be reached over http or in a private network
 * @param adminUi the web interface
 * @param oidc who else may sign in there
 */
public record ManagementConfig(
        HostPort listen,
        ConfiguredSecret managementToken,
        Metrics metrics,
        boolean privateProviders,
        AdminUiConfig adminUi,
        OidcConfig oidc) {
    /** Shortest management token, in bytes. */
    public static final int TOKEN_BYTES_MIN = 16;

    public ManagementConfig {
        IllegalSetting.unless(
                managementToken
                        .find()
                        .map(token -> token.length() >= TOKEN_BYTES_MIN)
                        .orElse(true),
                "management_token",
                "is shorter than " + TOKEN_BYTES_MIN + " bytes");
        IllegalSetting.unless(
                !oidc.enabled() || (adminUi.enabled() && adminUi.origin() != null),
                "admin_ui.origin",
                "must be set, with the web interface enabled, where oidc.issuer is: the provider sends users back there");
    }

    /**
     * @param path begins with a slash
     * @param wallets that have a label of their own in metrics, hashed; every further one is {@code other}
     */
    public record Metrics(boolean enabled, String path, int wallets) {
        private static final Range<Integer> WALLETS = Range.of(0, 1_000);

        public Metrics {
            WALLETS.check("wallets", wallets);
            IllegalSetting.unless(
                    path.matches("/[A-Za-z0-9/_.-]{1,100}"), "path", "must begin with a slash and be plain");
        }

        static Metrics from(ConfigNode node) {
            return new Metrics(
                    node.get("enabled", SettingType.FLAG, true, "Whether metrics are served in Prometheus' format"),
                    node.get("path", SettingType.TEXT, "/metrics", "Path of the metrics"),
                    node.get(
                            "wallets",
                            SettingType.INTEGER,
                            50,
                            WALLETS,
                            "Wallets that llm_requests_total shows by a hash of their own; every further one is"
                                    + " other"));
        }
    }

    static ManagementConfig from(ConfigNode node) {
        return new ManagementConfig(
                node.get(
                        "listen",
                        SettingType.HOST_PORT,
                        new HostPort("0.0.0.0", 8081),
                        "Address of the management listener; port 0: any free port"),
                node.secret(
                        "management_token",
                        "Bearer token for /manage, at least " + TOKEN_BYTES_MIN + " bytes; required by admin-service"),
                node.section("metrics", Metrics::from),
                node.get(
                        "private_providers",
                        SettingType.FLAG,
                        false,
                        "Whether a change through /manage/config may set allow_private or allow_http where this file does"
                                + " not"),
                node.section("admin_ui", AdminUiConfig::from),
                node.section("oidc", OidcConfig::from));
    }
}
