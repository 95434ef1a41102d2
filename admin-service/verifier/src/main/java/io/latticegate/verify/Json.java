package io.latticegate.verify;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads JSON (RFC 8259) of the shape that a list of keys has: objects, arrays, texts; numbers and words are read as texts.
 * Anything malformed, a name given twice and nesting beyond {@value #DEPTH_MAX} is refused.
 */
final class Json {
    private static final int DEPTH_MAX = 16;

    /** A value. */
    sealed interface Value {
        record Members(Map<String, Value> members) implements Value {
            /** A member that is a text. */
            Optional<String> text(String name) {
                return members.get(name) instanceof Text text ? Optional.of(text.value()) : Optional.empty();
            }

            /** A member that is an array; empty where it is absent or something else. */
            List<Value> items(String name) {
                return members.get(name) instanceof Items found ? found.items() : List.of();
            }
        }

        record Items(List<Value> items) implements Value {}

        record Text(String value) implements Value {}

        /** A number, true, false or null, as written. */
        record Word(String value) implements Value {}
    }

    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    /** @throws IllegalArgumentException when the text is not one JSON value */
    static Value parse(String text) {
        Json json = new Json(text);
        Value value = json.value(0);
        json.skipSpace();
        if (json.at != text.length()) {
            throw json.malformed();
        }
        return value;
    }

    private Value value(int depth) {
        if (depth > DEPTH_MAX) {
            throw malformed();
        }
        skipSpace();
        return switch (peek()) {
            case '{' -> object(depth);
            case '[' -> array(depth);
            case '"' -> new Value.Text(string());
            default -> word();
        };
    }

    private Value object(int depth) {
        Map<String, Value> members = new LinkedHashMap<>();
        at++;
        skipSpace();
        if (take('}')) {
            return new Value.Members(members);
        }
        do {
            skipSpace();
            String name = string();
            skipSpace();
            require(':');
            if (members.put(name, value(depth + 1)) != null) {
                throw malformed();
            }
            skipSpace();
        } while (take(','));
        require('}');
        return new Value.Members(members);
    }

    private Value array(int depth) {
        List<Value> items = new ArrayList<>();
        at++;
        skipSpace();
        if (take(']')) {
            return new Value.Items(items);
        }
        do {
            items.add(value(depth + 1));
            skipSpace();
        } while (take(','));
        require(']');
        return new Value.Items(items);
    }

    private String string() {
        require('"');
        StringBuilder read = new StringBuilder();
        while (true) {
            char next = next();
            if (next == '"') {
                return read.toString();
            }
            if (next < ' ') {
                throw malformed();
            }
            read.append(next == '\\' ? escaped() : next);
        }
    }

    private char escaped() {
        char kind = next();
        return switch (kind) {
            case '"', '\\', '/' -> kind;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                String code = text.substring(Math.min(at, text.length()), Math.min(at + 4, text.length()));
                if (!code.matches("[0-9a-fA-F]{4}")) {
                    throw malformed();
                }
                at += 4;
                yield (char) Integer.parseInt(code, 16);
            }
            default -> throw malformed();
        };
    }

    private Value word() {
        int from = at;
        while (at < text.length() && "+-.0123456789aefElnrstuE".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        String word = text.substring(from, at);
        if (!word.matches("true|false|null|-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?")) {
            throw malformed();
        }
        return new Value.Word(word);
    }

    private void skipSpace() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private char peek() {
        if (at >= text.length()) {
            throw malformed();
        }
        return text.charAt(at);
    }

    private char next() {
        char next = peek();
        at++;
        return next;
    }

    private boolean take(char wanted) {
        boolean there = at < text.length() && text.charAt(at) == wanted;
        if (there) {
            at++;
        }
        return there;
    }

    private void require(char wanted) {
        if (!take(wanted)) {
            throw malformed();
        }
    }

    private IllegalArgumentException malformed() {
        return new IllegalArgumentException("malformed JSON at character " + at);
    }
}
