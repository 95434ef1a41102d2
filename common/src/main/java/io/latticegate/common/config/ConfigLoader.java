package io.latticegate.common.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the configuration. Later layers win: defaults, {@link #fallback}, {@code config/default.yaml},
 * {@code config/<profile>.yaml}, each {@link #file} in turn, environment variables, {@link #override}.
 */
public final class ConfigLoader {
    /** Sections whose keys the operator chooses; everywhere else camel case is taken for snake case. */
    private static final Set<String> FREE_KEYS = Set.of(
            "providers",
            "models",
            "projects",
            "relay.provider_prefixes",
            "logging.components",
            "security.guards.models",
            "security.guards.projects");

    private static final Pattern CAMEL = Pattern.compile("([a-z0-9])([A-Z])");

    private final Path directory;
    private final Map<String, String> environment = new LinkedHashMap<>();
    private final Map<String, Object> fallbacks = new LinkedHashMap<>();
    private final Map<String, Object> overrides = new LinkedHashMap<>();
    private final List<Path> files = new ArrayList<>();
    private @Nullable String text;

    private ConfigLoader(Path directory) {
        this.directory = directory;
    }

    /** @param directory where {@code default.yaml} and {@code <profile>.yaml} are looked for; usually {@code config} */
    public static ConfigLoader in(Path directory) {
        return new ConfigLoader(directory);
    }

    /** The environment to read; without this call there is none. */
    public ConfigLoader environment(Map<String, String> variables) {
        environment.putAll(variables);
        return this;
    }

    /** A file named with {@code --config}; of several, later ones win. */
    public ConfigLoader file(Path named) {
        files.add(named);
        return this;
    }

    /** YAML in place of the file named with {@code --config}. */
    public ConfigLoader yaml(String yaml) {
        text = yaml;
        return this;
    }

    /**
     * A value that holds where no file and no variable sets one, such as a secret generated at first start.
     *
     * @param value a text, a list of texts, or a list of maps of texts
     */
    public ConfigLoader fallback(String path, Object value) {
        fallbacks.put(path, value);
        return this;
    }

    /**
     * A value from the command line, above everything else.
     *
     * @param value a text, a list of texts, or a list of maps of texts
     */
    public ConfigLoader override(String path, Object value) {
        overrides.put(path, value);
        return this;
    }

    /** @throws ConfigException with every reason why the configuration is refused */
    public LoadedConfig load() {
        Reading reading = new Reading(environment);
        ConfigValue.Section below = layer(fallbacks, new Source("generated", 0));
        ConfigValue.Section variables = EnvironmentAliases.read(environment, reading);
        ConfigValue.Section named = named(reading);
        ConfigValue.Section common = canonical(optional("default"), "", reading);
        ConfigValue.Section above = layer(overrides, new Source("command line", 0));
        String profile = profile(List.of(above, variables, named, common, below));
        ConfigValue.Section own = profile.matches(LatticegateConfig.PROFILE_FORM) && !profile.equals("default")
                ? canonical(optional(profile), "", reading)
                : ConfigValue.Section.empty(Source.DEFAULT);
        ConfigValue.Section fromFiles = common.overlaidBy(own).overlaidBy(named);
        refuseTwoKeySources(fromFiles, variables, reading);
        ConfigValue.Section merged =
                below.overlaidBy(fromFiles).overlaidBy(variables).overlaidBy(above);
        LatticegateConfig config;
        try {
            config = ConfigNode.root(reading, merged, LatticegateConfig::from);
        } finally {
            reading.refuseIfProblems();
        }
        return new LoadedConfig(config, config.changeable().description(), reading.warnings());
    }

    private ConfigValue.Section named(Reading reading) {
        if (text != null) {
            return canonical(YamlDocument.parse("text", text.getBytes(StandardCharsets.UTF_8)), "", reading);
        }
        ConfigValue.Section all = ConfigValue.Section.empty(Source.DEFAULT);
        for (Path file : files) {
            all = all.overlaidBy(canonical(YamlDocument.read(file), "", reading));
        }
        return all;
    }

    private ConfigValue.Section optional(String name) {
        Path candidate = directory.resolve(name + ".yaml");
        return Files.exists(candidate) ? YamlDocument.read(candidate) : ConfigValue.Section.empty(Source.DEFAULT);
    }

    private static String profile(List<ConfigValue.Section> highestFirst) {
        for (ConfigValue.Section layer : highestFirst) {
            if (layer.entries().get("profile") instanceof ConfigValue.Text profile) {
                return profile.text();
            }
        }
        return LatticegateConfig.PROFILE;
    }

    /** Which key opens the vault must not depend on which layer wins. */
    private static void refuseTwoKeySources(ConfigValue.Section files, ConfigValue.Section variables, Reading reading) {
        if (variables.entries().get("encryption") instanceof ConfigValue.Section inEnvironment
                && inEnvironment.entries().get("keys") instanceof ConfigValue.Items fromVariable
                && files.entries().get("encryption") instanceof ConfigValue.Section inFiles
                && inFiles.entries().get("keys") instanceof ConfigValue.Items fromFile) {
            reading.problem(
                    "encryption.keys",
                    fromFile.source(),
                    "is set here and by " + fromVariable.source()
                            + "; keep one, so that it is certain which key opens the" + " vault");
        }
    }

    private static ConfigValue.Section layer(Map<String, Object> values, Source source) {
        ConfigValue.Section layer = ConfigValue.Section.empty(source);
        for (Map.Entry<String, Object> value : values.entrySet()) {
            layer = layer.overlaidBy(ConfigValue.Section.holding(value.getKey(), written(value.getValue(), source)));
        }
        return layer;
    }

    private static ConfigValue written(Object value, Source source) {
        return switch (value) {
            case List<?> list ->
                new ConfigValue.Items(
                        list.stream().map(item -> written(item, source)).toList(), source);
            case Map<?, ?> map -> {
                Map<String, ConfigValue> entries = new LinkedHashMap<>();
                map.forEach((key, item) -> entries.put(String.valueOf(key), written(item, source)));
                yield new ConfigValue.Section(entries, source);
            }
            default -> new ConfigValue.Text(value.toString(), false, source);
        };
    }

    /** {@code section} with its keys in snake case, but for those that the operator chooses. */
    static ConfigValue.Section canonical(ConfigValue.Section section, String path, Reading reading) {
        boolean free = FREE_KEYS.contains(path);
        Map<String, ConfigValue> entries = new LinkedHashMap<>();
        section.entries().forEach((key, value) -> {
            String name = free ? key : CAMEL.matcher(key).replaceAll("$1_$2").toLowerCase(Locale.ROOT);
            String inner = path.isEmpty() ? name : path + "." + name;
            if (entries.putIfAbsent(name, canonical(value, inner, reading)) != null) {
                reading.problem(inner, value.source(), "is given twice, once in camel case");
            }
        });
        return new ConfigValue.Section(entries, section.source());
    }

    private static ConfigValue canonical(ConfigValue value, String path, Reading reading) {
        return switch (value) {
            case ConfigValue.Section section -> canonical(section, path, reading);
            case ConfigValue.Items items -> {
                List<ConfigValue> result = new ArrayList<>();
                items.items().forEach(item -> result.add(canonical(item, path, reading)));
                yield new ConfigValue.Items(result, items.source());
            }
            case ConfigValue.Text text -> text;
            case ConfigValue.Nothing nothing -> nothing;
        };
    }
}
