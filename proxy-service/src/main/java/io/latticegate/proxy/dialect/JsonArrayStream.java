package io.latticegate.proxy.dialect;

import java.io.ByteArrayOutputStream;
import java.util.function.Consumer;

/**
 * Follows a JSON array of objects as its bytes arrive and hands out each object once it is whole: the form of a Gemini
 * stream without {@code alt=sse}. Chunks may be split anywhere. An object has at most {@value
 * SseParser#EVENT_BYTES_MAX} bytes. What is no array of objects ends the reading. Not thread-safe; one instance per stream.
 */
public final class JsonArrayStream {
    private enum Place {
        BEFORE,
        FIRST,
        BETWEEN,
        AFTER_COMMA,
        INSIDE,
        ENDED,
        BROKEN
    }

    private final ByteArrayOutputStream element = new ByteArrayOutputStream();
    private Place place = Place.BEFORE;
    private int depth;
    private boolean inString;
    private boolean escaped;

    /** Takes the next bytes and hands out every object that they complete. */
    public void feed(byte[] bytes, Consumer<byte[]> sink) {
        for (byte b : bytes) {
            if (place == Place.INSIDE) {
                inside(b, sink);
            } else if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
                outside(b);
            }
        }
    }

    /** Whether the array was closed. */
    public boolean ended() {
        return place == Place.ENDED;
    }

    /** Whether the bytes are no array of objects, or an object is too large. */
    public boolean broken() {
        return place == Place.BROKEN;
    }

    /** What has to stand before one more element that is written here; only where {@link #takesElement}. */
    public String beforeElement() {
        return switch (place) {
            case BEFORE -> "[";
            case BETWEEN -> ",";
            case FIRST, AFTER_COMMA -> "";
            case INSIDE, ENDED, BROKEN -> throw new IllegalStateException("no element can stand here");
        };
    }

    /** Whether one more element could be written here. */
    public boolean takesElement() {
        return place != Place.INSIDE && place != Place.ENDED && place != Place.BROKEN;
    }

    private void outside(byte b) {
        place = switch (place) {
            case BEFORE -> b == '[' ? Place.FIRST : Place.BROKEN;
            case FIRST -> b == '{' ? begin(b) : b == ']' ? Place.ENDED : Place.BROKEN;
            case AFTER_COMMA -> b == '{' ? begin(b) : Place.BROKEN;
            case BETWEEN -> b == ',' ? Place.AFTER_COMMA : b == ']' ? Place.ENDED : Place.BROKEN;
            case INSIDE, ENDED, BROKEN -> Place.BROKEN;
        };
    }

    private Place begin(byte brace) {
        element.reset();
        element.write(brace);
        depth = 1;
        return Place.INSIDE;
    }

    private void inside(byte b, Consumer<byte[]> sink) {
        if (element.size() >= SseParser.EVENT_BYTES_MAX) {
            element.reset();
            place = Place.BROKEN;
            return;
        }
        element.write(b);
        if (escaped) {
            escaped = false;
        } else if (inString) {
            escaped = b == '\\';
            inString = b != '"';
        } else if (b == '"') {
            inString = true;
        } else if (b == '{' || b == '[') {
            depth++;
        } else if (b == '}' || b == ']') {
            depth--;
            if (depth == 0) {
                place = Place.BETWEEN;
                sink.accept(element.toByteArray());
            }
        }
    }
}
