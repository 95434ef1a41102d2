package io.latticegate.client;

import com.fasterxml.jackson.databind.JsonNode;
import io.latticegate.client.error.BrokenReplyException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;

/** The fields of a reply that a client needs; one that is missing or of another kind breaks the reply. */
final class Fields {
    private final JsonNode node;
    private final String where;

    Fields(JsonNode node, String where) {
        this.node = node;
        this.where = where;
    }

    private BrokenReplyException broken(String name, String wanted) {
        return new BrokenReplyException(where + " has no field " + name + " that is " + wanted);
    }

    String text(String name) {
        JsonNode value = node.path(name);
        if (!value.isTextual()) {
            throw broken(name, "a text");
        }
        return value.textValue();
    }

    /** A text that goes into paths: letters, digits, dots, dashes, underscores and tildes. */
    String id(String name) {
        String text = text(name);
        if (!text.matches("[A-Za-z0-9._~-]{1,200}")) {
            throw broken(name, "an identifier");
        }
        return text;
    }

    long whole(String name, long least, long most) {
        JsonNode value = node.path(name);
        if (!value.isIntegralNumber()
                || !value.canConvertToLong()
                || value.longValue() < least
                || value.longValue() > most) {
            throw broken(name, "an integer from " + least + " to " + most);
        }
        return value.longValue();
    }

    int count(String name, int most) {
        return (int) whole(name, 0, most);
    }

    boolean flag(String name) {
        JsonNode value = node.path(name);
        if (!value.isBoolean()) {
            throw broken(name, "true or false");
        }
        return value.booleanValue();
    }

    double number(String name) {
        JsonNode value = node.path(name);
        if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
            throw broken(name, "a finite number");
        }
        return value.doubleValue();
    }

    Instant instant(String name) {
        try {
            return Instant.parse(text(name));
        } catch (DateTimeParseException malformed) {
            throw broken(name, "a time such as 2026-01-01T00:00:00Z");
        }
    }

    Fields object(String name) {
        JsonNode value = node.path(name);
        if (!value.isObject()) {
            throw broken(name, "an object");
        }
        return new Fields(value, where + ", " + name);
    }

    List<Fields> objects(String name) {
        JsonNode value = node.path(name);
        if (!value.isArray()) {
            throw broken(name, "a list");
        }
        List<Fields> objects = new ArrayList<>();
        for (JsonNode one : value) {
            if (!one.isObject()) {
                throw broken(name, "a list of objects");
            }
            objects.add(new Fields(one, where + ", " + name));
        }
        return objects;
    }

    List<Integer> integers(String name, int least, int most) {
        JsonNode value = node.path(name);
        if (!value.isArray()) {
            throw broken(name, "a list");
        }
        List<Integer> integers = new ArrayList<>();
        for (JsonNode one : value) {
            if (!one.isInt() || one.intValue() < least || one.intValue() > most) {
                throw broken(name, "a list of integers from " + least + " to " + most);
            }
            integers.add(one.intValue());
        }
        return integers;
    }

    List<String> texts(String name) {
        JsonNode value = node.path(name);
        if (!value.isArray()) {
            throw broken(name, "a list");
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode one : value) {
            if (!one.isTextual()) {
                throw broken(name, "a list of texts");
            }
            texts.add(one.textValue());
        }
        return texts;
    }
}
