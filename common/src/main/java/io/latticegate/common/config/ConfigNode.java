package io.latticegate.common.config;

import io.latticegate.common.value.Secret;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A section of the configuration, read key by key. Asking for a key makes it known; when a section has been read, what
 * is left over in it is an unknown key. A malformed value is noted and its default returned, so that one start reports
 * every mistake.
 */
final class ConfigNode {
    /** Other names that nobody knows may be values in the wrong place, so they are not repeated. */
    private static final Pattern PLAIN_WORD = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,39}");

    private final Reading reading;
    private final String path;
    private final ConfigValue.Section section;
    private final Set<String> known = new LinkedHashSet<>();

    private ConfigNode(Reading reading, String path, ConfigValue.Section section) {
        this.reading = reading;
        this.path = path;
        this.section = section;
    }

    /** Reads a whole configuration: the root section. */
    static <T> T root(Reading reading, ConfigValue.Section section, Function<ConfigNode, T> from) {
        ConfigNode node = new ConfigNode(reading, "", section);
        return node.build(from)
                .orElseGet(() -> from.apply(new ConfigNode(reading, "", ConfigValue.Section.empty(Source.DEFAULT))));
    }

    /** A setting with a default. An empty value counts as not set. */
    <T> T get(String key, SettingType<T> type, T fallback, String meaning) {
        return get(key, type, fallback, "", meaning);
    }

    /** A setting with a default and bounds; the record's constructor checks the bounds. */
    <T extends Comparable<? super T>> T get(
            String key, SettingType<T> type, T fallback, Range<T> allowed, String meaning) {
        return get(key, type, fallback, allowed.toString(), meaning);
    }

    private <T> T get(String key, SettingType<T> type, T fallback, String allowed, String meaning) {
        return parsed(key, type)
                .map(value -> note(key, type, allowed, type.print(fallback), meaning, type.print(value), value))
                .orElseGet(
                        () -> note(key, type, allowed, type.print(fallback), meaning, type.print(fallback), fallback));
    }

    /** A setting that may be left out. */
    <T> @Nullable T find(String key, SettingType<T> type, String meaning) {
        Optional<T> value = parsed(key, type);
        note(key, type, "", "", meaning, value.map(type::print).orElse(""), key);
        return value.orElse(null);
    }

    /** A secret; what cannot be resolved is left for the service that needs it. */
    ConfiguredSecret secret(String key, String meaning) {
        if (reading.secretsKept()) {
            return keptSecret(key);
        }
        ConfiguredSecret secret = scalar(key).map(text -> secret(key, text)).orElse(ConfiguredSecret.unset());
        reading.saw(pathOf(key), secret);
        note(key, SettingType.TEXT, "secret", "", meaning, secret.isSet() ? "***" : secret.toString(), key);
        return secret;
    }

    private ConfiguredSecret keptSecret(String key) {
        known.add(key);
        if (isWritten(key)) {
            problem(
                    key,
                    "is a secret, and what changes at run time holds none; keep it in the vault as a project's key, or write"
                            + " it into the configuration file");
        }
        return reading.secrets().getOrDefault(pathOf(key), ConfiguredSecret.unset());
    }

    private ConfiguredSecret secret(String key, ConfigValue.Text written) {
        try {
            if (written.literal()) {
                return written.text().isEmpty()
                        ? ConfiguredSecret.unset()
                        : ConfiguredSecret.of(Secret.ofText(written.text()));
            }
            if (written.source().line() > 0 && !written.text().isEmpty() && !isReference(written.text())) {
                reading.warn(pathOf(key) + " (" + written.source()
                        + "): the secret stands in the file itself; write ${NAME} or file:/path");
            }
            return reading.references().secret(written.text());
        } catch (References.Unresolved unresolved) {
            return ConfiguredSecret.unavailable(String.valueOf(unresolved.getMessage()));
        } catch (IllegalArgumentException malformed) {
            problem(key, String.valueOf(malformed.getMessage()));
            return ConfiguredSecret.unset();
        }
    }

    private static boolean isReference(String text) {
        return text.contains("${") || text.startsWith("file:") || text.startsWith("kms:");
    }

    /** A scalar exactly as written, for settings whose references are resolved elsewhere. */
    @Nullable
    String raw(String key, String meaning) {
        String text = scalar(key).map(ConfigValue.Text::text).orElse(null);
        note(key, SettingType.TEXT, "", "", meaning, text == null ? "" : text, key);
        return text;
    }

    /** A list of scalars; a text with commas counts as a list, so that a variable can hold one. */
    <T> List<T> list(String key, SettingType<T> type, List<T> fallback, String meaning) {
        known.add(key);
        ConfigValue value = section.entries().get(key);
        List<T> result = fallback;
        if (value instanceof ConfigValue.Items items) {
            result = elements(key, type, items.items());
        } else if (value instanceof ConfigValue.Text) {
            String joined = parsed(key, SettingType.TEXT).orElse("");
            result = elements(key, type, split(joined, value.source()));
        } else if (value instanceof ConfigValue.Section) {
            problem(key, "must be a list");
        }
        note(key, named("list of " + type.name()), "", print(type, fallback), meaning, print(type, result), key);
        return result;
    }

    private static List<ConfigValue> split(String joined, Source source) {
        List<ConfigValue> parts = new ArrayList<>();
        for (String part : joined.split(",", -1)) {
            if (!part.isBlank()) {
                parts.add(new ConfigValue.Text(part.strip(), true, source));
            }
        }
        return parts;
    }

    private <T> List<T> elements(String key, SettingType<T> type, List<ConfigValue> items) {
        List<T> result = new ArrayList<>();
        for (ConfigValue item : items) {
            if (item instanceof ConfigValue.Text text) {
                parse(key, type, text).ifPresent(result::add);
            } else {
                reading.problem(pathOf(key), item.source(), "must be a list of " + type.name());
            }
        }
        return List.copyOf(result);
    }

    /** A mapping from names of the operator's choice to scalars; it replaces the default as a whole. */
    <T> Map<String, T> map(String key, SettingType<T> type, Map<String, T> fallback, String meaning) {
        known.add(key);
        ConfigValue value = section.entries().get(key);
        Map<String, T> result = fallback;
        if (value instanceof ConfigValue.Section entries) {
            Map<String, T> read = new LinkedHashMap<>();
            entries.entries().forEach((name, entry) -> {
                if (entry instanceof ConfigValue.Text text) {
                    parse(key + "." + name, type, text).ifPresent(parsed -> read.put(name, parsed));
                } else if (!(entry instanceof ConfigValue.Nothing)) {
                    reading.problem(pathOf(key + "." + name), entry.source(), "must be a single value");
                }
            });
            result = Collections.unmodifiableMap(read);
        } else if (value instanceof ConfigValue.Text || value instanceof ConfigValue.Items) {
            problem(key, "must be a mapping");
        }
        note(key, named("names to " + type.name()), "", print(type, fallback), meaning, print(type, result), key);
        return result;
    }

    /** A mapping from names of the operator's choice to lists; none by default. */
    <T> Map<String, List<T>> lists(String key, SettingType<T> type, String meaning) {
        known.add(key);
        Map<String, List<T>> result = new LinkedHashMap<>();
        switch (section.entries().get(key)) {
            case ConfigValue.Section entries ->
                entries.entries().forEach((name, entry) -> {
                    switch (entry) {
                        case ConfigValue.Items items ->
                            result.put(name, elements(key + "." + name, type, items.items()));
                        case ConfigValue.Text text ->
                            result.put(name, elements(key + "." + name, type, split(text.text(), text.source())));
                        case ConfigValue.Nothing _ -> {}
                        case ConfigValue.Section inner ->
                            reading.problem(pathOf(key + "." + name), inner.source(), "must be a list");
                    }
                });
            case null -> {}
            case ConfigValue.Nothing _ -> {}
            case ConfigValue.Text _, ConfigValue.Items _ -> problem(key, "must be a mapping of names to lists");
        }
        note(key, named("names to lists of " + type.name()), "", "{}", meaning, result.toString(), key);
        return Collections.unmodifiableMap(result);
    }

    /** A section below this one; where its values are out of bounds, its defaults stand in. */
    <T> T section(String key, Function<ConfigNode, T> from) {
        ConfigNode node = below(key, section.entries().get(key));
        return node.build(from).orElseGet(() -> from.apply(below(key, null)));
    }

    /** Sections whose names the operator chooses, in the order of the names; {@code always} are there in any case. */
    <T> Map<String, T> sections(String key, Set<String> always, BiFunction<String, ConfigNode, T> from) {
        ConfigNode node = below(key, section.entries().get(key));
        Set<String> names = new LinkedHashSet<>(always);
        names.addAll(node.section.entries().keySet());
        Map<String, T> result = new LinkedHashMap<>();
        for (String name : names) {
            ConfigNode element = node.below(name, node.section.entries().get(name));
            element.build(inner -> from.apply(name, inner)).ifPresent(built -> result.put(name, built));
        }
        return Collections.unmodifiableMap(result);
    }

    /** A list of sections. */
    <T> List<T> items(String key, Function<ConfigNode, T> from) {
        known.add(key);
        List<T> result = new ArrayList<>();
        switch (section.entries().get(key)) {
            case ConfigValue.Items items -> {
                for (int index = 0; index < items.items().size(); index++) {
                    below(key + "[" + index + "]", items.items().get(index))
                            .build(from)
                            .ifPresent(result::add);
                }
            }
            case null -> {}
            case ConfigValue.Nothing _ -> {}
            case ConfigValue.Text _, ConfigValue.Section _ -> problem(key, "must be a list");
        }
        return List.copyOf(result);
    }

    /** Whether the operator wrote anything here. */
    boolean isWritten(String key) {
        ConfigValue value = section.entries().get(key);
        return value != null && !(value instanceof ConfigValue.Nothing);
    }

    References references() {
        return reading.references();
    }

    /** What has been read here, as it may be changed at run time; of the root section, after everything else. */
    Changeable changeable() {
        return Changeable.of(section, reading);
    }

    void problem(String key, String message) {
        reading.problem(pathOf(key), sourceOf(key), message);
    }

    private ConfigNode below(String key, @Nullable ConfigValue value) {
        known.add(key);
        return switch (value) {
            case ConfigValue.Section found -> new ConfigNode(reading, pathOf(key), found);
            case ConfigValue.Text text -> {
                reading.problem(pathOf(key), text.source(), "must be a mapping of keys to values");
                yield new ConfigNode(reading, pathOf(key), ConfigValue.Section.empty(text.source()));
            }
            case ConfigValue.Items items -> {
                reading.problem(pathOf(key), items.source(), "must be a mapping of keys to values");
                yield new ConfigNode(reading, pathOf(key), ConfigValue.Section.empty(items.source()));
            }
            case ConfigValue.Nothing nothing ->
                new ConfigNode(reading, pathOf(key), ConfigValue.Section.empty(nothing.source()));
            case null -> new ConfigNode(reading, pathOf(key), ConfigValue.Section.empty(Source.DEFAULT));
        };
    }

    private <T> Optional<T> build(Function<ConfigNode, T> from) {
        try {
            T built = from.apply(this);
            refuseUnknownKeys();
            return Optional.of(built);
        } catch (IllegalSetting outOfBounds) {
            problem(outOfBounds.key(), String.valueOf(outOfBounds.getMessage()));
            if (knowsEveryKeyOf(from)) {
                refuseUnknownKeys();
            }
            return Optional.empty();
        }
    }

    /** Learns the keys of a section that is out of bounds from its defaults; false where they say nothing about it. */
    private <T> boolean knowsEveryKeyOf(Function<ConfigNode, T> from) {
        ConfigNode defaults = new ConfigNode(new Reading(Map.of()), path, ConfigValue.Section.empty(Source.DEFAULT));
        try {
            T unused = from.apply(defaults);
        } catch (IllegalSetting alsoOutOfBounds) {
            return false;
        }
        return known.addAll(defaults.known) || !known.isEmpty();
    }

    private void refuseUnknownKeys() {
        section.entries().forEach((key, value) -> {
            if (!known.contains(key)) {
                refuseUnknown(key, value);
            }
        });
    }

    private void refuseUnknown(String key, ConfigValue value) {
        if (UnavailableSettings.isBelow(pathOf(key))) {
            for (String leaf : ConfigValue.leaves(pathOf(key), value)) {
                reading.problem(leaf, value.source(), leaf + " is not available in this version");
            }
            return;
        }
        String hint = NearestName.to(key, known)
                .map(near -> "did you mean " + pathOf(near) + "?")
                .orElseGet(() -> "known here are " + String.join(", ", known));
        reading.problem(
                pathOf(PLAIN_WORD.matcher(key).matches() ? key : "(not a plain word)"),
                value.source(),
                "unknown key; " + hint);
    }

    private <T> Optional<T> parsed(String key, SettingType<T> type) {
        return scalar(key).flatMap(text -> parse(key, type, text));
    }

    private <T> Optional<T> parse(String key, SettingType<T> type, ConfigValue.Text written) {
        try {
            String text =
                    written.literal() ? written.text() : reading.references().text(written.text());
            return text.isEmpty() ? Optional.empty() : Optional.of(type.parse(text));
        } catch (References.Unresolved | IllegalArgumentException refused) {
            reading.problem(pathOf(key), written.source(), String.valueOf(refused.getMessage()));
            return Optional.empty();
        }
    }

    private Optional<ConfigValue.Text> scalar(String key) {
        known.add(key);
        return switch (section.entries().get(key)) {
            case ConfigValue.Text text -> Optional.of(text);
            case null -> Optional.empty();
            case ConfigValue.Nothing _ -> Optional.empty();
            case ConfigValue.Items _, ConfigValue.Section _ -> {
                problem(key, "must be a single value");
                yield Optional.empty();
            }
        };
    }

    private <T, R> R note(
            String key, SettingType<T> type, String allowed, String fallback, String meaning, String shown, R result) {
        Source source = isWritten(key) ? sourceOf(key) : Source.DEFAULT;
        reading.saw(new Setting(pathOf(key), type.name(), allowed, fallback, meaning, shown, source));
        return result;
    }

    private Source sourceOf(String key) {
        ConfigValue.Section inside = section;
        String rest = key;
        for (int dot = rest.indexOf('.'); dot > 0; dot = rest.indexOf('.')) {
            if (!(inside.entries().get(rest.substring(0, dot)) instanceof ConfigValue.Section deeper)) {
                break;
            }
            inside = deeper;
            rest = rest.substring(dot + 1);
        }
        ConfigValue value = inside.entries().get(rest);
        return value == null ? section.source() : value.source();
    }

    private String pathOf(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private static SettingType<String> named(String name) {
        return new SettingType<>(name, text -> text, text -> text);
    }

    private static <T> String print(SettingType<T> type, List<T> values) {
        return values.stream().map(type::print).toList().toString();
    }

    private static <T> String print(SettingType<T> type, Map<String, T> values) {
        List<String> printed = new ArrayList<>();
        values.forEach((name, value) -> printed.add(name + ": " + type.print(value)));
        return "{" + String.join(", ", printed) + "}";
    }
}
