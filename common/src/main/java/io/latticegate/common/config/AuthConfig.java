package io.latticegate.common.config;

/**
 * Whose credentials are used, and how they are stored.
 *
 * @param mode whose keys a project's requests are put to providers with
 * @param tokenPepper keys the hash under which tokens are stored; required by auth-service
 */
public record AuthConfig(Mode mode, ConfiguredSecret tokenPepper) {
    /** Whose keys a project's requests are put to providers with. */
    public enum Mode {
        /** The project's, else the gateway's; a request that brings one of its own is refused. */
        GATEWAY,
        /** The request's own. */
        CLIENT,
        /** The request's own where it brings one, else as {@link #GATEWAY}. */
        HYBRID
    }

    /** Shortest pepper, in bytes. */
    public static final int PEPPER_BYTES_MIN = 32;

    public AuthConfig {
        IllegalSetting.unless(
                tokenPepper
                        .find()
                        .map(pepper -> pepper.length() >= PEPPER_BYTES_MIN)
                        .orElse(true),
                "token_pepper",
                "is shorter than " + PEPPER_BYTES_MIN + " bytes");
    }

    static AuthConfig from(ConfigNode node) {
        return new AuthConfig(
                node.get(
                        "mode",
                        SettingType.choice(Mode.class),
                        Mode.GATEWAY,
                        "Whose provider keys serve a project's requests: gateway: those in the vault; client: the"
                                + " request's own (X-Provider-Key); hybrid: the request's own where it brings one"),
                node.secret(
                        "token_pepper",
                        "Keys the hash under which tokens are stored, at least " + PEPPER_BYTES_MIN
                                + " bytes; required by auth-service; changing it invalidates every token"));
    }
}
