package io.latticegate.common.config;

import java.util.List;

/**
 * A configuration that was accepted.
 *
 * @param description what to print at the start
 * @param warnings what is allowed but probably not meant
 */
public record LoadedConfig(LatticegateConfig config, ConfigDescription description, List<String> warnings) {
    public LoadedConfig {
        warnings = List.copyOf(warnings);
    }
}
