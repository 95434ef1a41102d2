package io.latticegate.common.config;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads one JSON object (RFC 8259) into {@link ConfigValue}s within the bounds of {@link YamlDocument}; no key twice. */
final class JsonDocument {
    private static final int NUMBER_LENGTH_MAX = 40;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(YamlDocument.DEPTH_MAX + 1)
                    .maxStringLength(YamlDocument.SIZE_MAX)
                    .maxNameLength(1_000)
                    .maxNumberLength(NUMBER_LENGTH_MAX)
                    .build())
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    private final String label;
    private final JsonParser parser;
    private int values;

    private JsonDocument(String label, JsonParser parser) {
        this.label = label;
        this.parser = parser;
    }

    /** @throws ConfigException naming {@code label} and the line */
    static ConfigValue.Section parse(String label, byte[] content) {
        if (content.length > YamlDocument.SIZE_MAX) {
            throw refusal(label, 0, "is larger than " + SizeText.print(YamlDocument.SIZE_MAX));
        }
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(content))
                    .toString();
        } catch (CharacterCodingException malformed) {
            throw refusal(label, 0, "is not UTF-8");
        }
        try (JsonParser parser = FACTORY.createParser(text)) {
            return new JsonDocument(label, parser).document();
        } catch (JsonProcessingException malformed) {
            JsonLocation place = malformed.getLocation();
            throw refusal(label, place == null ? 0 : place.getLineNr(), "is not valid JSON");
        } catch (IOException impossible) {
            throw new UncheckedIOException("reading from memory failed", impossible);
        }
    }

    private ConfigValue.Section document() throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw refusal(label, line(), "must hold a JSON object");
        }
        ConfigValue.Section found = section(1);
        if (parser.nextToken() != null) {
            throw refusal(label, line(), "goes on after the JSON object");
        }
        return found;
    }

    private ConfigValue value(@Nullable JsonToken token, int depth) throws IOException {
        Source source = source();
        if (++values > YamlDocument.VALUES_MAX) {
            throw refusal(label, source.line(), "holds more than " + YamlDocument.VALUES_MAX + " values");
        }
        if (depth > YamlDocument.DEPTH_MAX) {
            throw refusal(label, source.line(), "is nested deeper than " + YamlDocument.DEPTH_MAX);
        }
        return switch (token) {
            case START_OBJECT -> section(depth);
            case START_ARRAY -> {
                List<ConfigValue> items = new ArrayList<>();
                for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
                    items.add(value(next, depth + 1));
                }
                yield new ConfigValue.Items(items, source);
            }
            case VALUE_NULL -> new ConfigValue.Nothing(source);
            case VALUE_STRING, VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT, VALUE_TRUE, VALUE_FALSE ->
                new ConfigValue.Text(parser.getText(), true, source);
            case null, default -> throw refusal(label, source.line(), "is not valid JSON");
        };
    }

    private ConfigValue.Section section(int depth) throws IOException {
        Source source = source();
        Map<String, ConfigValue> entries = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            ConfigValue value = value(parser.nextToken(), depth + 1);
            if (entries.putIfAbsent(name, value) != null) {
                throw refusal(label, line(), "has the key " + SettingType.quote(name) + " twice");
            }
        }
        return new ConfigValue.Section(entries, source);
    }

    private Source source() {
        return new Source(label, line());
    }

    private int line() {
        return parser.currentTokenLocation().getLineNr();
    }

    private static ConfigException refusal(String label, int line, String message) {
        return new ConfigException(List.of(new ConfigProblem(label + (line > 0 ? ":" + line : ""), "", message)));
    }
}
