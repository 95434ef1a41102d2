package io.latticegate.admin.analytics;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** Reads the column of metadata: an object whose values are strings. */
final class StoredMetadata {
    private static final JsonFactory JSON = new JsonFactory();

    /** Nothing where it is damaged. */
    static Map<String, String> read(String json) {
        if (json.isEmpty()) {
            return Map.of();
        }
        Map<String, String> read = new HashMap<>();
        try (JsonParser parser = JSON.createParser(json)) {
            parser.nextToken();
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                if (parser.nextToken() == JsonToken.VALUE_STRING) {
                    read.put(name, parser.getText());
                } else {
                    parser.skipChildren();
                }
            }
        } catch (IOException damaged) {
            return Map.of();
        }
        return read;
    }

    private StoredMetadata() {}
}
