package io.latticegate.client.search;

import java.util.Map;

/** A text of a collection. */
public record TextEntry(TextLabel label, String text) {
    /** A text with metadata. */
    public static TextEntry of(String id, String text, Map<String, Object> metadata) {
        return new TextEntry(new TextLabel(id, metadata), text);
    }
}
