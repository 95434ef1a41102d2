package io.latticegate.common.config;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.util.Map;

/** Loads configurations from text. */
final class Configs {
    /** No folder. */
    static final Path NOWHERE = Path.of("/nonexistent");

    private Configs() {}

    static LatticegateConfig of(String yaml) {
        return of(yaml, Map.of());
    }

    static LatticegateConfig of(String yaml, Map<String, String> environment) {
        return load(yaml, environment).config();
    }

    static LoadedConfig load(String yaml, Map<String, String> environment) {
        return ConfigLoader.in(NOWHERE).environment(environment).yaml(yaml).load();
    }

    /** The message with which {@code yaml} is refused. */
    static String refusal(String yaml) {
        return refusal(yaml, Map.of());
    }

    static String refusal(String yaml, Map<String, String> environment) {
        ConfigException refused = catchThrowableOfType(ConfigException.class, () -> of(yaml, environment));
        if (refused == null) {
            throw new AssertionError("not refused: " + yaml + " " + environment);
        }
        return String.valueOf(refused.getMessage());
    }
}
