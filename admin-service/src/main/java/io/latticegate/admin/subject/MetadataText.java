package io.latticegate.admin.subject;

import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;

/** Metadata of an entry as the column of that name holds it. */
public final class MetadataText {
    /** A JSON object with sorted keys; empty for no entries. Control characters never get this far. */
    public static String json(Map<String, String> metadata) {
        if (metadata.isEmpty()) {
            return "";
        }
        StringJoiner object = new StringJoiner(",", "{", "}");
        new TreeMap<>(metadata).forEach((key, value) -> object.add(quoted(key) + ":" + quoted(value)));
        return object.toString();
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private MetadataText() {}
}
