package io.latticegate.common.config;

import java.util.Map;

/**
 * What is logged, and how.
 *
 * @param components level per logger name, such as {@code io.latticegate.vault}
 */
public record LoggingConfig(Level level, Format format, Map<String, Level> components) {
    public LoggingConfig {
        components = Map.copyOf(components);
        IllegalSetting.unless(
                components.keySet().stream().allMatch(name -> name.matches("[A-Za-z0-9_.$]{1,200}")),
                "components",
                "must hold names of loggers such as io.latticegate.vault");
    }

    /** Least important level that is logged. */
    public enum Level {
        TRACE,
        DEBUG,
        INFO,
        WARN,
        ERROR,
        OFF
    }

    /** Form of a line. */
    public enum Format {
        JSON,
        TEXT
    }

    static LoggingConfig from(ConfigNode node) {
        return new LoggingConfig(
                node.get("level", SettingType.choice(Level.class), Level.INFO, "Least important level that is logged"),
                node.get(
                        "format",
                        SettingType.choice(Format.class),
                        Format.JSON,
                        "One JSON object or one text per line"),
                node.map(
                        "components",
                        SettingType.choice(Level.class),
                        Map.of(),
                        "Level per logger, such as io.latticegate.vault: debug"));
    }
}
