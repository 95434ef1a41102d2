package io.latticegate.common.config;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is logged, where and how.
 *
 * @param components level per logger name, such as {@code io.latticegate.vault}
 * @param debug components that are debugged besides, see {@link DebugPatterns}
 * @param output where lines go
 * @param file of {@link Output#FILE}; rolled over at 100 MiB, ten are kept
 * @param includeRequestId whether lines name the request that they are about
 * @param includeProviderInfo whether lines name providers and models
 */
public record LoggingConfig(
        Level level,
        Format format,
        Map<String, Level> components,
        List<String> debug,
        Output output,
        @Nullable Path file,
        boolean includeRequestId,
        boolean includeProviderInfo) {
    public LoggingConfig {
        components = Map.copyOf(components);
        debug = List.copyOf(debug);
        IllegalSetting.unless(
                components.keySet().stream().allMatch(LoggingConfig::isLogger),
                "components",
                "must hold names of loggers such as io.latticegate.vault");
        try {
            DebugPatterns.levels(debug);
        } catch (IllegalArgumentException unknown) {
            throw new IllegalSetting("debug", String.valueOf(unknown.getMessage()));
        }
        IllegalSetting.unless(output != Output.FILE || file != null, "file", "must name a file where output is file");
        IllegalSetting.unless(
                file == null || file.isAbsolute(), "file", "must be an absolute path such as /var/log/latticegate.log");
    }

    /** Levels, and the defaults of everything else. */
    public LoggingConfig(Level level, Format format, Map<String, Level> components) {
        this(level, format, components, List.of(), Output.STDERR, null, true, true);
    }

    /** Whether {@code name} can be that of a logger. */
    public static boolean isLogger(String name) {
        return name.matches("[A-Za-z0-9_.$]{1,200}");
    }

    /** The level of each logger that has one of its own. */
    public Map<String, Level> levels() {
        Map<String, Level> all = new LinkedHashMap<>(DebugPatterns.levels(debug));
        all.putAll(components);
        return all;
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

    /** Where lines go. */
    public enum Output {
        STDERR,
        STDOUT,
        FILE
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
                        "Level per logger, such as io.latticegate.vault: debug"),
                node.list(
                        "debug",
                        SettingType.TEXT,
                        List.of(),
                        "Components that are debugged, such as gateway:router; gateway:* is all, -gateway:cache leaves"
                                + " one out"),
                node.get("output", SettingType.choice(Output.class), Output.STDERR, "Where lines go"),
                node.find(
                        "file",
                        SettingType.FILE,
                        "File of output: file, absolute; rolled over at 100 MiB, ten are kept"),
                node.get(
                        "include_request_id",
                        SettingType.FLAG,
                        true,
                        "Whether lines name the request that they are about"),
                node.get("include_provider_info", SettingType.FLAG, true, "Whether lines name providers and models"));
    }
}
