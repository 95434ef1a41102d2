package io.latticegate.common.config;

/**
 * How credentials are stored.
 *
 * @param tokenPepper keys the hash under which tokens are stored; required by auth-service
 */
public record AuthConfig(ConfiguredSecret tokenPepper) {
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
        return new AuthConfig(node.secret(
                "token_pepper",
                "Keys the hash under which tokens are stored, at least " + PEPPER_BYTES_MIN
                        + " bytes; required by auth-service; changing it invalidates every token"));
    }
}
