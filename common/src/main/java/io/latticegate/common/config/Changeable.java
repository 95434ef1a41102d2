package io.latticegate.common.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The changeable part of the configuration as files, environment and command line say it, with references resolved: what a
 * change at run time starts from. Secrets stand beside the document and cannot be changed with it.
 */
public final class Changeable {
    private static final List<String> SECTIONS = List.of("providers", "models", "routing", "projects");

    private final RulesDocument document;
    private final Map<String, ConfiguredSecret> secrets;
    private final ConfigDescription description;

    private Changeable(RulesDocument document, Map<String, ConfiguredSecret> secrets, ConfigDescription description) {
        this.document = document;
        this.secrets = Map.copyOf(secrets);
        this.description = description;
    }

    /** Whether the setting at {@code path} may be changed at run time. */
    static boolean isChangeable(String path) {
        return path.startsWith("security.cors.")
                || SECTIONS.stream().anyMatch(section -> path.startsWith(section + "."));
    }

    /** @param root a configuration that has been read, so that its secrets are known */
    static Changeable of(ConfigValue.Section root, Reading reading) {
        Map<String, ConfigValue> kept = new LinkedHashMap<>();
        for (String section : SECTIONS) {
            ConfigValue written = root.entries().get(section);
            if (written != null) {
                kept.put(section, resolved(section, written, reading));
            }
        }
        if (root.entries().get("security") instanceof ConfigValue.Section security
                && security.entries().get("cors") instanceof ConfigValue.Section cors) {
            kept.put("security", ConfigValue.Section.holding("cors", resolved("security.cors", cors, reading)));
        }
        RulesDocument document = RulesDocument.of(new ConfigValue.Section(kept, root.source()));
        if (document.length() > RulesDocument.BYTES_MAX) {
            reading.problem(
                    "providers",
                    root.source(),
                    "and models, routing, projects and security.cors together have " + document.length()
                            + " bytes without comments; allowed are " + SizeText.print(RulesDocument.BYTES_MAX));
        }
        return new Changeable(
                document, reading.secrets(), new ConfigDescription(reading.settings(), reading.secrets()));
    }

    private static ConfigValue resolved(String path, ConfigValue written, Reading reading) {
        return switch (written) {
            case ConfigValue.Section section -> {
                Map<String, ConfigValue> entries = new LinkedHashMap<>();
                section.entries().forEach((key, value) -> {
                    String inner = path + "." + key;
                    if (!isSecret(inner, reading)) {
                        entries.put(key, resolved(inner, value, reading));
                    }
                });
                yield new ConfigValue.Section(entries, section.source());
            }
            case ConfigValue.Items items ->
                new ConfigValue.Items(
                        items.items().stream()
                                .map(item -> resolved(path, item, reading))
                                .toList(),
                        items.source());
            case ConfigValue.Text text -> text.literal() ? text : plain(text, reading);
            case ConfigValue.Nothing nothing -> nothing;
        };
    }

    /** Also true of a list whose items hold secrets: an item is known by its place, which a change would move. */
    private static boolean isSecret(String path, Reading reading) {
        return reading.secrets().keySet().stream().anyMatch(one -> one.equals(path) || one.startsWith(path + "["));
    }

    /** Text that cannot be resolved stays as it is: the reading has refused it already. */
    private static ConfigValue plain(ConfigValue.Text text, Reading reading) {
        try {
            return new ConfigValue.Text(reading.references().text(text.text()), true, text.source());
        } catch (References.Unresolved | IllegalArgumentException refused) {
            return text;
        }
    }

    /** What is written, without secrets. */
    public RulesDocument document() {
        return document;
    }

    /** Every setting of the whole configuration, as it was read. */
    ConfigDescription description() {
        return description;
    }

    /** The secrets of the whole configuration by their paths. */
    Map<String, ConfiguredSecret> secrets() {
        return secrets;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Changeable changeable && document.equals(changeable.document);
    }

    @Override
    public int hashCode() {
        return document.hashCode();
    }

    @Override
    public String toString() {
        return "Changeable(" + document + ")";
    }
}
