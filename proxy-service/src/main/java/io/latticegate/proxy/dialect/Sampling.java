package io.latticegate.proxy.dialect;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** What a request says about chance, in any dialect. */
public final class Sampling {
    /**
     * Whether the request sets a temperature above 0, at its top level or in {@code generationConfig}. A request that says
     * nothing has the model's default, which this cannot know.
     *
     * @param body a request that {@link RequestScan} has accepted
     */
    public static boolean asksForVariety(byte[] body) {
        try (JsonParser parser = StrictJson.open(body, 0, body.length)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME || parser.currentToken() == JsonToken.END_OBJECT) {
                if (parser.currentToken() == JsonToken.END_OBJECT) {
                    continue;
                }
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (name.equals("temperature") && value.isNumeric() && parser.getDoubleValue() > 0) {
                    return true;
                }
                if (!name.equals("generationConfig") || value != JsonToken.START_OBJECT) {
                    parser.skipChildren();
                }
            }
            return false;
        } catch (IOException unreadable) {
            return true;
        }
    }

    private Sampling() {}
}
