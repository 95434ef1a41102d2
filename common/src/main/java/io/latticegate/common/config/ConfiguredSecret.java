package io.latticegate.common.config;

import io.latticegate.common.value.Secret;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A secret of the configuration, or why there is none. Every service reads the same file, so a secret that cannot be
 * read stops only the service that needs it.
 */
public final class ConfiguredSecret {
    private static final ConfiguredSecret UNSET = new ConfiguredSecret(null, "is not set");

    private final @Nullable Secret secret;
    private final String why;

    private ConfiguredSecret(@Nullable Secret secret, String why) {
        this.secret = secret;
        this.why = why;
    }

    public static ConfiguredSecret of(Secret secret) {
        return new ConfiguredSecret(secret, "");
    }

    /** Nobody asked for one. */
    public static ConfiguredSecret unset() {
        return UNSET;
    }

    /** One was asked for but could not be had here. */
    static ConfiguredSecret unavailable(String why) {
        return new ConfiguredSecret(null, why);
    }

    public boolean isSet() {
        return secret != null;
    }

    public Optional<Secret> find() {
        return Optional.ofNullable(secret);
    }

    /**
     * The secret; it belongs to the configuration, so a caller that wipes takes a copy.
     *
     * @throws IllegalStateException saying why there is none
     */
    public Secret require() {
        if (secret == null) {
            throw new IllegalStateException("this secret " + why);
        }
        return secret;
    }

    /** Why there is none, or an empty text. */
    public String why() {
        return why;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ConfiguredSecret configured
                && why.equals(configured.why)
                && find().equals(configured.find());
    }

    @Override
    public int hashCode() {
        return why.hashCode();
    }

    @Override
    public String toString() {
        return secret == null ? "(" + why + ")" : "***";
    }
}
