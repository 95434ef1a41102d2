package io.latticegate.common.config;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.latticegate.common.crypto.Sha256;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The part of the configuration that may change while the gateway runs, as it is written: {@code providers}, {@code models},
 * {@code routing}, {@code projects} and {@code security.cors}. What it means is read by {@link LatticegateConfig#with}, with the checks of a
 * start. It holds no secret and no reference: {@code ${NAME}} and {@code file:} in it are plain text. Immutable; equal when
 * the JSON is.
 */
public final class RulesDocument {
    /** Largest document in its canonical JSON, in bytes; a body may be somewhat longer. */
    public static final int BYTES_MAX = 768 * 1024;

    /** Largest body that is read as a document or a patch, in bytes. */
    public static final int BODY_BYTES_MAX = YamlDocument.SIZE_MAX;

    /** What else a text may be in JSON without becoming another text when it is read again. */
    private static final Pattern PLAIN = Pattern.compile("true|false|-?(0|[1-9][0-9]{0,14})(\\.[0-9]{1,15})?");

    private static final JsonFactory JSON = new JsonFactory();

    /** A document in which nothing is written, so that every default holds. */
    public static final RulesDocument EMPTY = new RulesDocument(ConfigValue.Section.empty(Source.DEFAULT));

    private final ConfigValue.Section section;
    private final String json;

    /** What a body is written in. */
    public enum Format {
        /** RFC 8259. */
        JSON,
        /** YAML 1.2, without anchors, aliases and tags. */
        YAML
    }

    /**
     * One difference between two documents.
     *
     * @param pointer where, as a JSON Pointer (RFC 6901)
     * @param before the older value as JSON; null: there was none
     * @param after the newer value as JSON; null: there is none
     */
    public record Difference(
            String pointer,
            @Nullable String before,
            @Nullable String after) {
        /** {@code +}, {@code -} or {@code ~} and the place, without values. */
        public String summary() {
            return (before == null ? "+ " : after == null ? "- " : "~ ") + pointer;
        }
    }

    private RulesDocument(ConfigValue.Section section) {
        this.section = section;
        this.json = json(section);
    }

    /** The document that {@code section} is, without its {@code null}s. */
    static RulesDocument of(ConfigValue.Section section) {
        return new RulesDocument(merged(ConfigValue.Section.empty(section.source()), section));
    }

    /** Reads back what {@link #json} gave. */
    public static RulesDocument stored(String json) {
        return EMPTY.patched(Format.JSON, "stored", json.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Reads a whole document.
     *
     * @param label names the source in messages
     * @throws ConfigException where it is malformed or too large; what its values mean is not looked at
     */
    public static RulesDocument read(Format format, String label, byte[] content) {
        return EMPTY.patched(format, label, content);
    }

    /**
     * This document with a merge patch (RFC 7396) applied: mappings merge, everything else is replaced, {@code null} removes.
     *
     * @throws ConfigException where the patch is malformed, or it or the result too large
     */
    public RulesDocument patched(Format format, String label, byte[] patch) {
        ConfigValue.Section written = switch (format) {
            case JSON -> JsonDocument.parse(label, patch);
            case YAML -> YamlDocument.parse(label, patch);
        };
        Reading reading = new Reading(Map.of());
        ConfigValue.Section canonical = ConfigLoader.canonical(written, "", reading);
        reading.refuseIfProblems();
        RulesDocument result = new RulesDocument(merged(section, canonical));
        int length = result.length();
        if (length > BYTES_MAX) {
            throw new ConfigException(List.of(new ConfigProblem(
                    label,
                    "",
                    "has " + length + " bytes once it is normalised; allowed are " + SizeText.print(BYTES_MAX))));
        }
        return result;
    }

    /** Length of the canonical JSON in bytes. */
    int length() {
        return json.getBytes(StandardCharsets.UTF_8).length;
    }

    /** Canonical JSON: keys in snake case and in the order in which they were written, no white space. */
    public String json() {
        return json;
    }

    /** SHA-256 of {@link #json} in lower-case hexadecimal. */
    public String hash() {
        return HexFormat.of().formatHex(Sha256.of(json.getBytes(StandardCharsets.UTF_8)));
    }

    /** What changed from this document to {@code newer}; lists are compared whole, and the order of keys does not count. */
    public List<Difference> differencesTo(RulesDocument newer) {
        List<Difference> found = new ArrayList<>();
        compare("", section, newer.section, found);
        return List.copyOf(found);
    }

    ConfigValue.Section section() {
        return section;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RulesDocument document && json.equals(document.json);
    }

    @Override
    public int hashCode() {
        return json.hashCode();
    }

    /** Only its length. */
    @Override
    public String toString() {
        return "RulesDocument(" + json.length() + " characters)";
    }

    private static ConfigValue.Section merged(ConfigValue.Section target, ConfigValue.Section patch) {
        Map<String, ConfigValue> entries = new LinkedHashMap<>(target.entries());
        patch.entries().forEach((key, value) -> {
            switch (value) {
                case ConfigValue.Nothing _ -> entries.remove(key);
                case ConfigValue.Section inner -> {
                    ConfigValue.Section below = entries.get(key) instanceof ConfigValue.Section existing
                            ? existing
                            : ConfigValue.Section.empty(inner.source());
                    entries.put(key, merged(below, inner));
                }
                case ConfigValue.Items items -> entries.put(key, literal(items));
                case ConfigValue.Text text -> entries.put(key, literal(text));
            }
        });
        return new ConfigValue.Section(entries, patch.source());
    }

    private static ConfigValue literal(ConfigValue value) {
        return switch (value) {
            case ConfigValue.Text text -> new ConfigValue.Text(text.text(), true, text.source());
            case ConfigValue.Items items ->
                new ConfigValue.Items(
                        items.items().stream().map(RulesDocument::literal).toList(), items.source());
            case ConfigValue.Section inner -> merged(ConfigValue.Section.empty(inner.source()), inner);
            case ConfigValue.Nothing nothing -> nothing;
        };
    }

    private static void compare(
            String at, ConfigValue.Section older, ConfigValue.Section newer, List<Difference> found) {
        Set<String> keys = new LinkedHashSet<>(older.entries().keySet());
        keys.addAll(newer.entries().keySet());
        for (String key : keys) {
            String pointer = at + "/" + key.replace("~", "~0").replace("/", "~1");
            ConfigValue before = older.entries().get(key);
            ConfigValue after = newer.entries().get(key);
            if (before instanceof ConfigValue.Section left && after instanceof ConfigValue.Section right) {
                compare(pointer, left, right, found);
                continue;
            }
            String was = before == null ? null : json(before);
            String is = after == null ? null : json(after);
            if (was == null || !was.equals(is)) {
                found.add(new Difference(pointer, was, is));
            }
        }
    }

    private static String json(ConfigValue value) {
        StringWriter text = new StringWriter();
        try (JsonGenerator out = JSON.createGenerator(text)) {
            write(value, out);
        } catch (IOException impossible) {
            throw new UncheckedIOException("writing to memory failed", impossible);
        }
        return text.toString();
    }

    private static void write(ConfigValue value, JsonGenerator out) throws IOException {
        switch (value) {
            case ConfigValue.Text text -> {
                if (PLAIN.matcher(text.text()).matches() && !text.text().equals("-0")) {
                    out.writeRawValue(text.text());
                } else {
                    out.writeString(text.text());
                }
            }
            case ConfigValue.Items items -> {
                out.writeStartArray();
                for (ConfigValue item : items.items()) {
                    write(item, out);
                }
                out.writeEndArray();
            }
            case ConfigValue.Section inner -> {
                out.writeStartObject();
                for (Map.Entry<String, ConfigValue> entry : inner.entries().entrySet()) {
                    out.writeFieldName(entry.getKey());
                    write(entry.getValue(), out);
                }
                out.writeEndObject();
            }
            case ConfigValue.Nothing _ -> out.writeNull();
        }
    }
}
