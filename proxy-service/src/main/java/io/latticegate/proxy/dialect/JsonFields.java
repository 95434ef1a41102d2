package io.latticegate.proxy.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads an object's fields with their path at hand, and remembers which were asked for, so that the rest can be reported.
 * JSON null reads as absent. A wrong type throws {@link RefusedField}.
 *
 * <p>{@link #protoJson} reads the JSON mapping of protocol buffers: a field may be named in {@code lowerCamelCase} or in {@code
 * snake_case}, a whole number may be a string, and a single object stands for a list of one.
 */
public final class JsonFields {
    private static final Pattern DECIMAL = Pattern.compile("-?\\d{1,18}");

    private final JsonNode object;
    private final String path;
    private final boolean protoJson;
    private final Set<String> read = new HashSet<>();

    /** {@code path} is empty for the root. */
    public JsonFields(JsonNode node, String path) {
        this(node, path, false);
    }

    private JsonFields(JsonNode node, String path, boolean protoJson) {
        if (!node.isObject()) {
            throw RefusedField.invalid(path, (path.isEmpty() ? "The body" : path) + " must be an object");
        }
        this.object = node;
        this.path = path;
        this.protoJson = protoJson;
    }

    /** Reads a protocol buffer's JSON; fields are asked for in {@code lowerCamelCase}. */
    public static JsonFields protoJson(JsonNode node, String path) {
        return new JsonFields(node, path, true);
    }

    /** The path of a field of this object. */
    public String path(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    /** The value, or null when absent or JSON null. */
    public @Nullable JsonNode value(String name) {
        read.add(name);
        JsonNode value = object.get(name);
        if (protoJson) {
            String original = snakeCase(name);
            JsonNode byOriginalName = original.equals(name) ? null : object.get(original);
            if (byOriginalName != null) {
                if (value != null) {
                    throw RefusedField.invalid(path(name), path(name) + " is given twice, also as " + original);
                }
                read.add(original);
                value = byOriginalName;
            }
        }
        return value == null || value.isNull() ? null : value;
    }

    private static String snakeCase(String lowerCamelCase) {
        var name = new StringBuilder(lowerCamelCase.length() + 4);
        for (int i = 0; i < lowerCamelCase.length(); i++) {
            char c = lowerCamelCase.charAt(i);
            if (c >= 'A' && c <= 'Z') {
                name.append('_').append((char) (c - 'A' + 'a'));
            } else {
                name.append(c);
            }
        }
        return name.toString();
    }

    public @Nullable String text(String name) {
        JsonNode value = value(name);
        if (value == null) {
            return null;
        }
        if (!value.isTextual()) {
            throw RefusedField.invalid(path(name), path(name) + " must be a string");
        }
        return value.textValue();
    }

    public String requiredText(String name) {
        String text = text(name);
        if (text == null) {
            throw RefusedField.invalid(path(name), path(name) + " is required");
        }
        return text;
    }

    public @Nullable Boolean flag(String name) {
        JsonNode value = value(name);
        if (value == null) {
            return null;
        }
        if (!value.isBoolean()) {
            throw RefusedField.invalid(path(name), path(name) + " must be true or false");
        }
        return value.booleanValue();
    }

    /** A whole number from 0 to 2³¹-1. */
    public @Nullable Long count(String name) {
        Long whole = whole(name);
        if (whole != null && (whole < 0 || whole > Integer.MAX_VALUE)) {
            throw RefusedField.invalid(path(name), path(name) + " must be from 0 to " + Integer.MAX_VALUE);
        }
        return whole;
    }

    /** A whole number of 64 bits. */
    public @Nullable Long whole(String name) {
        JsonNode value = value(name);
        if (value == null) {
            return null;
        }
        if (protoJson && value.isTextual() && DECIMAL.matcher(value.textValue()).matches()) {
            return Long.valueOf(value.textValue());
        }
        if (protoJson && value.isNumber() && value.canConvertToExactIntegral() && value.canConvertToLong()) {
            return value.longValue();
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw RefusedField.invalid(path(name), path(name) + " must be a whole number");
        }
        return value.longValue();
    }

    /** A finite number. */
    public @Nullable Double number(String name) {
        JsonNode value = value(name);
        if (value == null) {
            return null;
        }
        if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
            throw RefusedField.invalid(path(name), path(name) + " must be a number");
        }
        return value.doubleValue();
    }

    /** The fields of an object, or null. */
    public @Nullable JsonFields object(String name) {
        JsonNode value = value(name);
        return value == null ? null : new JsonFields(value, path(name), protoJson);
    }

    /** The elements of an array, each of which must be an object; empty when absent. */
    public List<JsonFields> objects(String name) {
        List<JsonFields> objects = new ArrayList<>();
        JsonNode value = value(name);
        if (value == null) {
            return objects;
        }
        if (protoJson && value.isObject()) {
            objects.add(new JsonFields(value, path(name), true));
            return objects;
        }
        if (!value.isArray()) {
            throw RefusedField.invalid(path(name), path(name) + " must be an array");
        }
        for (int i = 0; i < value.size(); i++) {
            objects.add(new JsonFields(value.get(i), path(name) + "[" + i + "]", protoJson));
        }
        return objects;
    }

    /** A string, or an array of strings, as a list; empty when absent. */
    public List<String> texts(String name) {
        JsonNode value = value(name);
        if (value == null) {
            return List.of();
        }
        if (value.isTextual()) {
            return List.of(value.textValue());
        }
        List<String> texts = new ArrayList<>();
        if (value.isArray()) {
            value.forEach(element -> {
                if (element.isTextual()) {
                    texts.add(element.textValue());
                }
            });
        }
        if (!value.isArray() || texts.size() != value.size()) {
            throw RefusedField.invalid(path(name), path(name) + " must be a string or an array of strings");
        }
        return texts;
    }

    /** Reports every present field that was never asked for. */
    public void reportUnread(DroppedFields dropped) {
        object.fieldNames().forEachRemaining(name -> {
            if (!read.contains(name) && !object.get(name).isNull()) {
                dropped.add(path(name));
            }
        });
    }
}
