package io.latticegate.proxy.dialect;

import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Walks over the members of one JSON object and says where each stands, without reading what is inside them. It serves
 * bytes that are forwarded as they are: for those it is enough to find a member, and a document that is no JSON only ends
 * the walk early. Costs one pass over the bytes and no allocation. Keys that are written with escapes match nothing.
 */
final class JsonMembers {
    private final byte[] bytes;
    private final int end;
    private int next;
    private boolean more;

    /** Where the current member's key begins (its quote), where its value begins and ends. */
    int memberStart;

    int valueStart;
    int valueEnd;

    private int keyStart;
    private int keyEnd;

    /** Where the comma before the current member stands, or -1 for the first member. */
    int commaBefore = -1;

    JsonMembers(byte[] bytes, int offset, int length) {
        this.bytes = bytes;
        this.end = offset + length;
        this.next = blanks(offset);
        this.more = next < end && bytes[next] == '{';
        this.next++;
    }

    /** Goes to the next member; false at the end of the object, or where the bytes stop being JSON. */
    boolean next() {
        if (!more) {
            return false;
        }
        more = false;
        int at = blanks(next);
        if (keyEnd > 0) {
            if (at >= end || bytes[at] != ',') {
                return false;
            }
            commaBefore = at;
            at = blanks(at + 1);
        }
        if (at >= end || bytes[at] != '"') {
            return false;
        }
        memberStart = at;
        keyStart = at + 1;
        int afterKey = afterString(at);
        if (afterKey < 0) {
            return false;
        }
        keyEnd = afterKey - 1;
        at = blanks(afterKey);
        if (at >= end || bytes[at] != ':') {
            return false;
        }
        valueStart = blanks(at + 1);
        valueEnd = afterValue(valueStart);
        if (valueEnd < 0) {
            return false;
        }
        next = valueEnd;
        more = true;
        return true;
    }

    boolean keyIs(String ascii) {
        if (keyEnd - keyStart != ascii.length()) {
            return false;
        }
        for (int i = 0; i < ascii.length(); i++) {
            if (bytes[keyStart + i] != ascii.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Whether the value is exactly this text, for literals and for strings with their quotes. */
    boolean valueIs(String ascii) {
        if (valueEnd - valueStart != ascii.length()) {
            return false;
        }
        for (int i = 0; i < ascii.length(); i++) {
            if (bytes[valueStart + i] != ascii.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    boolean valueIsObject() {
        return bytes[valueStart] == '{';
    }

    boolean valueIsString() {
        return bytes[valueStart] == '"';
    }

    /** An array without elements. */
    boolean valueIsEmptyArray() {
        return bytes[valueStart] == '[' && blanks(valueStart + 1) == valueEnd - 1;
    }

    /** The members of a value that is an object. */
    JsonMembers value() {
        return new JsonMembers(bytes, valueStart, valueEnd - valueStart);
    }

    /** The members of the first element of a value that is an array of objects; none for anything else. */
    JsonMembers firstElement() {
        int at = bytes[valueStart] == '[' ? valueStart + 1 : valueEnd;
        return new JsonMembers(bytes, at, valueEnd - at);
    }

    /** Hands out the members of each object in a value that is an array, up to the first element that is none. */
    void forEachElement(Consumer<JsonMembers> use) {
        if (bytes[valueStart] != '[') {
            return;
        }
        int at = blanks(valueStart + 1);
        while (at < valueEnd && bytes[at] == '{') {
            int after = afterContainer(at);
            if (after < 0) {
                return;
            }
            use.accept(new JsonMembers(bytes, at, after - at));
            at = blanks(after);
            if (at >= valueEnd || bytes[at] != ',') {
                return;
            }
            at = blanks(at + 1);
        }
    }

    /** Bytes of the value as written. */
    int valueBytes() {
        return valueEnd - valueStart;
    }

    /** Bytes between the quotes of a string value; 0 for any other value. */
    int stringBytes() {
        return valueIsString() ? valueEnd - valueStart - 2 : 0;
    }

    /** A whole number from 0 up, or -1. A fraction is cut off; more than 18 digits are no number of tokens. */
    long number() {
        long value = -1;
        for (int i = valueStart; i < valueEnd; i++) {
            byte digit = bytes[i];
            if (digit < '0' || digit > '9') {
                return digit == '.' ? value : -1;
            }
            if (i - valueStart >= 18) {
                return -1;
            }
            value = Math.max(value, 0) * 10 + digit - '0';
        }
        return value;
    }

    /** A string value decoded, or null. */
    @Nullable
    String text() {
        if (!valueIsString()) {
            return null;
        }
        for (int i = valueStart; i < valueEnd; i++) {
            if (bytes[i] == '\\') {
                return decoded();
            }
        }
        return new String(bytes, valueStart + 1, valueEnd - valueStart - 2, StandardCharsets.UTF_8);
    }

    private @Nullable String decoded() {
        try (JsonParser parser = StrictJson.open(bytes, valueStart, valueEnd - valueStart)) {
            parser.nextToken();
            return parser.getText();
        } catch (IOException undecodable) {
            return null;
        }
    }

    private int blanks(int at) {
        int i = at;
        while (i < end && (bytes[i] == ' ' || bytes[i] == '\n' || bytes[i] == '\r' || bytes[i] == '\t')) {
            i++;
        }
        return i;
    }

    /** The position after the string that opens at {@code quote}, or -1. */
    private int afterString(int quote) {
        for (int i = quote + 1; i < end; i++) {
            byte b = bytes[i];
            if (b == '"') {
                return i + 1;
            }
            if (b == '\\') {
                i++;
            }
        }
        return -1;
    }

    private int afterValue(int at) {
        if (at >= end) {
            return -1;
        }
        return switch (bytes[at]) {
            case '"' -> afterString(at);
            case '{', '[' -> afterContainer(at);
            default -> afterScalar(at);
        };
    }

    private int afterContainer(int open) {
        int depth = 0;
        for (int i = open; i < end; i++) {
            switch (bytes[i]) {
                case '{', '[' -> depth++;
                case '}', ']' -> {
                    depth--;
                    if (depth == 0) {
                        return i + 1;
                    }
                }
                case '"' -> {
                    int after = afterString(i);
                    if (after < 0) {
                        return -1;
                    }
                    i = after - 1;
                }
                default -> {}
            }
        }
        return -1;
    }

    private int afterScalar(int at) {
        int i = at;
        while (i < end && bytes[i] != ',' && bytes[i] != '}' && bytes[i] != ']' && bytes[i] > ' ') {
            i++;
        }
        return i == at ? -1 : i;
    }
}
