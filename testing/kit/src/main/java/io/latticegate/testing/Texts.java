package io.latticegate.testing;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The texts inside a request's content, which is a string, a part, or a list of parts. */
final class Texts {
    /** All texts of {@code content}, joined by line breaks; parts without text give nothing. */
    static String of(@Nullable Object content) {
        return switch (content) {
            case null -> "";
            case String text -> text;
            case JsonArray parts ->
                parts.stream().map(Texts::of).filter(text -> !text.isEmpty()).collect(Collectors.joining("\n"));
            case JsonObject part when part.getValue("text") instanceof String text -> text;
            case JsonObject part when part.containsKey("content") -> of(part.getValue("content"));
            case JsonObject part when part.containsKey("parts") -> of(part.getValue("parts"));
            case JsonObject part
            when part.containsKey("functionResponse") ->
                result(part.getJsonObject("functionResponse").getJsonObject("response", new JsonObject()));
            case JsonObject part when part.containsKey("output") -> of(part.getValue("output"));
            default -> "";
        };
    }

    /** What a function gave: the text under {@code output}, where Gemini's reference puts it, or the whole object. */
    private static String result(JsonObject response) {
        return response.getValue("output") instanceof String output ? output : response.encode();
    }

    /** The JSON objects of a list; anything else in it is left out. */
    static List<JsonObject> objects(@Nullable JsonArray array) {
        List<JsonObject> objects = new ArrayList<>();
        if (array != null) {
            for (int i = 0; i < array.size(); i++) {
                if (array.getValue(i) instanceof JsonObject object) {
                    objects.add(object);
                }
            }
        }
        return objects;
    }

    private Texts() {}
}
