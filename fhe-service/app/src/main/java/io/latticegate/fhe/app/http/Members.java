package io.latticegate.fhe.app.http;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The members of a JSON object from outside, each of one type and within bounds. A member that is not known is refused. */
public final class Members {
    private final JsonObject object;
    private final String where;

    /**
     * @param where names the object in refusals
     * @param known every member that it may have
     */
    public Members(JsonObject object, String where, String... known) {
        this.object = object;
        this.where = where;
        TreeSet<String> unknown = new TreeSet<>(object.fieldNames());
        List.of(known).forEach(unknown::remove);
        if (!unknown.isEmpty()) {
            throw Refusal.invalid(where + " has the member \"" + shortened(unknown.first()) + "\"; allowed are "
                    + String.join(", ", known));
        }
    }

    private static String shortened(String text) {
        return text.length() <= 64 ? text : text.substring(0, 64) + "…";
    }

    private Refusal wrong(String name, String allowed) {
        return Refusal.invalid(where + ": " + name + " must be " + allowed);
    }

    public @Nullable String findText(String name) {
        return switch (object.getValue(name)) {
            case null -> null;
            case String text -> text;
            default -> throw wrong(name, "a string");
        };
    }

    public String text(String name) {
        String text = findText(name);
        if (text == null) {
            throw wrong(name, "a string; it is missing");
        }
        return text;
    }

    /** A whole number, or the fallback where there is none. */
    public int number(String name, int min, int max, int fallback) {
        return object.getValue(name) == null ? fallback : number(name, min, max);
    }

    public int number(String name, int min, int max) {
        return whole(object.getValue(name), name, min, max);
    }

    private int whole(@Nullable Object value, String name, int min, int max) {
        if (value instanceof Integer number && number >= min && number <= max) {
            return number;
        }
        throw wrong(name, "a whole number from " + min + " to " + max);
    }

    /** A list of whole numbers. */
    public List<Integer> numbers(String name, int countMin, int countMax, int min, int max) {
        List<Integer> numbers = new ArrayList<>();
        for (Object value : items(name, countMin, countMax)) {
            numbers.add(whole(value, name + "[" + numbers.size() + "]", min, max));
        }
        return numbers;
    }

    /** A list of objects. */
    public List<JsonObject> objects(String name, int countMin, int countMax) {
        List<JsonObject> objects = new ArrayList<>();
        for (Object value : items(name, countMin, countMax)) {
            if (!(value instanceof JsonObject member)) {
                throw wrong(name + "[" + objects.size() + "]", "an object");
            }
            objects.add(member);
        }
        return objects;
    }

    private JsonArray items(String name, int countMin, int countMax) {
        if (object.getValue(name) instanceof JsonArray array && array.size() >= countMin && array.size() <= countMax) {
            return array;
        }
        throw wrong(name, "a list of " + countMin + " to " + countMax);
    }
}
