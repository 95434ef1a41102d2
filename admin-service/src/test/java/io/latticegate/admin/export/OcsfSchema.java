package io.latticegate.admin.export;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Class API Activity of the Open Cybersecurity Schema Framework 1.6.0 as published, in an extract that names its source and licence:
 * required attributes, types with their patterns and lengths, values of enumerations, and what an object must have one of.
 */
public final class OcsfSchema {
    private static final String RESOURCE = "/ocsf/api-activity-1.6.0.json";
    private static final int UNMAPPED_VALUE = 99;

    private final JsonObject schema;

    public OcsfSchema() {
        try (InputStream extract = Objects.requireNonNull(OcsfSchema.class.getResourceAsStream(RESOURCE))) {
            schema = new JsonObject(new String(extract.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    String version() {
        return schema.getString("tag");
    }

    /** Where {@code event} is not as the class says, one line each. */
    public List<String> problems(JsonObject event) {
        List<String> problems = new ArrayList<>();
        JsonObject of = schema.getJsonObject("class");
        object("", event, of, problems);
        long type = of.getLong("uid") * 100 + event.getLong("activity_id", -1L);
        if (!Objects.equals(event.getLong("type_uid"), type)) {
            problems.add("type_uid is not class_uid * 100 + activity_id");
        }
        return problems;
    }

    private void object(String at, JsonObject value, JsonObject of, List<String> problems) {
        JsonObject attributes = of.getJsonObject("attributes");
        for (String name : value.fieldNames()) {
            if (!attributes.containsKey(name)) {
                problems.add(at + name + " is no attribute");
            }
        }
        for (String name : attributes.fieldNames()) {
            JsonObject attribute = attributes.getJsonObject(name);
            if (value.getValue(name) == null) {
                if (attribute.getString("requirement").equals("required")) {
                    problems.add(at + name + " is required");
                }
            } else if (attribute.containsKey("deprecated")) {
                problems.add(at + name + " is deprecated since " + attribute.getString("deprecated"));
            } else {
                attribute(at + name, value.getValue(name), attribute, problems);
                sibling(at + name, value, name, attribute, problems);
            }
        }
        JsonArray oneOf = of.getJsonObject("constraints", new JsonObject()).getJsonArray("at_least_one");
        if (oneOf != null && oneOf.stream().noneMatch(name -> value.containsKey((String) name))) {
            problems.add(at + "has none of " + oneOf.encode());
        }
    }

    private void attribute(String at, Object value, JsonObject attribute, List<String> problems) {
        if (attribute.getBoolean("is_array", false)) {
            if (value instanceof JsonArray all) {
                JsonObject one = attribute.copy().put("is_array", false);
                for (int place = 0; place < all.size(); place++) {
                    attribute(at + "[" + place + "]", all.getValue(place), one, problems);
                }
            } else {
                problems.add(at + " is no list");
            }
            return;
        }
        String object = attribute.getString("object");
        if (object == null) {
            scalar(at, value, attribute, problems);
        } else if (!(value instanceof JsonObject inner)) {
            problems.add(at + " is no object");
        } else if (!object.equals("object")) {
            JsonObject of = schema.getJsonObject("objects").getJsonObject(object);
            if (of == null) {
                problems.add(at + " is of type " + object + ", which the extract lacks");
            } else {
                object(at + ".", inner, of, problems);
            }
        }
    }

    private void scalar(String at, Object value, JsonObject attribute, List<String> problems) {
        JsonObject type = schema.getJsonObject("types").getJsonObject(attribute.getString("type"));
        boolean fits = switch (type.getString("base")) {
            case "string_t" -> value instanceof String text && textFits(text, type);
            case "boolean_t" -> value instanceof Boolean;
            case "integer_t" -> value instanceof Integer number && inRange(number, type);
            case "long_t" -> value instanceof Integer || value instanceof Long;
            case "json_t" -> true;
            default -> false;
        };
        if (!fits) {
            problems.add(at + " is no " + attribute.getString("type") + ": " + value);
        }
        JsonObject values = attribute.getJsonObject("enum");
        if (values != null && !values.containsKey(String.valueOf(value))) {
            problems.add(at + " is none of " + values.fieldNames() + ": " + value);
        }
    }

    private static boolean textFits(String text, JsonObject type) {
        return text.length() <= type.getInteger("max_len", Integer.MAX_VALUE)
                && (!type.containsKey("regex")
                        || Pattern.compile(type.getString("regex"))
                                .matcher(text)
                                .find());
    }

    private static boolean inRange(int number, JsonObject type) {
        JsonArray range = type.getJsonArray("range");
        return range == null || (number >= range.getInteger(0) && number <= range.getInteger(1));
    }

    /** The text beside a number is the number's caption, but for 99, whose text says what the number cannot. */
    private static void sibling(String at, JsonObject value, String name, JsonObject attribute, List<String> problems) {
        String sibling = attribute.getString("sibling");
        JsonObject captions = attribute.getJsonObject("enum");
        if (sibling == null || captions == null || !(value.getValue(name) instanceof Number number)) {
            return;
        }
        String text = value.getString(sibling);
        String caption = captions.getString(number.toString());
        if (number.longValue() == UNMAPPED_VALUE && name.equals("activity_id")) {
            if (text == null || text.equals(caption)) {
                problems.add(at + " is 99, but " + sibling + " does not say what the source calls it");
            }
        } else if (text != null && !text.equals(caption)) {
            problems.add(at + " is " + caption + ", but " + sibling + " says " + text);
        }
    }
}
