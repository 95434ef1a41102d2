package io.latticegate.proxy.dialect.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.latticegate.proxy.dialect.DroppedFields;
import io.latticegate.proxy.dialect.RefusedField;
import java.util.Locale;
import java.util.Set;

/**
 * Turns Gemini's {@code Schema}, a selection of OpenAPI 3.0, into JSON Schema: type names become lower case, {@code
 * nullable} becomes a second type, and limits that are 64-bit numbers written as strings become numbers.
 */
final class GeminiSchema {
    private static final Set<String> COPIED =
            Set.of("title", "description", "enum", "default", "required", "minimum", "maximum", "pattern", "format");
    private static final Set<String> COUNTS =
            Set.of("minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties");

    private final DroppedFields dropped;

    GeminiSchema(DroppedFields dropped) {
        this.dropped = dropped;
    }

    /** @param path of {@code schema} in the request */
    JsonNode toJsonSchema(JsonNode schema, String path) {
        if (!schema.isObject()) {
            throw RefusedField.invalid(path, path + " must be an object");
        }
        ObjectNode converted = JsonNodeFactory.instance.objectNode();
        schema.properties().forEach(member -> convert(member.getKey(), member.getValue(), path, converted));
        if (schema.path("nullable").asBoolean(false) && converted.path("type").isTextual()) {
            String type = converted.path("type").textValue();
            converted.putArray("type").add(type).add("null");
        }
        return converted;
    }

    private void convert(String written, JsonNode value, String path, ObjectNode into) {
        String name = lowerCamelCase(written);
        String at = path + "." + written;
        switch (name) {
            case "type" -> {
                if (!value.isTextual()) {
                    throw RefusedField.invalid(at, at + " must be a string");
                }
                if (!value.textValue().equals("TYPE_UNSPECIFIED")) {
                    into.put("type", value.textValue().toLowerCase(Locale.ROOT));
                }
            }
            case "nullable" -> {}
            case "properties" -> {
                if (!value.isObject()) {
                    throw RefusedField.invalid(at, at + " must be an object");
                }
                ObjectNode properties = into.putObject("properties");
                value.properties()
                        .forEach(one ->
                                properties.set(one.getKey(), toJsonSchema(one.getValue(), at + "." + one.getKey())));
            }
            case "items" -> into.set("items", toJsonSchema(value, at));
            case "anyOf" -> {
                if (!value.isArray()) {
                    throw RefusedField.invalid(at, at + " must be an array");
                }
                var alternatives = into.putArray("anyOf");
                value.forEach(one -> alternatives.add(toJsonSchema(one, at + "[]")));
            }
            default -> {
                if (COUNTS.contains(name)) {
                    into.put(name, count(value, at));
                } else if (COPIED.contains(name)) {
                    into.set(name, value);
                } else {
                    dropped.add(at);
                }
            }
        }
    }

    private static long count(JsonNode value, String at) {
        String digits = value.asText("");
        if (!digits.matches("\\d{1,18}")) {
            throw RefusedField.invalid(at, at + " must be a whole number from 0 up");
        }
        return Long.parseLong(digits);
    }

    private static String lowerCamelCase(String name) {
        return switch (name) {
            case "any_of" -> "anyOf";
            case "min_items" -> "minItems";
            case "max_items" -> "maxItems";
            case "min_length" -> "minLength";
            case "max_length" -> "maxLength";
            case "min_properties" -> "minProperties";
            case "max_properties" -> "maxProperties";
            default -> name;
        };
    }
}
